"""Broadcasts and the progress of their recipients; batches are `storage.repositories.broadcast_chunks`."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Uuid, bindparam, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.broadcast_states import BroadcastKind, BroadcastState, RecipientState
from storage.tables import (
    Broadcast,
    BroadcastChunk,
    BroadcastRecipient,
    BroadcastTest,
    Enrolment,
    Follower,
    Person,
)

# What became of a personal message, out of its row in the outbox; one that was taken back waits for another, under
# another key, unless its follower left.
_SETTLE = text(
    """
    UPDATE broadcast_recipients r
    SET state = CASE
            WHEN o.state = 'accepted' THEN 'accepted'
            WHEN o.state = 'delivered' THEN 'delivered'
            WHEN o.state = 'unknown' THEN 'unknown'
            WHEN o.errmsg = 'unfollowed' THEN 'skipped'
            WHEN o.state = 'withdrawn' THEN 'pending'
            ELSE 'failed' END,
        tries = r.tries + CASE WHEN o.state = 'withdrawn' AND o.errmsg IS NULL THEN 1 ELSE 0 END,
        sent_at = CASE WHEN o.state IN ('accepted', 'delivered', 'unknown') THEN r.sent_at END,
        errcode = o.errcode,
        reason = left(o.errmsg, 200)
    FROM outbox o
    WHERE r.broadcast_id = :id AND r.state = ANY(:states)
      AND o.dedupe_key = 'broadcast:' || r.broadcast_id || ':' || r.follower_id || ':' || r.tries
      AND o.state <> ALL('{queued,sending}') AND o.state <> r.state
    RETURNING r.state
    """
).bindparams(bindparam("id", type_=Uuid))


class BroadcastRepository:
    """The tables `broadcasts` and `broadcast_recipients`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def add(self, row: Broadcast) -> None:
        """Written at once: it has its number then."""
        self.session.add(row)
        await self.session.flush()
        await self.session.refresh(row, ["number"])

    async def find(self, broadcast_id: UUID, *, for_update: bool = False) -> Broadcast | None:
        """One; with `for_update` as it is when the lock is had."""
        statement = select(Broadcast).where(Broadcast.id == broadcast_id)
        if for_update:
            statement = statement.with_for_update().execution_options(populate_existing=True)
        return await self.session.scalar(statement)

    async def find_by_number(self, number: int) -> Broadcast | None:
        """By the number that staff read out."""
        return await self.session.scalar(select(Broadcast).where(Broadcast.number == number))

    async def list_page(
        self, organisation_id: UUID | None, *, offset: int, limit: int
    ) -> tuple[Sequence[Broadcast], int]:
        """The newest first, and how many there are."""
        mine = [Broadcast.organisation_id == organisation_id] if organisation_id is not None else []
        total = await self.session.scalar(select(func.count()).select_from(Broadcast).where(*mine)) or 0
        rows = await self.session.scalars(
            select(Broadcast).where(*mine).order_by(Broadcast.number.desc()).offset(offset).limit(limit)
        )
        return rows.all(), total

    async def count_in(self, organisation_id: UUID | None, states: Collection[BroadcastState]) -> int:
        """How many of an organisation are in one of these states."""
        mine = [Broadcast.organisation_id == organisation_id] if organisation_id is not None else []
        counted = await self.session.scalar(select(func.count()).where(Broadcast.state.in_(states), *mine))
        return counted or 0

    async def due(self, now: datetime) -> Sequence[Broadcast]:
        """Approved ones whose time has come, locked, without those that somebody is changing."""
        rows = await self.session.scalars(
            select(Broadcast)
            .where(Broadcast.state == BroadcastState.APPROVED, Broadcast.due_at <= now)
            .order_by(Broadcast.due_at)
            .with_for_update(skip_locked=True)
        )
        return rows.all()

    async def take_running(self, kind: BroadcastKind, taken: Collection[UUID]) -> Broadcast | None:
        """The oldest running one of this kind besides `taken`, locked, without those that somebody has in hand."""
        return await self.session.scalar(
            select(Broadcast)
            .where(
                Broadcast.state == BroadcastState.RUNNING,
                Broadcast.kind == kind,
                Broadcast.id.not_in(taken),
            )
            .order_by(Broadcast.started_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )

    async def counts(self, broadcast_id: UUID) -> Mapping[RecipientState, int]:
        """Recipients by state."""
        rows = await self.session.execute(
            select(BroadcastRecipient.state, func.count())
            .where(BroadcastRecipient.broadcast_id == broadcast_id)
            .group_by(BroadcastRecipient.state)
        )
        return {RecipientState(state): count for state, count in rows}

    async def reasons(self, broadcast_id: UUID) -> Sequence[tuple[RecipientState, int | None, str, int]]:
        """Why how many did not get it, the most first: state, errcode, what was said, count."""
        rows = await self.session.execute(
            select(
                BroadcastRecipient.state,
                BroadcastRecipient.errcode,
                BroadcastRecipient.reason,
                func.count().label("many"),
            )
            .where(
                BroadcastRecipient.broadcast_id == broadcast_id,
                BroadcastRecipient.state.in_(
                    (RecipientState.FAILED, RecipientState.UNKNOWN, RecipientState.SKIPPED)
                ),
            )
            .group_by(
                BroadcastRecipient.state,
                BroadcastRecipient.errcode,
                BroadcastRecipient.reason,
            )
            .order_by(func.count().desc())
        )
        return [(RecipientState(state), code, reason or "", many) for state, code, reason, many in rows]

    async def lines(self, broadcast_id: UUID, limit: int) -> Sequence[Any]:
        """Recipients for the report, who did not get it first: number, name, state, sent_at, errcode, reason."""
        good = BroadcastRecipient.state.in_((RecipientState.ACCEPTED, RecipientState.DELIVERED))
        rows = await self.session.execute(
            select(
                Enrolment.number,
                Person.name,
                BroadcastRecipient.state,
                BroadcastRecipient.sent_at,
                BroadcastRecipient.errcode,
                BroadcastRecipient.reason,
            )
            .outerjoin(Enrolment, Enrolment.id == BroadcastRecipient.enrolment_id)
            .outerjoin(Person, Person.id == Enrolment.person_id)
            .where(BroadcastRecipient.broadcast_id == broadcast_id)
            .order_by(good, Enrolment.number)
            .limit(limit)
        )
        return rows.all()

    async def move(
        self,
        broadcast_id: UUID,
        states: Collection[RecipientState],
        to: RecipientState,
        **values: Any,
    ) -> int:
        """Recipients of these states get another; says how many."""
        moved = await self.session.execute(
            update(BroadcastRecipient)
            .where(BroadcastRecipient.broadcast_id == broadcast_id, BroadcastRecipient.state.in_(states))
            .values(state=to, **values)
            .execution_options(synchronize_session=False)
        )
        return int(getattr(moved, "rowcount", 0))

    async def retry_failed(self, broadcast_id: UUID, *, not_codes: Collection[int]) -> int:
        """Whoever failed waits again, but for those of whom WeChat says that nothing reaches them; says how many."""
        moved = await self.session.execute(
            update(BroadcastRecipient)
            .where(
                BroadcastRecipient.broadcast_id == broadcast_id,
                BroadcastRecipient.state == RecipientState.FAILED,
                func.coalesce(BroadcastRecipient.errcode, 0).not_in(not_codes),
            )
            .values(
                state=RecipientState.PENDING,
                tries=BroadcastRecipient.tries + 1,
                chunk_id=None,
                sent_at=None,
                errcode=None,
                reason=None,
            )
            .execution_options(synchronize_session=False)
        )
        return int(getattr(moved, "rowcount", 0))

    # ---- personal messages -----------------------------------------------------------------------------------

    async def count_queued(self, broadcast_id: UUID) -> int:
        """How many wait in the outbox."""
        counted = await self.session.scalar(
            select(func.count()).where(
                BroadcastRecipient.broadcast_id == broadcast_id,
                BroadcastRecipient.state == RecipientState.QUEUED,
            )
        )
        return counted or 0

    async def take_pending(
        self, broadcast_id: UUID, limit: int
    ) -> Sequence[tuple[BroadcastRecipient, Follower, Enrolment | None, Person | None]]:
        """Recipients who wait, with what fills their message."""
        rows = await self.session.execute(
            select(BroadcastRecipient, Follower, Enrolment, Person)
            .join(Follower, Follower.id == BroadcastRecipient.follower_id)
            .outerjoin(Enrolment, Enrolment.id == BroadcastRecipient.enrolment_id)
            .outerjoin(Person, Person.id == Enrolment.person_id)
            .where(
                BroadcastRecipient.broadcast_id == broadcast_id,
                BroadcastRecipient.state == RecipientState.PENDING,
            )
            .order_by(BroadcastRecipient.follower_id)
            .limit(limit)
        )
        return [(row[0], row[1], row[2], row[3]) for row in rows]

    async def settle_personal(self, broadcast_id: UUID, *states: RecipientState) -> int:
        """Take over what became of their messages in the outbox; says how many changed."""
        changed = await self.session.execute(
            _SETTLE, {"id": broadcast_id, "states": [state.value for state in states]}
        )
        return len(changed.all())

    async def settling(self, since: datetime) -> Sequence[Broadcast]:
        """Personal broadcasts that ran lately: receipts may still come. Locked, without those in other hands."""
        rows = await self.session.scalars(
            select(Broadcast)
            .where(
                Broadcast.kind == BroadcastKind.PERSONAL,
                Broadcast.state.in_(
                    (
                        BroadcastState.RUNNING,
                        BroadcastState.PAUSED,
                        BroadcastState.FINISHED,
                        BroadcastState.CANCELLED,
                    )
                ),
                Broadcast.started_at > since,
            )
            .with_for_update(skip_locked=True)
        )
        return rows.all()

    async def mass_failures(self, broadcast_id: UUID) -> tuple[int, int]:
        """Of reported batches: how many WeChat could not deliver, and how many it tried."""
        row = (
            await self.session.execute(
                select(
                    func.coalesce(func.sum(BroadcastChunk.errors), 0),
                    func.coalesce(func.sum(BroadcastChunk.sent + BroadcastChunk.errors), 0),
                ).where(BroadcastChunk.broadcast_id == broadcast_id)
            )
        ).one()
        return int(row[0] or 0), int(row[1] or 0)

    # ---- tests to oneself ------------------------------------------------------------------------------------

    async def add_test(self, row: BroadcastTest) -> None:
        """Written at once."""
        self.session.add(row)
        await self.session.flush()

    async def tests(self, broadcast_id: UUID, limit: int = 5) -> Sequence[BroadcastTest]:
        """The newest tests of a broadcast."""
        rows = await self.session.scalars(
            select(BroadcastTest)
            .where(BroadcastTest.broadcast_id == broadcast_id)
            .order_by(BroadcastTest.created_at.desc())
            .limit(limit)
        )
        return rows.all()

    async def take_test(self) -> tuple[BroadcastTest, Broadcast, Follower] | None:
        """The oldest test that waits, or whose sender died; locked."""
        row = (
            await self.session.execute(
                select(BroadcastTest, Broadcast, Follower)
                .join(Broadcast, Broadcast.id == BroadcastTest.broadcast_id)
                .join(Follower, Follower.id == BroadcastTest.follower_id)
                .where(
                    (BroadcastTest.state == "waiting")
                    | (
                        (BroadcastTest.state == "sending")
                        & (BroadcastTest.lease_until < func.clock_timestamp())
                    )
                )
                .order_by(BroadcastTest.created_at)
                .limit(1)
                .with_for_update(of=BroadcastTest, skip_locked=True)
            )
        ).one_or_none()
        return (row[0], row[1], row[2]) if row is not None else None

    async def finish_test(self, test_id: UUID, owner: str, values: dict[str, Any]) -> None:
        """Write what a test came to, unless its claim was lost."""
        await self.session.execute(
            update(BroadcastTest)
            .where(
                BroadcastTest.id == test_id, BroadcastTest.owner == owner, BroadcastTest.state == "sending"
            )
            .values(values)
            .execution_options(synchronize_session=False)
        )
