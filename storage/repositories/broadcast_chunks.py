"""Batches of a mass send: formed, claimed, finished, and joined with what WeChat reports of them.

Leases run on the database's clock, as the outbox's do. Every finish is fenced by owner and epoch.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Integer, Uuid, bindparam, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from storage.broadcast_states import BroadcastState, ChunkState, RecipientState
from storage.tables import Broadcast, BroadcastChunk, BroadcastRecipient, Follower, MassSendReceipt

OPEN = (ChunkState.WAITING, ChunkState.SENDING)

# Whoever left since the audience was frozen, or has got their four of the month, is passed over for good.
_FORM = text(
    """
    WITH picked AS (
        SELECT r.follower_id,
            f.unfollowed_at IS NOT NULL OR f.forgotten_at IS NOT NULL OR f.unreachable_code IS NOT NULL AS gone,
            (SELECT count(*) FROM broadcast_recipients x JOIN broadcasts b ON b.id = x.broadcast_id
             WHERE x.follower_id = r.follower_id AND x.sent_at >= :month AND b.kind = 'mass') >= :monthly AS satisfied
        FROM broadcast_recipients r
        JOIN followers f ON f.id = r.follower_id
        WHERE r.broadcast_id = :broadcast AND r.state = 'pending'
        ORDER BY r.follower_id
        LIMIT :size
    )
    UPDATE broadcast_recipients r
    SET state = CASE WHEN p.gone OR p.satisfied THEN 'skipped' ELSE 'sending' END,
        reason = CASE WHEN p.gone THEN 'gone' WHEN p.satisfied THEN 'full' END,
        chunk_id = CASE WHEN p.gone OR p.satisfied THEN NULL ELSE :chunk END,
        sent_at = CASE WHEN p.gone OR p.satisfied THEN NULL ELSE :now END
    FROM picked p
    WHERE r.broadcast_id = :broadcast AND r.follower_id = p.follower_id
    RETURNING r.state
    """
).bindparams(
    bindparam("broadcast", type_=Uuid),
    bindparam("chunk", type_=Uuid),
    bindparam("size", type_=Integer),
    bindparam("monthly", type_=Integer),
    bindparam("now", type_=DateTime(timezone=True)),
    bindparam("month", type_=DateTime(timezone=True)),
)
_LOCK_MSGID = text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 2))")


class ChunkRepository:
    """The tables `broadcast_chunks` and `mass_receipts`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def clock(self) -> datetime:
        """The database's time now."""
        moment: datetime = (await self.session.execute(select(func.clock_timestamp()))).scalar_one()
        return moment

    async def take_open(self, now: datetime) -> tuple[BroadcastChunk, Broadcast] | None:
        """A batch whose next try is due, or whose sender died; locked.

        One that may have left is followed up whatever became of its broadcast; any other one only while that runs.
        """
        row = (
            await self.session.execute(
                select(BroadcastChunk, Broadcast)
                .join(Broadcast, Broadcast.id == BroadcastChunk.broadcast_id)
                .where(
                    or_(
                        (BroadcastChunk.state == ChunkState.SENDING)
                        & (BroadcastChunk.lease_until < func.clock_timestamp()),
                        (BroadcastChunk.state == ChunkState.WAITING)
                        & (BroadcastChunk.due_at <= now)
                        & or_(BroadcastChunk.may_have_left, Broadcast.state == BroadcastState.RUNNING),
                    )
                )
                .order_by(BroadcastChunk.due_at)
                .limit(1)
                .with_for_update(of=BroadcastChunk, skip_locked=True)
            )
        ).one_or_none()
        return (row[0], row[1]) if row is not None else None

    async def find_open(self, broadcast_id: UUID, *, for_update: bool = False) -> BroadcastChunk | None:
        """The batch that is under way."""
        statement = select(BroadcastChunk).where(
            BroadcastChunk.broadcast_id == broadcast_id, BroadcastChunk.state.in_(OPEN)
        )
        if for_update:
            statement = statement.with_for_update().execution_options(populate_existing=True)
        return await self.session.scalar(statement)

    async def count_pending(self, broadcast_id: UUID, at_most: int) -> int:
        """How many recipients wait, counted up to `at_most`."""
        waiting = (
            select(BroadcastRecipient.follower_id)
            .where(
                BroadcastRecipient.broadcast_id == broadcast_id,
                BroadcastRecipient.state == RecipientState.PENDING,
            )
            .limit(at_most)
            .subquery()
        )
        return await self.session.scalar(select(func.count()).select_from(waiting)) or 0

    async def next_number(self, broadcast_id: UUID) -> int:
        """From 1; the caller holds the broadcast's lock."""
        highest = await self.session.scalar(
            select(func.max(BroadcastChunk.number)).where(BroadcastChunk.broadcast_id == broadcast_id)
        )
        return (highest or 0) + 1

    async def form(
        self, broadcast_id: UUID, chunk_id: UUID, size: int, *, now: datetime, month: datetime, monthly: int
    ) -> tuple[int, int]:
        """Put up to `size` waiting recipients into a batch; says how many went in, and how many were passed over."""
        rows = await self.session.scalars(
            _FORM,
            {
                "broadcast": broadcast_id,
                "chunk": chunk_id,
                "size": size,
                "now": now,
                "month": month,
                "monthly": monthly,
            },
        )
        states = rows.all()
        taken = sum(state == RecipientState.SENDING for state in states)
        return taken, len(states) - taken

    async def add(self, chunk: BroadcastChunk) -> None:
        """Written at once."""
        self.session.add(chunk)
        await self.session.flush()

    async def openids(self, chunk_id: UUID) -> Sequence[str]:
        """Whom a batch goes to, in a fixed order: a repeat names the same."""
        rows = await self.session.scalars(
            select(Follower.openid)
            .join(BroadcastRecipient, BroadcastRecipient.follower_id == Follower.id)
            .where(BroadcastRecipient.chunk_id == chunk_id)
            .order_by(Follower.id)
        )
        return rows.all()

    async def finish(self, chunk_id: UUID, owner: str, epoch: int, values: dict[str, Any]) -> bool:
        """Write what a try came to; False when the claim was lost, and then nothing was written."""
        finished = await self.session.scalar(
            update(BroadcastChunk)
            .where(
                BroadcastChunk.id == chunk_id,
                BroadcastChunk.owner == owner,
                BroadcastChunk.epoch == epoch,
                BroadcastChunk.state == ChunkState.SENDING,
            )
            .values(values)
            .returning(BroadcastChunk.id)
            .execution_options(synchronize_session=False)
        )
        return finished is not None

    async def move(self, chunk_id: UUID, to: RecipientState, /, **values: Any) -> int:
        """Everybody of a batch gets another state; says how many."""
        moved = await self.session.execute(
            update(BroadcastRecipient)
            .where(BroadcastRecipient.chunk_id == chunk_id)
            .values(state=to, **values)
            .execution_options(synchronize_session=False)
        )
        return int(getattr(moved, "rowcount", 0))

    async def of(self, broadcast_id: UUID) -> Sequence[BroadcastChunk]:
        """All batches of a broadcast, the first first."""
        rows = await self.session.scalars(
            select(BroadcastChunk)
            .where(BroadcastChunk.broadcast_id == broadcast_id)
            .order_by(BroadcastChunk.number)
        )
        return rows.all()

    # ---- what WeChat reports ---------------------------------------------------------------------------------

    async def lock_msgid(self, account: str, msgid: str) -> None:
        """Until the end of this transaction nobody else joins a report with its batch."""
        await self.session.execute(_LOCK_MSGID, {"key": f"{account}\n{msgid}"})

    async def add_receipt(self, receipt: dict[str, Any]) -> None:
        """Keep a report; a second one for the same msgid changes nothing."""
        await self.session.execute(insert(MassSendReceipt).values(receipt).on_conflict_do_nothing())

    async def find_receipt(self, account: str, msgid: str) -> MassSendReceipt | None:
        """The report for `msgid`."""
        return await self.session.get(MassSendReceipt, (account, msgid))

    async def find_accepted(self, account: str, msgid: str) -> BroadcastChunk | None:
        """The batch that waits for this report, locked."""
        return await self.session.scalar(
            select(BroadcastChunk)
            .where(
                BroadcastChunk.account == account,
                BroadcastChunk.msgid == msgid,
                BroadcastChunk.state == ChunkState.ACCEPTED,
            )
            .limit(1)
            .with_for_update()
        )

    async def take_silent(self, before: datetime, asked_before: datetime) -> BroadcastChunk | None:
        """A batch of which no report came, and which was not asked about lately; locked."""
        return await self.session.scalar(
            select(BroadcastChunk)
            .where(
                BroadcastChunk.state == ChunkState.ACCEPTED,
                BroadcastChunk.accepted_at < before,
                or_(BroadcastChunk.asked_at.is_(None), BroadcastChunk.asked_at < asked_before),
            )
            .order_by(BroadcastChunk.accepted_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )


def lease(lasts: timedelta) -> Any:
    """A lease from now on, by the database's clock."""
    return func.clock_timestamp() + lasts
