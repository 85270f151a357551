"""The check of who may log in, with a deadline (E6): laboratories answer, each case has its action, a person decides."""

from collections import Counter
from datetime import date
from uuid import UUID, uuid4

from services.access import ensure_officer
from services.appointments import roster_import
from services.appointments.roster_access import open_check, part_of, record, seen_check
from services.appointments.roster_sheet import COLUMNS
from services.appointments.roster_views import RosterLine, RosterView, line_of, person_of
from services.appointments.visibility import appointing_schemes, kind_of, terms_of
from services.errors import ConflictError, ForbiddenError, NotFoundError, ServiceError
from services.imports import ImportReport
from services.models import Actor, StaffRole
from services.rules.localtime import local_day
from services.rules.roster import Action
from services.rules.text import normalise
from services.spreadsheets import template_workbook
from services.unit_of_work import Work
from storage.appointment_states import LoginRight
from storage.repositories.appointments import AppointmentRepository
from storage.repositories.organisations import OrganisationRepository
from storage.repositories.rosters import RosterRepository
from storage.tables import RosterCheck, RosterEntry

LONGEST_TITLE = 60


class RosterService:
    """Roster checks of one unit of work: begun, shown, fed with the list of logins, closed."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.rosters = RosterRepository(work.session)

    async def list_lines(self, actor: Actor) -> tuple[RosterLine, ...]:
        """Every check that the actor has a part in, the newest first."""
        schemes, lines = appointing_schemes(self.work), []
        for check, organisation in await self.rosters.checks(list(schemes)):
            if await part_of(self.work, actor, check) is not None:
                lines.append(line_of(self.work, check, organisation))
        return tuple(lines)

    async def begin(self, actor: Actor, *, title: str, due_on: date, scheme_id: str = "") -> UUID:
        """Begin a check of everybody whom the actor's organisation appointed.

        Raises:
            ForbiddenError: not of the kind of organisation that decides, or a reader.
            ServiceError: `roster.title` (`limit`), `roster.due_on` unless it is still to come.
        """
        schemes = appointing_schemes(self.work)
        scheme = schemes.get(scheme_id or next(iter(schemes), ""))
        if scheme is None:
            raise NotFoundError("appointment.not_offered")
        terms = terms_of(scheme)
        if actor.organisation_id is None:
            raise ForbiddenError("access.staff_only")
        ensure_officer(actor, actor.organisation_id)
        if await kind_of(self.work, actor.organisation_id) != terms.decided_by:
            raise ForbiddenError("appointment.not_your_part")
        title = normalise(title)
        if not title or len(title) > LONGEST_TITLE:
            raise ServiceError("roster.title", limit=LONGEST_TITLE)
        if due_on <= local_day(self.work.now):
            raise ServiceError("roster.due_on")
        check = RosterCheck(
            id=uuid4(),
            scheme_id=scheme.id,
            organisation_id=actor.organisation_id,
            title=title,
            due_on=due_on,
            created_at=self.work.now,
        )
        self.work.session.add(check)
        await self.work.session.flush()
        appointments = AppointmentRepository(self.work.session)
        people = await appointments.standing_of(scheme.id, actor.organisation_id)
        for row in people:
            account = row.account
            self.work.session.add(
                RosterEntry(
                    id=uuid4(),
                    check_id=check.id,
                    laboratory_id=row.appointment.laboratory_id,
                    person_id=row.appointment.person_id,
                    name=row.person_name,
                    login_cipher=account.login_cipher if account else None,
                    login_digest=account.login_digest if account else None,
                    has_login=account is not None and account.right == LoginRight.GRANTED,
                    created_at=self.work.now,
                )
            )
        await self.work.session.flush()
        record(
            self.work,
            actor,
            check,
            "roster.begun",
            title=title,
            due_on=due_on.isoformat(),
            people=len(people),
        )
        return check.id

    async def may_begin(self, actor: Actor) -> bool:
        """Whether the actor's organisation decides about appointments, and the actor is no reader."""
        if actor.organisation_id is None or actor.role is StaffRole.VIEWER:
            return False
        kind = await kind_of(self.work, actor.organisation_id)
        return any(terms_of(scheme).decided_by == kind for scheme in appointing_schemes(self.work).values())

    async def show(
        self,
        actor: Actor,
        check_id: UUID,
        *,
        case: str = "",
        action: str = "",
        laboratory: str = "",
    ) -> RosterView:
        """One check; `case`, `action` and part of a laboratory's name choose whom it lists. Raises NotFoundError."""
        check, under = await seen_check(self.work, actor, check_id)
        organisation = await OrganisationRepository(self.work.session).find(check.organisation_id)
        everybody = [
            person_of(self.work, actor, check, row) for row in await self.rosters.entries(check, under=under)
        ]
        kind = await kind_of(self.work, actor.organisation_id) if actor.organisation_id else ""
        terms = terms_of(appointing_schemes(self.work)[check.scheme_id])
        writes = actor.role is not StaffRole.VIEWER
        owns = writes and actor.organisation_id in (None, check.organisation_id)
        open_ = check.closed_at is None
        return RosterView(
            line=line_of(self.work, check, organisation.name if organisation else ""),
            people=tuple(
                one
                for one in everybody
                if case in ("", one.case) and action in ("", one.action) and laboratory in one.laboratory
            ),
            cases=Counter(one.case for one in everybody),
            actions=Counter(one.action for one in everybody if one.action is not Action.NONE),
            unanswered=Counter(one.laboratory for one in everybody if one.still_there is None),
            may_decide=owns and open_,
            may_import=open_ and (owns or (writes and kind in terms.logins_by)),
            own_laboratory=open_ and writes and kind == terms.laboratory_kind,
        )

    async def import_logins(
        self, actor: Actor, check_id: UUID, filename: str, content: bytes, *, dry_run: bool
    ) -> ImportReport:
        """Take the business system's list: whoever checks, or the departments of the logins.

        Raises:
            NotFoundError, ForbiddenError: not theirs. ConflictError: `roster.closed`. SpreadsheetError.
        """
        check, _ = await open_check(self.work, actor, check_id)
        terms = terms_of(appointing_schemes(self.work)[check.scheme_id])
        if actor.organisation_id is not None:
            ensure_officer(actor, actor.organisation_id)
            kind = await kind_of(self.work, actor.organisation_id)
            if actor.organisation_id != check.organisation_id and kind not in terms.logins_by:
                raise ForbiddenError("appointment.not_your_part")
        return await roster_import.run(
            self.work, actor, check, terms.laboratory_kind, filename, content, dry_run=dry_run
        )

    async def logins_template(self, actor: Actor, check_id: UUID) -> bytes:
        """An empty list of logins with the right headers and the names that are known. Raises NotFoundError."""
        check, under = await seen_check(self.work, actor, check_id)
        rows = await self.rosters.entries(check, under=under)
        return template_workbook(
            COLUMNS, [{"name": row.entry.name, "laboratory": row.laboratory} for row in rows]
        )

    async def close(self, actor: Actor, check_id: UUID) -> None:
        """End a check in which nothing is left to decide.

        Raises:
            NotFoundError, ForbiddenError: not who checks.
            ConflictError: `roster.closed`; `roster.open_entries` with the `count` of people who are left.
        """
        check, _ = await open_check(self.work, actor, check_id)
        ensure_officer(actor, check.organisation_id)
        people = [person_of(self.work, actor, check, row) for row in await self.rosters.entries(check)]
        left = sum(
            one.action in (Action.CONFIRM, Action.PURGE_LOGIN, Action.SUSPEND_OR_END) for one in people
        )
        if left:
            raise ConflictError("roster.open_entries", count=left)
        check.closed_at = self.work.now
        record(self.work, actor, check, "roster.closed")
