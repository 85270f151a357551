"""上报: assessors report a sitting's results, the society reviews them, and the society issues (C10)."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID, uuid4

from services import audit
from services.access import ensure_officer, ensure_reader
from services.authorisation import members
from services.authorisation.changes import said
from services.authorisation.standing import ensure_authorised
from services.authorisation.views import MemberView, ReportedPerson, ReportView
from services.certificates import CertificateService
from services.errors import ConflictError, ForbiddenError, NotFoundError, ServiceError
from services.models import Actor
from services.unit_of_work import Work
from storage.authorisation_states import Act, MemberKind, ReportState
from storage.repositories.authorisation_life import LifeRepository
from storage.tables import ResultReport, Sitting

_MOST: Final = 200
_LONGEST_NOTE: Final = 500


class ReportService:
    """Reports, for the sub-centre and for the society."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.life = LifeRepository(work.session)

    async def assessors(self, actor: Actor, sitting_id: UUID) -> tuple[MemberView, ...]:
        """Who may report this sitting: certified assessors of its occupation with an undertaking (C9)."""
        sitting = await self._sitting(sitting_id)
        ensure_reader(actor, sitting.organisation_id)
        wanted = self.work.tools.schemes.current(sitting.scheme_id).authorised_for
        people = await members.listed(self.work, sitting.organisation_id)
        return tuple(
            one
            for one in people
            if one.kind is MemberKind.ASSESSOR
            and wanted is not None
            and one.occupation == wanted.occupation
            and one.certificate_number
            and one.undertaking_on
        )

    async def report(
        self, actor: Actor, sitting_id: UUID, *, assessor_ids: Sequence[UUID], note: str = ""
    ) -> UUID:
        """Hand the published results of a sitting to the society; gives the report's id.

        Raises:
            ServiceError: `report.no_assessor`, `report.note` (`limit`).
            ConflictError: `report.not_needed` (this scheme's certificates are issued here), `report.no_results`,
                `report.running`; NotAuthorisedError.
            NotFoundError, ForbiddenError.
        """
        sitting = await self._sitting(sitting_id)
        ensure_officer(actor, sitting.organisation_id)
        scheme = self.work.tools.schemes.current(sitting.scheme_id)
        kind = scheme.certificate("result_passed")
        authorised = await ensure_authorised(self.work, sitting.organisation_id, scheme, Act.ISSUE)
        if kind is None or not kind.issued_by or authorised is None:
            raise ConflictError("report.not_needed")
        able = {one.id: one.name for one in await self.assessors(actor, sitting_id)}
        names = [able[one] for one in dict.fromkeys(assessor_ids) if one in able]
        if not names:
            raise ServiceError("report.no_assessor")
        if len(note) > _LONGEST_NOTE:
            raise ServiceError("report.note", limit=_LONGEST_NOTE)
        if await self.life.find_running_report(sitting_id) is not None:
            raise ConflictError("report.running")
        if not await self.life.published(sitting_id):
            raise ConflictError("report.no_results")
        row = ResultReport(
            id=uuid4(),
            sitting_id=sitting_id,
            organisation_id=sitting.organisation_id,
            society_id=authorised.society_id,
            state=ReportState.REPORTED,
            assessors=names,
            note=note.strip(),
            created_at=self.work.now,
        )
        self.work.session.add(row)
        await self.work.session.flush()
        self._record(actor, "report.reported", row, sitting)
        return row.id

    async def approve(self, actor: Actor, report_id: UUID) -> tuple[str, ...]:
        """The society found it in order and issues: the numbers of the certificates.

        Raises:
            ConflictError: `report.decided`; `report.untrained` (`numbers`), somebody passed who was in no class (C4);
                and as `CertificateService.issue`, so that either all are issued or none.
            NotFoundError, ForbiddenError: not the society's officer.
        """
        row, sitting = await self._waiting(actor, report_id)
        people = await self.life.published(row.sitting_id)
        passed = [(enrolment, standing) for enrolment, _, result, _, standing in people if result.passed]
        untrained = [str(enrolment.number) for enrolment, _ in passed if enrolment.class_id is None]
        if untrained:
            raise ConflictError("report.untrained", numbers="、".join(untrained[:10]))
        service = CertificateService(self.work)
        issued = [
            (await service.issue(actor, enrolment.id)).number
            for enrolment, standing in passed
            if standing is None
        ]
        self._decide(actor, row, ReportState.APPROVED)
        self._record(actor, "report.approved", row, sitting)
        return tuple(issued)

    async def send_back(self, actor: Actor, report_id: UUID, reason: str) -> None:
        """The society found fault; the sub-centre may report again. Raises as `approve`, and for the reason."""
        row, sitting = await self._waiting(actor, report_id)
        row.reason = said(reason)
        self._decide(actor, row, ReportState.RETURNED)
        self._record(actor, "report.returned", row, sitting, reason=row.reason)

    async def list_(self, actor: Actor) -> tuple[ReportView, ...]:
        """Reports to the actor's society, or of the actor's sub-centre: what waits first. Raises ForbiddenError."""
        if actor.organisation_id is None:
            raise ForbiddenError("access.staff_only")
        rows = [
            *await self.life.reports(society_id=actor.organisation_id, limit=_MOST),
            *await self.life.reports(organisation_id=actor.organisation_id, limit=_MOST),
        ]
        return tuple([self._view(row, sitting, name, (), 0) for row, sitting, name in rows])

    async def show(self, actor: Actor, report_id: UUID) -> ReportView:
        """One report with who passed; names and grades only, and the society's look is logged (B9)."""
        row = await self._report(report_id)
        if actor.organisation_id != row.organisation_id:
            ensure_reader(actor, row.society_id)
        sitting = await self._sitting(row.sitting_id)
        people = await self.life.published(row.sitting_id)
        self._record(actor, "report.viewed", row, sitting)
        shown = tuple(
            ReportedPerson(
                enrolment_id=enrolment.id,
                enrolment_number=enrolment.number,
                name=name,
                grade=result.grade,
                class_code=class_code or "",
                certificate=standing or "",
            )
            for enrolment, name, result, class_code, standing in people
            if result.passed
        )
        name = await self.life.organisation_name(row.organisation_id)
        return self._view(row, sitting, name, shown, len(people))

    async def _report(self, report_id: UUID) -> ResultReport:
        row = await self.life.find_report(report_id)
        if row is None:
            raise NotFoundError("access.not_found")
        return row

    async def _waiting(self, actor: Actor, report_id: UUID) -> tuple[ResultReport, Sitting]:
        row = await self._report(report_id)
        ensure_officer(actor, row.society_id)
        if row.state != ReportState.REPORTED:
            raise ConflictError("report.decided", state=row.state)
        return row, await self._sitting(row.sitting_id)

    async def _sitting(self, sitting_id: UUID) -> Sitting:
        sitting = await self.life.sitting_of(sitting_id)
        if sitting is None:
            raise NotFoundError("sitting.not_found")
        return sitting

    def _decide(self, actor: Actor, row: ResultReport, state: ReportState) -> None:
        row.state, row.decided_by, row.decided_at = state, actor.name, self.work.now

    def _view(
        self, row: ResultReport, sitting: Sitting, name: str, people: Sequence[ReportedPerson], examined: int
    ) -> ReportView:
        return ReportView(
            id=row.id,
            society_id=row.society_id,
            sitting_code=sitting.code,
            scheme=self.work.tools.schemes.current(sitting.scheme_id).short_title,
            organisation=name,
            state=ReportState(row.state),
            assessors=tuple(row.assessors),
            note=row.note,
            reason=row.reason,
            reported_at=row.created_at,
            decided_by=row.decided_by,
            people=people,
            examined=examined,
        )

    def _record(
        self, actor: Actor, action: str, row: ResultReport, sitting: Sitting, *, reason: str = ""
    ) -> None:
        audit.record(
            self.work,
            actor,
            action,
            "result_report",
            row.id,
            after={"state": str(row.state), "sitting": sitting.code, "assessors": row.assessors},
            reason=reason,
            organisation_id=row.organisation_id,
        )
