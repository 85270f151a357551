"""What has been kept long enough, and the reports of it (C11)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, case, delete, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.repositories.exams import among
from storage.repositories.resting import appealing, appointed, cancelling, changing, listed
from storage.retention_states import RetentionState
from storage.states import CertificateState, EnrolmentState
from storage.tables import (
    Certificate,
    Enrolment,
    Person,
    Result,
    RetentionItem,
    RetentionReport,
)

ENDED = (
    EnrolmentState.CONCLUDED,
    EnrolmentState.REJECTED,
    EnrolmentState.WITHDRAWN,
    EnrolmentState.LAPSED,
    EnrolmentState.BLOCKED,
)
_PUBLISHED = (
    select(func.max(Result.published_at))
    .where(Result.enrolment_id == Enrolment.id)
    .correlate(Enrolment)
    .scalar_subquery()
)
#: When the enrolment came to its end: withdrawn by its applicant, else decided, else its result published, the last of it.
ENDED_AT = case(
    (Enrolment.state == EnrolmentState.WITHDRAWN, Enrolment.last_activity_at),
    else_=func.coalesce(func.greatest(Enrolment.decided_at, _PUBLISHED), Enrolment.last_activity_at),
)


@dataclass(frozen=True, kw_only=True)
class EndedRow:
    """An enrolment that ended long ago; nothing that runs still rests on it."""

    enrolment_id: UUID
    organisation_id: UUID
    scheme_ref: str
    ended_at: datetime


class RetentionRepository:
    """The tables `retention_reports` and `retention_items`; the files that they name are in `kept_files`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    # ---- what falls due -------------------------------------------------------------------------------------

    async def ended_before(
        self, moment: datetime, *, today: date, enrolment_ids: Collection[UUID] | None = None
    ) -> Sequence[EndedRow]:
        """Enrolments that ended before, the oldest first, without those that something running rests on.

        `enrolment_ids` asks about these only.
        """
        query = select(
            Enrolment.id, Enrolment.organisation_id, Enrolment.scheme_id, Enrolment.scheme_version, ENDED_AT
        ).where(Enrolment.state.in_(ENDED), moment >= ENDED_AT, ~_held(today))
        if enrolment_ids is not None:
            query = query.where(among(Enrolment.id, enrolment_ids))
        rows = await self.session.execute(query.order_by(ENDED_AT))
        return [
            EndedRow(
                enrolment_id=enrolment_id,
                organisation_id=organisation_id,
                scheme_ref=f"{scheme_id}@{version}",
                ended_at=ended_at,
            )
            for enrolment_id, organisation_id, scheme_id, version, ended_at in rows
        ]

    async def papers_in_force(self, enrolment_ids: Collection[UUID]) -> Sequence[tuple[UUID, date | None]]:
        """Enrolment and last day of every paper that is valid or suspended."""
        rows = await self.session.execute(
            select(Certificate.enrolment_id, Certificate.expires_on).where(
                among(Certificate.enrolment_id, enrolment_ids),
                Certificate.state.in_((CertificateState.VALID, CertificateState.SUSPENDED)),
            )
        )
        return [(enrolment_id, last_on) for enrolment_id, last_on in rows]

    # ---- reports --------------------------------------------------------------------------------------------

    async def add(self, report: RetentionReport, items: Sequence[RetentionItem]) -> None:
        """Written at once, with its items."""
        self.session.add(report)
        await self.session.flush()
        for item in items:
            item.report_id = report.id
        self.session.add_all(items)
        await self.session.flush()

    async def find(self, report_id: UUID, *, for_update: bool = False) -> RetentionReport | None:
        """One report; with `for_update` as it is when the lock is had."""
        query = select(RetentionReport).where(RetentionReport.id == report_id)
        if for_update:
            query = query.with_for_update().execution_options(populate_existing=True)
        return await self.session.scalar(query)

    async def find_by_number(self, number: int) -> RetentionReport | None:
        """By the number that people read out."""
        return await self.session.scalar(select(RetentionReport).where(RetentionReport.number == number))

    async def page(
        self, organisation_id: UUID | None, *, offset: int, limit: int
    ) -> tuple[int, Sequence[tuple[RetentionReport, int, int]]]:
        """Reports with how many enrolments and items, the newest first; None: of all organisations."""
        mine = (
            RetentionReport.organisation_id == organisation_id
            if organisation_id is not None
            else RetentionReport.id.is_not(None)
        )
        total = await self.session.scalar(select(func.count()).select_from(RetentionReport).where(mine))
        counts = (
            select(
                RetentionItem.report_id,
                func.count(RetentionItem.enrolment_id.distinct()).label("people"),
                func.count().label("items"),
            )
            .group_by(RetentionItem.report_id)
            .subquery()
        )
        rows = await self.session.execute(
            select(RetentionReport, func.coalesce(counts.c.people, 0), func.coalesce(counts.c["items"], 0))
            .outerjoin(counts, counts.c.report_id == RetentionReport.id)
            .where(mine)
            .order_by(RetentionReport.number.desc())
            .offset(offset)
            .limit(limit)
        )
        return total or 0, [(report, people, items) for report, people, items in rows]

    async def count_proposed(self, organisation_id: UUID | None) -> int:
        """Reports that wait for the second person."""
        query = (
            select(func.count())
            .select_from(RetentionReport)
            .where(RetentionReport.state == RetentionState.PROPOSED)
        )
        if organisation_id is not None:
            query = query.where(RetentionReport.organisation_id == organisation_id)
        return await self.session.scalar(query) or 0

    async def items(self, report_id: UUID) -> Sequence[tuple[RetentionItem, Enrolment | None, str | None]]:
        """Everything on a report, with its enrolment and the person's name, by enrolment number; the rest last."""
        rows = await self.session.execute(
            select(RetentionItem, Enrolment, Person.name)
            .outerjoin(Enrolment, Enrolment.id == RetentionItem.enrolment_id)
            .outerjoin(Person, Person.id == Enrolment.person_id)
            .where(RetentionItem.report_id == report_id)
            .order_by(Enrolment.number.nulls_last(), RetentionItem.kind, RetentionItem.id)
        )
        return [(item, enrolment, name) for item, enrolment, name in rows]

    async def enrolments_on(self, report_id: UUID) -> Sequence[UUID]:
        """The enrolments whose files are on a report."""
        rows = await self.session.scalars(
            select(RetentionItem.enrolment_id)
            .where(RetentionItem.report_id == report_id, RetentionItem.enrolment_id.is_not(None))
            .distinct()
        )
        return [enrolment_id for enrolment_id in rows if enrolment_id is not None]

    async def leave_out(self, item_ids: Collection[UUID]) -> None:
        """Take these off their report; they come onto another one when they are due again."""
        await self.session.execute(delete(RetentionItem).where(among(RetentionItem.id, item_ids)))

    # ---- purging --------------------------------------------------------------------------------------------

    async def confirmed(self) -> Sequence[UUID]:
        """Reports whose files are not all deleted yet."""
        rows = await self.session.scalars(
            select(RetentionReport.id).where(RetentionReport.state == RetentionState.CONFIRMED)
        )
        return rows.all()

    async def next_to_purge(self, report_id: UUID, limit: int) -> Sequence[RetentionItem]:
        """Items that are not purged."""
        rows = await self.session.scalars(
            select(RetentionItem)
            .where(RetentionItem.report_id == report_id, RetentionItem.purged_at.is_(None))
            .order_by(RetentionItem.id)
            .limit(limit)
        )
        return rows.all()


def _held(today: date) -> ColumnElement[bool]:
    """Something that runs rests on the enrolment."""
    return or_(appointed(), listed(today), changing(), appealing(), cancelling())
