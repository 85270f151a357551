"""The outbox 待发箱: claiming, a few statements for hundreds of messages. How claims end is in `endings`.

Two clocks: what is due is decided by the caller's `now`; leases, the age of a try and the wait for a receipt run on
the database's clock, which all processes share.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    DateTime,
    Double,
    Integer,
    Text,
    Update,
    Uuid,
    bindparam,
    column,
    func,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession

from storage.states import DeliveryState
from storage.tables import Base, OutboxMessage

_OUTBOX = Base.metadata.tables["outbox"]
_FOLLOWERS = Base.metadata.tables["followers"]

# A follower's line stands still while a message of theirs is on its way or waits for its receipt, and while an older
# one waits for its next try.
_LINE_IS_FREE = """
    NOT EXISTS (
        SELECT FROM outbox b
        WHERE b.follower_id = o.follower_id AND b.state IN ('sending', 'unknown') AND b.surfaced_at IS NULL
    )
    AND NOT EXISTS (
        SELECT FROM outbox b
        WHERE b.follower_id = o.follower_id AND b.state = 'queued'
          AND b.attempts > 0 AND b.due_at > :now AND b.created_at < o.created_at
    )
"""

# For each account its share, whatever waits for the others.
_LOCK_FOLLOWERS = text(
    f"""
    SELECT f.id
    FROM followers f
    WHERE f.id IN (
        SELECT due.follower_id
        FROM unnest(:accounts, :most) AS share (account, most)
        CROSS JOIN LATERAL (
            SELECT o.follower_id, o.due_at
            FROM outbox o
            WHERE o.account = share.account AND o.state = 'queued' AND o.due_at <= :now AND {_LINE_IS_FREE}
            ORDER BY o.due_at
            LIMIT share.most
        ) due
        ORDER BY due.due_at
        LIMIT :limit
    )
    FOR NO KEY UPDATE OF f SKIP LOCKED
    """  # noqa: S608 - a constant of this module
).bindparams(bindparam("accounts", type_=ARRAY(Text)), bindparam("most", type_=ARRAY(Integer)))

# With the followers locked nobody else claims for them, and this statement's snapshot shows what was claimed before.
# Rows of one transaction have the same `created_at`; their place in the table tells which was written first.
_TAKE_OLDEST = text(
    f"""
    SELECT m.id, m.notice, m.facts, m.client_msg_id, m.channel, m.due_at, m.attempts, m.epoch, m.first_sent_at,
           f.id, f.account, f.openid, f.unfollowed_at, f.unreachable_code, f.last_inbound_at,
           f.window_until, f.window_left, clock_timestamp() AS read_at
    FROM unnest(:followers) AS line (follower_id)
    JOIN followers f ON f.id = line.follower_id
    CROSS JOIN LATERAL (
        SELECT *
        FROM outbox o
        WHERE o.follower_id = line.follower_id AND o.state = 'queued' AND o.due_at <= :now AND {_LINE_IS_FREE}
        ORDER BY o.created_at, o.due_at, o.ctid
        LIMIT 1
        FOR UPDATE SKIP LOCKED
    ) m
    """  # noqa: S608 - a constant of this module
).bindparams(bindparam("followers", type_=ARRAY(Uuid)))

_TAKE_LAPSED = text(
    """
    SELECT m.id, m.notice, m.facts, m.client_msg_id, m.channel, m.due_at, m.attempts, m.epoch, m.first_sent_at,
           f.id, f.account, f.openid, f.unfollowed_at, f.unreachable_code, f.last_inbound_at,
           f.window_until, f.window_left, clock_timestamp() AS read_at
    FROM outbox m
    JOIN followers f ON f.id = m.follower_id
    WHERE m.state = 'sending' AND m.lease_until < clock_timestamp()
    ORDER BY m.lease_until
    LIMIT :limit
    FOR UPDATE OF m SKIP LOCKED
    """
)
_COLUMNS: Final = (
    _OUTBOX.c.id,
    _OUTBOX.c.notice,
    _OUTBOX.c.facts,
    _OUTBOX.c.client_msg_id,
    _OUTBOX.c.channel,
    _OUTBOX.c.due_at,
    _OUTBOX.c.attempts,
    _OUTBOX.c.epoch,
    _OUTBOX.c.first_sent_at,
    _FOLLOWERS.c.id,
    _FOLLOWERS.c.account,
    _FOLLOWERS.c.openid,
    _FOLLOWERS.c.unfollowed_at,
    _FOLLOWERS.c.unreachable_code,
    _FOLLOWERS.c.last_inbound_at,
    _FOLLOWERS.c.window_until,
    _FOLLOWERS.c.window_left,
    column("read_at", DateTime(timezone=True)),
)

_CLAIM = text(
    """
    UPDATE outbox o
    SET state = 'sending', owner = :owner, channel = c.channel, attempts = o.attempts + 1, epoch = o.epoch + 1,
        lease_until = clock_timestamp() + c.lease * interval '1 second', first_sent_at = c.first_sent_at,
        surfaced_at = NULL
    FROM unnest(:ids, :channels, :leases, :first_sent_at) AS c (id, channel, lease, first_sent_at)
    WHERE o.id = c.id
    """
).bindparams(
    bindparam("ids", type_=ARRAY(Uuid)),
    bindparam("channels", type_=ARRAY(Text)),
    bindparam("leases", type_=ARRAY(Double)),
    bindparam("first_sent_at", type_=ARRAY(DateTime(timezone=True))),
)

_USE_WINDOWS = text(
    """
    UPDATE followers f
    SET window_left = f.window_left - used.messages
    FROM unnest(:followers, :messages) AS used (follower_id, messages)
    WHERE f.id = used.follower_id
    """
).bindparams(bindparam("followers", type_=ARRAY(Uuid)), bindparam("messages", type_=ARRAY(Integer)))

_WAKING = (
    update(_OUTBOX)
    .where(
        _OUTBOX.c.follower_id == bindparam("waking_whom"),
        _OUTBOX.c.state == DeliveryState.QUEUED,
        _OUTBOX.c.channel == bindparam("waking_channel"),
    )
    .values(due_at=bindparam("waking_at"))
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A locked message with its follower, as one statement read them."""

    id: UUID
    notice: str
    facts: Mapping[str, Any]
    client_msg_id: str
    channel: str | None
    due_at: datetime
    attempts: int
    epoch: int
    #: Database time, None when no send may have left.
    first_sent_at: datetime | None
    follower_id: UUID
    account: str
    openid: str
    unfollowed_at: datetime | None
    unreachable_code: int | None
    last_inbound_at: datetime | None
    window_until: datetime | None
    window_left: int
    #: The database's time at which it was read.
    read_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class Taking:
    """A message to claim: how it goes, and for how long the claim holds."""

    message: Waiting
    channel: str
    lease: timedelta
    #: Database time at which the first send under its id began that may have left.
    first_sent_at: datetime
    #: What it takes from the follower's customer-service window.
    window_messages: int = 0


class OutboxRepository:
    """The table `outbox`, and the windows of `followers` that its messages use."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def clock(self) -> datetime:
        """The database's time now."""
        moment: datetime = (await self.session.execute(select(func.clock_timestamp()))).scalar_one()
        return moment

    async def lock_followers(self, now: datetime, limit: int, shares: Mapping[str, int]) -> list[UUID]:
        """Lock followers with a message that is due and may go: `limit`, and of each account its share at most."""
        found = await self.session.execute(
            _LOCK_FOLLOWERS,
            {"now": now, "limit": limit, "accounts": list(shares), "most": list(shares.values())},
        )
        return [row[0] for row in found]

    async def take_oldest(self, followers: Collection[UUID], now: datetime) -> list[Waiting]:
        """For each of these locked followers the oldest message that is due, locked."""
        found = await self.session.execute(
            _TAKE_OLDEST.columns(*_COLUMNS), {"now": now, "followers": list(followers)}
        )
        return [Waiting(*row) for row in found]

    async def take_lapsed(self, limit: int) -> list[Waiting]:
        """Messages whose lease has lapsed, locked, with their followers (not locked); the oldest lease first."""
        found = await self.session.execute(_TAKE_LAPSED.columns(*_COLUMNS), {"limit": limit})
        return [Waiting(*row) for row in found]

    async def claim(self, owner: str, taken: Sequence[Taking]) -> None:
        """Mark locked messages as claimed by `owner`: one try, one epoch more; and take from the windows."""
        if not taken:
            return
        await self.session.execute(
            _CLAIM,
            {
                "owner": owner,
                "ids": [one.message.id for one in taken],
                "channels": [one.channel for one in taken],
                "leases": [one.lease.total_seconds() for one in taken],
                "first_sent_at": [one.first_sent_at for one in taken],
            },
        )
        used = {one.message.follower_id: one.window_messages for one in taken if one.window_messages}
        if used:
            await self.session.execute(
                _USE_WINDOWS, {"followers": list(used), "messages": list(used.values())}
            )

    async def write(self, message_id: UUID, **values: Any) -> None:
        """Change a locked message."""
        await self.session.execute(update(_OUTBOX).where(_OUTBOX.c.id == message_id).values(values))

    async def settle_unknown(self, message_ids: Collection[UUID], *, has_receipt: bool, words: str) -> None:
        """Locked messages whose claim lapsed and that may have left: without a receipt to come, staff see them now."""
        await self.session.execute(
            update(_OUTBOX)
            .where(_OUTBOX.c.id.in_(message_ids))
            .values(
                state=DeliveryState.UNKNOWN,
                lease_until=None,
                surfaced_at=None if has_receipt else func.clock_timestamp(),
                errmsg=func.coalesce(_OUTBOX.c.errmsg, words),
            )
        )

    async def surface(self, wait: timedelta) -> list[UUID]:
        """Those `unknown` whose first send began longer ago than `wait`: no receipt is waited for any more."""
        found = await self.session.scalars(
            update(_OUTBOX)
            .where(
                _OUTBOX.c.state == DeliveryState.UNKNOWN,
                _OUTBOX.c.surfaced_at.is_(None),
                _OUTBOX.c.first_sent_at < func.clock_timestamp() - wait,
            )
            .values(surfaced_at=func.clock_timestamp())
            .returning(_OUTBOX.c.id)
        )
        return list(found.all())

    async def lease(self, message_id: UUID, owner: str, epoch: int, lasts: timedelta, **values: Any) -> bool:
        """Prolong the lease of a claim, and write `values`; False when the claim was lost."""
        prolonged = await self.session.scalar(
            update(_OUTBOX)
            .where(
                _OUTBOX.c.id == message_id,
                _OUTBOX.c.owner == owner,
                _OUTBOX.c.epoch == epoch,
                _OUTBOX.c.state == DeliveryState.SENDING,
            )
            .values({**values, "lease_until": func.clock_timestamp() + lasts})
            .returning(_OUTBOX.c.id)
        )
        return prolonged is not None

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
    def waking(follower_id: UUID, waiting: str, now: datetime) -> tuple[Update, dict[str, Any]]:
        """The statement that makes due what waits for a window, rows queued with this channel; and its parameters."""
        return _WAKING, {"waking_whom": follower_id, "waking_channel": waiting, "waking_at": now}
