"""Appeals, and what was said of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Row, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.appeal_states import AppealState, NamedCertificate
from storage.states import CertificateState, ResultState
from storage.tables import Appeal, AppealNote, Certificate, Enrolment, Result, Sitting

#: A decision is awaited.
OPEN = (AppealState.LODGED, AppealState.DISCLOSED)
_STANDING = (CertificateState.VALID, CertificateState.SUSPENDED)


@dataclass(frozen=True, kw_only=True)
class AppealFilter:
    """What the queue shows; None means all."""

    organisation_id: UUID | None
    states: Collection[AppealState] = OPEN


@dataclass(frozen=True, kw_only=True)
class AppealRow:
    """An appeal with what it is about."""

    appeal: Appeal
    result: Result
    enrolment: Enrolment
    sitting: Sitting


class AppealRepository:
    """The tables `appeals` and `appeal_notes`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def published_of(self, follower_id: UUID) -> Sequence[tuple[Result, Enrolment, Appeal | None]]:
        """A follower's published results, the newest first, each with the appeal about it that was not withdrawn."""
        rows = await self.session.execute(
            select(Result, Enrolment, Appeal)
            .join(Enrolment, Enrolment.id == Result.enrolment_id)
            .outerjoin(Appeal, (Appeal.result_id == Result.id) & (Appeal.state != AppealState.WITHDRAWN))
            .where(Enrolment.follower_id == follower_id, Result.state == ResultState.PUBLISHED)
            .order_by(Result.published_at.desc())
        )
        return [(result, enrolment, appeal) for result, enrolment, appeal in rows]

    async def of_follower(
        self, follower_id: UUID, *, limit: int
    ) -> Sequence[tuple[Appeal, Enrolment, Result]]:
        """A follower's appeals that were handed in, the newest first, with the result as it stands now."""
        rows = await self.session.execute(
            select(Appeal, Enrolment, Result)
            .join(Enrolment, Enrolment.id == Appeal.enrolment_id)
            .join(Result, (Result.enrolment_id == Enrolment.id) & (Result.state != ResultState.SUPERSEDED))
            .where(Enrolment.follower_id == follower_id, Appeal.lodged_at.is_not(None))
            .order_by(Appeal.number.desc())
            .limit(limit)
        )
        return [(appeal, enrolment, result) for appeal, enrolment, result in rows]

    async def find_own_result(
        self, follower_id: UUID, result_id: UUID
    ) -> tuple[Result, Enrolment, Sitting, Appeal | None] | None:
        """A follower's published result, locked, with the appeal about it that was not withdrawn."""
        row = (
            await self.session.execute(
                select(Result, Enrolment, Sitting, Appeal)
                .join(Enrolment, Enrolment.id == Result.enrolment_id)
                .join(Sitting, Sitting.id == Result.sitting_id)
                .outerjoin(Appeal, (Appeal.result_id == Result.id) & (Appeal.state != AppealState.WITHDRAWN))
                .where(
                    Result.id == result_id,
                    Result.state == ResultState.PUBLISHED,
                    Enrolment.follower_id == follower_id,
                )
                .with_for_update(of=Result)
            )
        ).one_or_none()
        return (row[0], row[1], row[2], row[3]) if row is not None else None

    async def find_own(self, follower_id: UUID, appeal_id: UUID) -> tuple[Appeal, Enrolment, Result] | None:
        """A follower's appeal, locked, with the result that it is about."""
        row = (
            await self.session.execute(
                select(Appeal, Enrolment, Result)
                .join(Enrolment, Enrolment.id == Appeal.enrolment_id)
                .join(Result, Result.id == Appeal.result_id)
                .where(Appeal.id == appeal_id, Enrolment.follower_id == follower_id)
                .with_for_update(of=Appeal)
                .execution_options(populate_existing=True)
            )
        ).one_or_none()
        return (row[0], row[1], row[2]) if row is not None else None

    async def find(self, appeal_id: UUID, *, for_update: bool = False) -> AppealRow | None:
        """An appeal that was handed in, with what it is about; itself locked with `for_update`."""
        query = _rows().where(Appeal.id == appeal_id)
        if for_update:
            query = query.with_for_update(of=Appeal).execution_options(populate_existing=True)
        row = (await self.session.execute(query)).one_or_none()
        return _row(row) if row is not None else None

    async def find_by_number(self, number: int) -> Appeal | None:
        """By the number that people read out."""
        return await self.session.scalar(select(Appeal).where(Appeal.number == number))

    async def find_draft(self, follower_id: UUID, appeal_id: UUID) -> Appeal | None:
        """A follower's draft."""
        return await self.session.scalar(
            select(Appeal)
            .join(Enrolment, Enrolment.id == Appeal.enrolment_id)
            .where(
                Appeal.id == appeal_id,
                Appeal.state == AppealState.DRAFT,
                Enrolment.follower_id == follower_id,
            )
        )

    async def page(self, wanted: AppealFilter, *, offset: int, limit: int) -> tuple[int, Sequence[AppealRow]]:
        """One page: what is due first stands first; and how many there are."""
        query = _rows().where(Appeal.state.in_(wanted.states))
        if wanted.organisation_id is not None:
            query = query.where(Appeal.organisation_id == wanted.organisation_id)
        total = await self.session.scalar(select(func.count()).select_from(query.subquery()))
        rows = await self.session.execute(
            query.order_by(Appeal.due_on, Appeal.number).offset(offset).limit(limit)
        )
        return total or 0, [_row(row) for row in rows]

    async def of_enrolment(self, enrolment_id: UUID) -> Sequence[AppealRow]:
        """Every appeal about an enrolment's results, the newest first."""
        rows = await self.session.execute(
            _rows().where(Appeal.enrolment_id == enrolment_id).order_by(Appeal.number.desc())
        )
        return [_row(row) for row in rows]

    async def count_open(self, organisation_id: UUID | None, today: date) -> tuple[int, int]:
        """How many wait for a decision, and how many of them beyond their day."""
        query = select(func.count(), func.count().filter(Appeal.due_on < today)).where(Appeal.state.in_(OPEN))
        if organisation_id is not None:
            query = query.where(Appeal.organisation_id == organisation_id)
        waiting, late = (await self.session.execute(query)).one()
        return waiting, late

    async def named(self, organisation_id: UUID | None) -> Sequence[tuple[Appeal, Certificate]]:
        """Certificates that stand though their result does not pass, and wait for whoever issued them."""
        query = (
            select(Appeal, Certificate)
            .join(Certificate, Certificate.id == Appeal.certificate_id)
            .where(Appeal.certificate_state == NamedCertificate.OPEN)
            .order_by(Appeal.decided_at)
        )
        if organisation_id is not None:
            query = query.where(Certificate.organisation_id == organisation_id)
        return [(appeal, certificate) for appeal, certificate in await self.session.execute(query)]

    async def find_named(self, certificate_id: UUID) -> Appeal | None:
        """The appeal that names this certificate and waits for a decision about it, locked."""
        return await self.session.scalar(
            select(Appeal)
            .where(Appeal.certificate_id == certificate_id, Appeal.certificate_state == NamedCertificate.OPEN)
            .with_for_update()
            .execution_options(populate_existing=True)
        )

    async def standing_certificates(
        self, enrolment_id: UUID, kinds: Collection[str]
    ) -> Sequence[Certificate]:
        """Valid or suspended papers of these kinds."""
        rows = await self.session.scalars(
            select(Certificate).where(
                Certificate.enrolment_id == enrolment_id,
                Certificate.kind_key.in_(kinds),
                Certificate.state.in_(_STANDING),
            )
        )
        return rows.all()

    async def notes(self, appeal_id: UUID) -> Sequence[AppealNote]:
        """What was said, the earliest first."""
        rows = await self.session.scalars(
            select(AppealNote).where(AppealNote.appeal_id == appeal_id).order_by(AppealNote.created_at)
        )
        return rows.all()

    async def count_notes(self, appeal_id: UUID, said_by: str) -> int:
        """How often one side said something."""
        return (
            await self.session.scalar(
                select(func.count()).where(AppealNote.appeal_id == appeal_id, AppealNote.said_by == said_by)
            )
            or 0
        )

    async def add(self, row: Appeal | AppealNote) -> None:
        """Written at once."""
        self.session.add(row)
        await self.session.flush()


def _rows() -> Select[Appeal, Result, Enrolment, Sitting]:
    return (
        select(Appeal, Result, Enrolment, Sitting)
        .join(Result, Result.id == Appeal.result_id)
        .join(Enrolment, Enrolment.id == Appeal.enrolment_id)
        .join(Sitting, Sitting.id == Result.sitting_id)
        .where(Appeal.lodged_at.is_not(None))
    )


def _row(row: Row[Appeal, Result, Enrolment, Sitting]) -> AppealRow:
    appeal, result, enrolment, sitting = row
    return AppealRow(appeal=appeal, result=result, enrolment=enrolment, sitting=sitting)
