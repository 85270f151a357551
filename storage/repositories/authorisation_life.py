"""What happens during an authorisation: attempts, findings, proposals, self-checks, reports, and the people counted."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import and_, distinct, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.authorisation_states import (
    AuthorisationState,
    FindingKind,
    ProposalState,
    ReportState,
    SelfCheckState,
)
from storage.states import ClassState, EnrolmentState, ResultState
from storage.tables import (
    Authorisation,
    AuthorisationFinding,
    Certificate,
    CourseClass,
    EndingProposal,
    Enrolment,
    Organisation,
    Person,
    RefusedAttempt,
    Result,
    ResultReport,
    SelfCheck,
    Sitting,
)

_TRAINED = (EnrolmentState.ADMITTED, EnrolmentState.CONCLUDED)


@dataclass(frozen=True)
class Trained:
    """How many people of a scheme were trained, examined, and passed."""

    scheme_id: str
    trained: int
    examined: int
    passed: int


class LifeRepository:
    """The tables that hang on `authorisations`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    # ---- attempts and findings --------------------------------------------------------------------------------

    async def attempts(self, authorisation: Authorisation, *, limit: int) -> Sequence[RefusedAttempt]:
        """The newest refused attempts of an organisation since it was authorised that no finding took up (C3)."""
        rows = await self.session.scalars(
            select(RefusedAttempt)
            .outerjoin(AuthorisationFinding, AuthorisationFinding.attempt_id == RefusedAttempt.id)
            .where(
                RefusedAttempt.organisation_id == authorisation.organisation_id,
                RefusedAttempt.created_at >= authorisation.created_at,
                AuthorisationFinding.id.is_(None),
            )
            .order_by(RefusedAttempt.created_at.desc())
            .limit(limit)
        )
        return rows.all()

    async def find_attempt(self, attempt_id: UUID) -> RefusedAttempt | None:
        """The attempt, if there is one."""
        return await self.session.get(RefusedAttempt, attempt_id)

    async def findings(self, authorisation_id: UUID) -> Sequence[AuthorisationFinding]:
        """All findings, the newest first."""
        rows = await self.session.scalars(
            select(AuthorisationFinding)
            .where(AuthorisationFinding.authorisation_id == authorisation_id)
            .order_by(AuthorisationFinding.found_on.desc(), AuthorisationFinding.created_at.desc())
        )
        return rows.all()

    async def count_findings(self, authorisation_id: UUID, kind: FindingKind) -> int:
        """How many of a kind there are."""
        found = await self.session.scalar(
            select(func.count())
            .select_from(AuthorisationFinding)
            .where(
                AuthorisationFinding.authorisation_id == authorisation_id, AuthorisationFinding.kind == kind
            )
        )
        return found or 0

    # ---- proposals --------------------------------------------------------------------------------------------

    async def find_same_proposal(
        self, authorisation_id: UUID, cause: str, about: str
    ) -> EndingProposal | None:
        """What was proposed for the same already."""
        return await self.session.scalar(
            select(EndingProposal).where(
                EndingProposal.authorisation_id == authorisation_id,
                EndingProposal.cause == cause,
                EndingProposal.about == about,
            )
        )

    async def find_proposal(self, proposal_id: UUID) -> tuple[EndingProposal, Authorisation] | None:
        """The proposal and its authorisation, locked."""
        row = (
            await self.session.execute(
                select(EndingProposal, Authorisation)
                .join(Authorisation, Authorisation.id == EndingProposal.authorisation_id)
                .where(EndingProposal.id == proposal_id)
                .with_for_update()
                .execution_options(populate_existing=True)
            )
        ).one_or_none()
        return None if row is None else (row[0], row[1])

    async def proposals(
        self,
        *,
        society_id: UUID | None = None,
        authorisation_id: UUID | None = None,
        states: Collection[ProposalState] = (),
    ) -> Sequence[tuple[EndingProposal, str]]:
        """Proposals with the organisation's name, the oldest first; None and empty mean all."""
        query = (
            select(EndingProposal, Organisation.name)
            .join(Authorisation, Authorisation.id == EndingProposal.authorisation_id)
            .join(Organisation, Organisation.id == Authorisation.organisation_id)
            .order_by(EndingProposal.created_at)
        )
        if society_id is not None:
            query = query.where(Authorisation.society_id == society_id)
        if authorisation_id is not None:
            query = query.where(Authorisation.id == authorisation_id)
        if states:
            query = query.where(EndingProposal.state.in_(states))
        return [(row, name) for row, name in await self.session.execute(query)]

    # ---- classes ----------------------------------------------------------------------------------------------

    async def open_classes(self, organisation_id: UUID, scheme_ids: Collection[str]) -> Sequence[CourseClass]:
        """The open classes of these schemes, locked."""
        rows = await self.session.scalars(
            select(CourseClass)
            .where(
                CourseClass.organisation_id == organisation_id,
                CourseClass.scheme_id.in_(scheme_ids),
                CourseClass.state == ClassState.OPEN,
            )
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        return rows.all()

    async def count_trained(
        self, organisation_id: UUID, scheme_ids: Collection[str], *, first: date, last: date
    ) -> Sequence[Trained]:
        """By scheme: who was in a class that ended in these days, sat the exam, and passed (C12, C13).

        People are counted as 人次: once for each enrolment.
        """
        rows = await self.session.execute(
            select(
                CourseClass.scheme_id,
                func.count(distinct(Enrolment.id)),
                func.count(distinct(Result.enrolment_id)),
                func.count(distinct(Result.enrolment_id)).filter(Result.passed),
            )
            .join(Enrolment, and_(Enrolment.class_id == CourseClass.id, Enrolment.state.in_(_TRAINED)))
            .outerjoin(
                Result, and_(Result.enrolment_id == Enrolment.id, Result.state == ResultState.PUBLISHED)
            )
            .where(
                CourseClass.organisation_id == organisation_id,
                CourseClass.scheme_id.in_(scheme_ids),
                CourseClass.state != ClassState.CANCELLED,
                CourseClass.ends_on.between(first, last),
            )
            .group_by(CourseClass.scheme_id)
        )
        return [Trained(*row) for row in rows]

    # ---- self-checks ------------------------------------------------------------------------------------------

    async def find_self_check(self, self_check_id: UUID) -> tuple[SelfCheck, Authorisation, str] | None:
        """The self-check, locked, with its authorisation and the organisation's name."""
        row = (
            await self.session.execute(
                select(SelfCheck, Authorisation, Organisation.name)
                .join(Authorisation, Authorisation.id == SelfCheck.authorisation_id)
                .join(Organisation, Organisation.id == Authorisation.organisation_id)
                .where(SelfCheck.id == self_check_id)
                .with_for_update(of=SelfCheck)
                .execution_options(populate_existing=True)
            )
        ).one_or_none()
        return None if row is None else (row[0], row[1], row[2])

    async def find_self_check_of(self, authorisation_id: UUID, year: int) -> SelfCheck | None:
        """The self-check of this year."""
        return await self.session.scalar(
            select(SelfCheck).where(SelfCheck.authorisation_id == authorisation_id, SelfCheck.year == year)
        )

    async def self_checks(
        self,
        *,
        society_id: UUID | None = None,
        authorisation_id: UUID | None = None,
        states: Collection[str] = (),
    ) -> Sequence[tuple[SelfCheck, str]]:
        """Self-checks with the organisation's name, the newest year first; None and empty mean all."""
        query = (
            select(SelfCheck, Organisation.name)
            .join(Authorisation, Authorisation.id == SelfCheck.authorisation_id)
            .join(Organisation, Organisation.id == Authorisation.organisation_id)
            .order_by(SelfCheck.year.desc(), Organisation.name)
        )
        if society_id is not None:
            query = query.where(Authorisation.society_id == society_id)
        if authorisation_id is not None:
            query = query.where(Authorisation.id == authorisation_id)
        if states:
            query = query.where(SelfCheck.state.in_(states))
        return [(row, name) for row, name in await self.session.execute(query)]

    async def without_self_check(self, year: int) -> Sequence[Authorisation]:
        """Standing authorisations of that year or before, locked, that have no self-check of it."""
        rows = await self.session.scalars(
            select(Authorisation)
            .outerjoin(
                SelfCheck, and_(SelfCheck.authorisation_id == Authorisation.id, SelfCheck.year == year)
            )
            .where(
                Authorisation.state != AuthorisationState.ENDED,
                Authorisation.authorised_on <= date(year, 12, 31),
                SelfCheck.id.is_(None),
            )
            .with_for_update(of=Authorisation)
            .execution_options(populate_existing=True)
        )
        return rows.all()

    async def open_self_checks(self) -> Sequence[tuple[SelfCheck, Authorisation]]:
        """What is not handed in yet, locked, with its authorisation."""
        rows = await self.session.execute(
            select(SelfCheck, Authorisation)
            .join(Authorisation, Authorisation.id == SelfCheck.authorisation_id)
            .where(SelfCheck.state == SelfCheckState.OPEN, Authorisation.state != AuthorisationState.ENDED)
            .with_for_update(of=SelfCheck)
            .execution_options(populate_existing=True)
        )
        return [(row, authorisation) for row, authorisation in rows]

    # ---- reports ----------------------------------------------------------------------------------------------

    async def find_report(self, report_id: UUID) -> ResultReport | None:
        """The report, locked."""
        return await self.session.get(ResultReport, report_id, with_for_update=True, populate_existing=True)

    async def find_running_report(self, sitting_id: UUID) -> ResultReport | None:
        """The report of a sitting that the society has not decided about."""
        return await self.session.scalar(
            select(ResultReport).where(
                ResultReport.sitting_id == sitting_id, ResultReport.state == ReportState.REPORTED
            )
        )

    async def reports(
        self, *, society_id: UUID | None = None, organisation_id: UUID | None = None, limit: int
    ) -> Sequence[tuple[ResultReport, Sitting, str]]:
        """Reports with sitting and organisation: what waits first, then the newest."""
        query = (
            select(ResultReport, Sitting, Organisation.name)
            .join(Sitting, Sitting.id == ResultReport.sitting_id)
            .join(Organisation, Organisation.id == ResultReport.organisation_id)
            .order_by((ResultReport.state == ReportState.REPORTED).desc(), ResultReport.created_at.desc())
            .limit(limit)
        )
        if society_id is not None:
            query = query.where(ResultReport.society_id == society_id)
        if organisation_id is not None:
            query = query.where(ResultReport.organisation_id == organisation_id)
        return [(row, sitting, name) for row, sitting, name in await self.session.execute(query)]

    async def sitting_of(self, sitting_id: UUID) -> Sitting | None:
        """The sitting, locked."""
        return await self.session.get(Sitting, sitting_id, with_for_update=True, populate_existing=True)

    async def organisation_name(self, organisation_id: UUID) -> str:
        """The name. Raises sqlalchemy.exc.NoResultFound."""
        return (await self.session.get_one(Organisation, organisation_id)).name

    async def published(
        self, sitting_id: UUID
    ) -> Sequence[tuple[Enrolment, str, Result, str | None, str | None]]:
        """Who has a published result of the sitting: name, class code and standing certificate, by number."""
        rows = await self.session.execute(
            select(Enrolment, Person.name, Result, CourseClass.code, Certificate.number)
            .join(Result, and_(Result.enrolment_id == Enrolment.id, Result.state == ResultState.PUBLISHED))
            .join(Person, Person.id == Enrolment.person_id)
            .outerjoin(CourseClass, CourseClass.id == Enrolment.class_id)
            .outerjoin(
                Certificate,
                and_(Certificate.enrolment_id == Enrolment.id, Certificate.state.in_(("valid", "suspended"))),
            )
            .where(Result.sitting_id == sitting_id)
            .order_by(Enrolment.number)
        )
        return [(row[0], row[1], row[2], row[3], row[4]) for row in rows]
