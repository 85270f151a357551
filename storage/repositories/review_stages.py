"""The stages that enrolments went through, and who may therefore see them."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, func, insert, inspect, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.schema import ScalarElementColumnDefault

from storage.states import EnrolmentState
from storage.tables import AuditEntry, Base, Enrolment, Organisation, StageRecord


class StageRepository:
    """The table `review_stages`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def add(self, record: StageRecord) -> None:
        """A stage that an enrolment enters."""
        self.session.add(record)
        await self.session.flush()

    async def add_logged(self, record: StageRecord, entry: AuditEntry) -> None:
        """A stage that an enrolment enters and what the audit log says of it: one statement, since a chat answer may
        cost only so many.
        """
        logged = insert(AuditEntry).values(_written(entry)).cte("logged")
        await self.session.execute(insert(StageRecord).values(_written(record)).add_cte(logged))

    async def present(self, enrolment_id: UUID) -> StageRecord | None:
        """The stage that waits to be decided; the caller holds the enrolment's lock."""
        return await self.session.scalar(
            select(StageRecord).where(
                StageRecord.enrolment_id == enrolment_id, StageRecord.decided_at.is_(None)
            )
        )

    async def present_of(
        self, enrolment_ids: Collection[UUID]
    ) -> dict[UUID, tuple[StageRecord, Organisation]]:
        """By enrolment the stage that waits, and before whom."""
        rows = await self.session.execute(
            select(StageRecord, Organisation)
            .join(Organisation, Organisation.id == StageRecord.organisation_id)
            .where(StageRecord.enrolment_id.in_(enrolment_ids), StageRecord.decided_at.is_(None))
        )
        return {record.enrolment_id: (record, organisation) for record, organisation in rows}

    async def history(self, enrolment_id: UUID) -> Sequence[StageRecord]:
        """All stages of an enrolment, as they were entered."""
        rows = await self.session.scalars(
            select(StageRecord)
            .where(StageRecord.enrolment_id == enrolment_id)
            .order_by(StageRecord.entered_at, StageRecord.round, StageRecord.index, StageRecord.decided_at)
        )
        return rows.all()

    async def named_history(self, enrolment_id: UUID) -> Sequence[tuple[StageRecord, Organisation]]:
        """`history` with the organisations."""
        rows = await self.session.execute(
            select(StageRecord, Organisation)
            .join(Organisation, Organisation.id == StageRecord.organisation_id)
            .where(StageRecord.enrolment_id == enrolment_id)
            .order_by(StageRecord.entered_at, StageRecord.round, StageRecord.index, StageRecord.decided_at)
        )
        return [(record, organisation) for record, organisation in rows]

    async def has_reached(self, enrolment_id: UUID, organisation_id: UUID) -> bool:
        """Whether one of its reached stages is this organisation's."""
        found = await self.session.scalar(
            select(StageRecord.id)
            .where(StageRecord.enrolment_id == enrolment_id, StageRecord.organisation_id == organisation_id)
            .limit(1)
        )
        return found is not None

    async def count_waiting(self, organisation_id: UUID | None) -> int:
        """Enrolments that wait for this organisation, or for anybody (None)."""
        return await self._count(waiting_at(organisation_id))

    async def count_overdue(self, organisation_id: UUID | None, now: datetime) -> int:
        """Enrolments whose time node is over, before this organisation or before anybody (None)."""
        return await self._count(waiting_at(organisation_id, overdue_since=now))

    async def list_to_remind(
        self, now: datetime, reminded_before: datetime, limit: int
    ) -> Sequence[tuple[StageRecord, Enrolment, Organisation]]:
        """Overdue stages nobody was reminded of since then, the longest overdue first; locked."""
        rows = await self.session.execute(
            select(StageRecord, Enrolment, Organisation)
            .join(Enrolment, Enrolment.id == StageRecord.enrolment_id)
            .join(Organisation, Organisation.id == StageRecord.organisation_id)
            .where(
                Enrolment.state == EnrolmentState.IN_REVIEW,
                StageRecord.decided_at.is_(None),
                StageRecord.due_at < now,
                or_(StageRecord.reminded_at.is_(None), StageRecord.reminded_at <= reminded_before),
            )
            .order_by(StageRecord.due_at)
            .limit(limit)
            .with_for_update(of=StageRecord, skip_locked=True)
        )
        return [(record, enrolment, organisation) for record, enrolment, organisation in rows]

    async def _count(self, condition: ColumnElement[bool]) -> int:
        return await self.session.scalar(select(func.count()).select_from(Enrolment).where(condition)) or 0


def _written(row: Base) -> dict[str, Any]:
    """The columns of a new row, plain defaults filled in: a statement with another inside it leaves them out."""
    values: dict[str, Any] = {}
    for attribute in inspect(type(row)).column_attrs:
        default = attribute.columns[0].default
        if attribute.key in row.__dict__:
            values[attribute.key] = row.__dict__[attribute.key]
        elif isinstance(default, ScalarElementColumnDefault):
            values[attribute.key] = default.arg
    return values


def visible_to(organisation_id: UUID) -> ColumnElement[bool]:
    """Of `enrolments`: those of this organisation, those it trains, and those of which a reached stage is its (B9)."""
    return or_(
        Enrolment.organisation_id == organisation_id,
        Enrolment.trainer_id == organisation_id,
        exists().where(
            StageRecord.enrolment_id == Enrolment.id, StageRecord.organisation_id == organisation_id
        ),
    )


def waiting_at(organisation_id: UUID | None, *, overdue_since: datetime | None = None) -> ColumnElement[bool]:
    """Of `enrolments`: those in review before this organisation, or before anybody; only overdue ones if so asked."""
    conditions = [StageRecord.enrolment_id == Enrolment.id, StageRecord.decided_at.is_(None)]
    if organisation_id is not None:
        conditions.append(StageRecord.organisation_id == organisation_id)
    if overdue_since is not None:
        conditions.append(StageRecord.due_at < overdue_since)
    return (Enrolment.state == EnrolmentState.IN_REVIEW) & exists().where(*conditions)
