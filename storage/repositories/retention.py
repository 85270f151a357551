"""What has been kept long enough, and the reports of it (C11)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, delete, exists, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.appointment_states import AppointmentState
from storage.repositories.exams import among
from storage.retention_states import RetainedKind, RetentionState
from storage.states import BlacklistState, CertificateState, ChangeState, EnrolmentState
from storage.tables import (
    CROP,
    Appointment,
    BlacklistEntry,
    Certificate,
    ChangeRequest,
    Document,
    Enrolment,
    Payment,
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

#: The crop that was offered for a picture, which is kept beside it.
CROP_KEY = Document.warnings["ratio_off"][CROP]["file_key"].astext


@dataclass(frozen=True, kw_only=True)
class EndedRow:
    """An enrolment that ended long ago; nothing that runs still rests on it."""

    enrolment_id: UUID
    organisation_id: UUID
    scheme_ref: str
    ended_at: datetime


@dataclass(frozen=True, kw_only=True)
class FileRow:
    """A row with files that are not purged."""

    kind: RetainedKind
    subject_id: UUID
    enrolment_id: UUID


class RetentionRepository:
    """The tables `retention_reports` and `retention_items`, and the rows with files that they name."""

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

    async def files_not_reported(self, enrolment_ids: Collection[UUID]) -> Sequence[FileRow]:
        """What these enrolments have that is on no report and not purged; also pictures that were superseded."""
        found: list[FileRow] = []
        for kind, subject, owner, has_file in (
            (RetainedKind.DOCUMENT, Document.id, Document.enrolment_id, Document.file_key.is_not(None)),
            (RetainedKind.VOUCHER, Payment.id, Payment.enrolment_id, Payment.voucher_key.is_not(None)),
            (
                RetainedKind.CERTIFICATE,
                Certificate.id,
                Certificate.enrolment_id,
                Certificate.purged_at.is_(None),
            ),
        ):
            rows = await self.session.execute(
                select(subject, owner).where(
                    among(owner, enrolment_ids),
                    has_file,
                    ~exists().where(RetentionItem.kind == kind, RetentionItem.subject_id == subject),
                )
            )
            found += [
                FileRow(kind=kind, subject_id=subject_id, enrolment_id=enrolment_id)
                for subject_id, enrolment_id in rows
            ]
        return found

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

    async def items(self, report_id: UUID) -> Sequence[tuple[RetentionItem, Enrolment, str | None]]:
        """Everything on a report, with its enrolment and the person's name, by enrolment number."""
        rows = await self.session.execute(
            select(RetentionItem, Enrolment, Person.name)
            .join(Enrolment, Enrolment.id == RetentionItem.enrolment_id)
            .outerjoin(Person, Person.id == Enrolment.person_id)
            .where(RetentionItem.report_id == report_id)
            .order_by(Enrolment.number, RetentionItem.kind, RetentionItem.id)
        )
        return [(item, enrolment, name) for item, enrolment, name in rows]

    async def leave_out(self, report_id: UUID, enrolment_ids: Collection[UUID]) -> None:
        """Take these enrolments off the report; they come onto another one when they are due again."""
        await self.session.execute(
            delete(RetentionItem).where(
                RetentionItem.report_id == report_id, among(RetentionItem.enrolment_id, enrolment_ids)
            )
        )

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

    async def file_keys(self, kind: RetainedKind, subject_ids: Collection[UUID]) -> Sequence[str]:
        """Keys of all files that these rows name."""
        columns = {
            RetainedKind.DOCUMENT: (Document.id, (Document.file_key, CROP_KEY)),
            RetainedKind.VOUCHER: (Payment.id, (Payment.voucher_key,)),
            RetainedKind.CERTIFICATE: (Certificate.id, (Certificate.pdf_key, Certificate.png_key)),
        }
        owner, keys = columns[kind]
        rows = await self.session.execute(select(*keys).where(among(owner, subject_ids)))
        return [key for row in rows for key in row if key is not None]

    async def mark_purged(self, kind: RetainedKind, subject_ids: Collection[UUID], at: datetime) -> None:
        """The files are gone: the rows say so, and stay."""
        if kind is RetainedKind.DOCUMENT:
            statement = (
                update(Document)
                .where(among(Document.id, subject_ids))
                .values(file_key=None, media_id="", purged_at=at)
            )
        elif kind is RetainedKind.VOUCHER:
            statement = (
                update(Payment).where(among(Payment.id, subject_ids)).values(voucher_key=None, purged_at=at)
            )
        else:
            statement = (
                update(Certificate)
                .where(among(Certificate.id, subject_ids))
                .values(pdf_key=None, png_key=None, purged_at=at)
            )
        await self.session.execute(statement)


def _held(today: date) -> ColumnElement[bool]:
    """Something that runs rests on the enrolment: an appointment, a blacklist entry, a change that waits."""
    return or_(
        exists().where(Appointment.enrolment_id == Enrolment.id, Appointment.state != AppointmentState.ENDED),
        exists().where(
            BlacklistEntry.enrolment_id == Enrolment.id,
            or_(
                BlacklistEntry.state == BlacklistState.PROPOSED,
                and_(BlacklistEntry.state == BlacklistState.CONFIRMED, BlacklistEntry.last_on >= today),
            ),
        ),
        exists().where(
            ChangeRequest.enrolment_id == Enrolment.id, ChangeRequest.state == ChangeState.PENDING
        ),
    )
