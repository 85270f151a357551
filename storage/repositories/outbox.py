"""The outbox 待发箱 and the platform's receipts: claiming, finishing, joining.

Two clocks: what is due is decided by the caller's `now`; leases and the age of a try run on the database's clock,
which all processes share. A queued row's `due_at` is the caller's, a claimed row's is the database time at which its
first send began: a repeat under the same id keeps it.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Text, Update, Uuid, bindparam, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from storage.states import DeliveryState
from storage.tables import Base, Follower, OutboxMessage, Receipt

_OUTBOX = Base.metadata.tables["outbox"]

# A follower's line stands still while a message of theirs is on its way, while it is not known whether a template
# message left (its receipt comes within minutes), and while an older one waits for its next try.
_LINE_IS_FREE = """
    NOT EXISTS (
        SELECT FROM outbox b
        WHERE b.follower_id = o.follower_id
          AND (
            b.state = 'sending'
            OR (b.state = 'unknown' AND b.channel = 'template'
                AND b.due_at > clock_timestamp() - interval '10 minutes')
            OR (b.state = 'queued' AND b.attempts > 0 AND b.due_at > :now AND b.created_at < o.created_at)
          )
    )
"""

_LOCK_FOLLOWERS = text(
    f"""
    SELECT f.*
    FROM followers f
    WHERE f.id IN (
        SELECT o.follower_id
        FROM outbox o
        JOIN followers g ON g.id = o.follower_id AND g.account <> ALL(:resting)
        WHERE o.state = 'queued' AND o.due_at <= :now AND {_LINE_IS_FREE}
        ORDER BY o.due_at
        LIMIT :limit
    )
    FOR NO KEY UPDATE OF f SKIP LOCKED
    """  # noqa: S608 - a constant of this module
).bindparams(bindparam("resting", type_=ARRAY(Text)))

# With the followers locked nobody else claims for them, and this statement's snapshot shows what was claimed before.
# Rows of one transaction have the same `created_at`; their place in the table tells which was written first.
_TAKE_OLDEST = text(
    f"""
    SELECT oldest.*
    FROM unnest(:followers) AS line (follower_id)
    CROSS JOIN LATERAL (
        SELECT *
        FROM outbox o
        WHERE o.follower_id = line.follower_id AND o.state = 'queued' AND o.due_at <= :now AND {_LINE_IS_FREE}
        ORDER BY o.created_at, o.due_at, o.ctid
        LIMIT 1
        FOR UPDATE SKIP LOCKED
    ) oldest
    """  # noqa: S608 - a constant of this module
).bindparams(bindparam("followers", type_=ARRAY(Uuid)))

_LOCK_MSGID = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 1))")


class OutboxRepository:
    """The tables `outbox` and `receipts`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def clock(self) -> datetime:
        """The database's time now."""
        moment: datetime = (await self.session.execute(select(func.clock_timestamp()))).scalar_one()
        return moment

    async def lock_followers(self, now: datetime, limit: int, resting: Collection[str]) -> Sequence[Follower]:
        """Followers with a message that is due and may go, locked; those of `resting` accounts are left alone."""
        found = await self.session.scalars(
            select(Follower).from_statement(_LOCK_FOLLOWERS),
            {"now": now, "limit": limit, "resting": list(resting)},
        )
        return found.all()

    async def take_oldest(self, followers: Collection[UUID], now: datetime) -> Sequence[OutboxMessage]:
        """For each of these locked followers the oldest message that is due, locked."""
        found = await self.session.scalars(
            select(OutboxMessage).from_statement(_TAKE_OLDEST), {"now": now, "followers": list(followers)}
        )
        return found.all()

    async def take_lapsed(self, limit: int) -> list[tuple[OutboxMessage, Follower]]:
        """Messages whose lease has lapsed, locked, with their followers (not locked); the oldest lease first."""
        found = await self.session.execute(
            select(OutboxMessage, Follower)
            .join(Follower, Follower.id == OutboxMessage.follower_id)
            .where(
                OutboxMessage.state == DeliveryState.SENDING,
                OutboxMessage.lease_until < func.clock_timestamp(),
            )
            .order_by(OutboxMessage.lease_until)
            .limit(limit)
            .with_for_update(of=OutboxMessage, skip_locked=True)
        )
        return [(message, follower) for message, follower in found]

    async def finish(self, message_id: UUID, owner: str, epoch: int, values: dict[str, Any]) -> bool:
        """Write what a try came to; False when the claim was lost, and then nothing was written.

        One whose lease lapsed, and was not claimed again, may still say what it came to.
        """
        finished = await self.session.scalar(
            update(OutboxMessage)
            .where(
                OutboxMessage.id == message_id,
                OutboxMessage.owner == owner,
                OutboxMessage.epoch == epoch,
                OutboxMessage.state.in_((DeliveryState.SENDING, DeliveryState.UNKNOWN)),
            )
            .values(values)
            .returning(OutboxMessage.id)
            .execution_options(synchronize_session=False)
        )
        return finished is not None

    async def lease(self, message_id: UUID, owner: str, epoch: int, lasts: timedelta, **values: Any) -> bool:
        """Prolong the lease of a claim, and write `values`; False when the claim was lost."""
        until = func.clock_timestamp() + lasts
        return await self.finish(message_id, owner, epoch, {**values, "lease_until": until})

    async def fail_queued(self, follower_id: UUID, reason: str, errcode: int | None, now: datetime) -> int:
        """Nothing that is queued for this follower will be sent; says how many messages."""
        failed = await self.session.scalars(
            update(OutboxMessage)
            .where(OutboxMessage.follower_id == follower_id, OutboxMessage.state == DeliveryState.QUEUED)
            .values(state=DeliveryState.FAILED, errcode=errcode, errmsg=reason, finished_at=now)
            .returning(OutboxMessage.id)
            .execution_options(synchronize_session=False)
        )
        return len(failed.all())

    @staticmethod
    def waking(follower_id: UUID, waiting: str, now: datetime) -> Update:
        """The statement that makes due what waits for a window: rows queued with this channel."""
        return (
            update(_OUTBOX)
            .where(
                _OUTBOX.c.follower_id == follower_id,
                _OUTBOX.c.state == DeliveryState.QUEUED,
                _OUTBOX.c.channel == waiting,
            )
            .values(due_at=now)
        )

    async def lock_msgid(self, account: str, msgid: str) -> None:
        """Until the end of this transaction nobody else joins a receipt with its message."""
        await self.session.execute(_LOCK_MSGID, {"key": f"{account}\n{msgid}"})

    async def find_receipt(self, account: str, msgid: str) -> str | None:
        """The status of the receipt for `msgid`."""
        return await self.session.scalar(
            select(Receipt.status).where(Receipt.account == account, Receipt.msgid == msgid)
        )

    async def add_receipt(self, account: str, msgid: str, status: str, now: datetime) -> None:
        """Keep a receipt; a second one for the same message changes nothing."""
        await self.session.execute(
            insert(Receipt)
            .values(account=account, msgid=msgid, status=status, created_at=now)
            .on_conflict_do_nothing()
        )

    async def settle(self, account: str, msgid: str, values: dict[str, Any]) -> bool:
        """Write what a receipt says to the message that waits for it; False when there is none (yet)."""
        settled = await self.session.scalar(
            update(OutboxMessage)
            .where(
                OutboxMessage.msgid == msgid,
                OutboxMessage.state == DeliveryState.ACCEPTED,
                OutboxMessage.follower_id == Follower.id,
                Follower.account == account,
            )
            .values(values)
            .returning(OutboxMessage.id)
            .execution_options(synchronize_session=False)
        )
        return settled is not None

    async def give_back(self, follower_id: UUID, window_until: datetime, messages: int) -> None:
        """Put messages that did not leave back into the window that they were taken from, if it is still that one."""
        await self.session.execute(
            update(Follower)
            .where(Follower.id == follower_id, Follower.window_until == window_until)
            .values(window_left=Follower.window_left + messages)
            .execution_options(synchronize_session=False)
        )

    async def close_window(self, follower_id: UUID, window_until: datetime) -> None:
        """The platform says that there is none; one that was opened since is left as it is."""
        await self.session.execute(
            update(Follower)
            .where(Follower.id == follower_id, Follower.window_until == window_until)
            .values(window_left=0)
            .execution_options(synchronize_session=False)
        )
