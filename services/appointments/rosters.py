"""The check of who may log in, with a deadline (E6): laboratories answer, each case has its action, a person decides."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from services import audit
from services.access import ensure_officer
from services.appointments import accounts, roster_import
from services.appointments.changes import checked_reason
from services.appointments.roster_sheet import COLUMNS
from services.appointments.views import LOGIN_CONTEXT, masked_login
from services.appointments.visibility import appointing_schemes, kind_of, terms_of
from services.errors import ConflictError, ForbiddenError, NotFoundError, ServiceError
from services.imports import ImportReport
from services.models import Actor, StaffRole
from services.rules import roster
from services.rules.localtime import local_day
from services.rules.roster import Action, Case
from services.rules.text import normalise
from services.spreadsheets import template_workbook
from services.unit_of_work import Work
from storage.appointment_states import LoginRight, Settlement
from storage.repositories.appointments import AppointmentRepository
from storage.repositories.organisations import OrganisationRepository
from storage.repositories.rosters import EntryRow, RosterRepository
from storage.tables import RosterCheck, RosterEntry

LONGEST_TITLE = 60
_LONGEST_NAME = 50
_MOST_ADDED = 200


@dataclass(frozen=True, kw_only=True)
class RosterLine:
    """One check in a list."""

    id: UUID
    title: str
    organisation: str
    scheme_id: str
    due_on: date
    overdue: bool
    closed: bool


@dataclass(frozen=True, kw_only=True)
class RosterPerson:
    """One person of a check: where they stand, and what is to be done."""

    id: UUID
    laboratory_id: UUID
    laboratory: str
    name: str
    #: Empty when none is known; an identity number is masked.
    login_masked: str
    appointed: bool
    has_login: bool
    still_there: bool | None
    answered_by: str
    case: Case
    action: Action
    settlement: Settlement
    settled_reason: str
    #: The appointment that stands, to be suspended or ended.
    appointment_id: UUID | None
    #: The asking officer answers for this laboratory.
    may_answer: bool


@dataclass(frozen=True, kw_only=True)
class RosterView:
    """One check as far as the actor sees it."""

    line: RosterLine
    people: tuple[RosterPerson, ...]
    #: How many of all that the actor sees are in each case, and how many wait for each action.
    cases: dict[Case, int]
    actions: dict[Action, int]
    #: Laboratories that have not answered for all of their people → for how many.
    unanswered: dict[str, int]
    #: Whoever checks: imports, purges, closes.
    may_decide: bool
    may_import: bool
    #: The actor's own laboratory, which may name people who need a login.
    own_laboratory: bool


class RosterService:
    """Roster checks of one unit of work."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.rosters = RosterRepository(work.session)

    async def list_lines(self, actor: Actor) -> tuple[RosterLine, ...]:
        """Every check that the actor has a part in, the newest first."""
        schemes, lines = appointing_schemes(self.work), []
        for check, organisation in await self.rosters.checks(list(schemes)):
            if await self._part(actor, check) is not None:
                lines.append(self._line(check, organisation))
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
        self._record(actor, check, "roster.begun", title=title, due_on=due_on.isoformat(), people=len(people))
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
        check, under = await self._seen(actor, check_id)
        organisation = await OrganisationRepository(self.work.session).find(check.organisation_id)
        everybody = [
            self._person(actor, check, row) for row in await self.rosters.entries(check, under=under)
        ]
        kind = await kind_of(self.work, actor.organisation_id) if actor.organisation_id else ""
        terms = terms_of(appointing_schemes(self.work)[check.scheme_id])
        writes = actor.role is not StaffRole.VIEWER
        owns = writes and actor.organisation_id in (None, check.organisation_id)
        open_ = check.closed_at is None
        return RosterView(
            line=self._line(check, organisation.name if organisation else ""),
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
        check, _ = await self._open(actor, check_id)
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
        check, under = await self._seen(actor, check_id)
        rows = await self.rosters.entries(check, under=under)
        return template_workbook(
            COLUMNS, [{"name": row.entry.name, "laboratory": row.laboratory} for row in rows]
        )

    async def add_person(self, actor: Actor, check_id: UUID, name: str) -> None:
        """A laboratory names somebody who needs a login and is not on its list (case 5).

        Raises:
            ForbiddenError: no laboratory. ServiceError: `roster.name`, `roster.too_many` (`limit`).
            ConflictError: `roster.closed`, `roster.named_already`.
        """
        check, _ = await self._open(actor, check_id)
        terms = terms_of(appointing_schemes(self.work)[check.scheme_id])
        own = actor.organisation_id
        if own is None or await kind_of(self.work, own) != terms.laboratory_kind:
            raise ForbiddenError("appointment.not_your_laboratory")
        ensure_officer(actor, own)
        name = normalise(name)
        if not name or len(name) > _LONGEST_NAME:
            raise ServiceError("roster.name")
        there = await self.rosters.entries(check, under=own)
        if any(row.entry.name == name for row in there):
            raise ConflictError("roster.named_already", name=name)
        if len(there) >= _MOST_ADDED:
            raise ServiceError("roster.too_many", limit=_MOST_ADDED)
        self.work.session.add(
            RosterEntry(
                id=uuid4(),
                check_id=check.id,
                laboratory_id=own,
                name=name,
                has_login=False,
                still_there=True,
                answered_by=actor.name,
                answered_at=self.work.now,
                created_at=self.work.now,
            )
        )
        self._record(actor, check, "roster.person_named", name=name)

    async def answer(self, actor: Actor, entry_id: UUID, *, still_there: bool) -> UUID:
        """The laboratory says whether one of its people is still there; gives the check's id.

        Raises:
            NotFoundError, ForbiddenError: not the actor's laboratory. ConflictError: `roster.closed`, `roster.settled`.
        """
        entry, check = await self._entry(entry_id)
        ensure_officer(actor, entry.laboratory_id)
        if check.closed_at is not None:
            raise ConflictError("roster.closed")
        if entry.settlement:
            raise ConflictError("roster.settled")
        before = entry.still_there
        entry.still_there, entry.answered_by, entry.answered_at = still_there, actor.name, self.work.now
        audit.record(
            self.work,
            actor,
            "roster.answered",
            "roster",
            check.id,
            before={"still_there": before},
            after={"still_there": still_there, "name": entry.name, "entry": str(entry.id)},
            organisation_id=entry.laboratory_id,
        )
        return check.id

    async def settle(self, actor: Actor, entry_id: UUID, settlement: Settlement, reason: str) -> UUID:
        """Decide about a login that is proposed to be purged: purged, or spared; gives the check's id.

        Raises:
            NotFoundError, ForbiddenError: not who checks. ServiceError: `appointment.no_reason`, `…reason_too_long`.
            ConflictError: `roster.closed`, `roster.not_proposed`.
        """
        reason = checked_reason(reason)
        entry, check = await self._entry(entry_id)
        ensure_officer(actor, check.organisation_id)
        if check.closed_at is not None:
            raise ConflictError("roster.closed")
        [row] = await self.rosters.entries(check, entry_id=entry.id)
        if self._person(actor, check, row).action is not Action.PURGE_LOGIN:
            raise ConflictError("roster.not_proposed")
        entry.settlement, entry.settled_reason, entry.settled_at = settlement, reason, self.work.now
        if settlement is Settlement.PURGED:
            entry.has_login = False
            if entry.person_id is not None:
                await accounts.purge(
                    self.work, actor, entry.person_id, organisation_id=check.organisation_id, reason=reason
                )
        audit.record(
            self.work,
            actor,
            f"roster.{settlement.value}",
            "roster",
            check.id,
            after={"name": entry.name, "entry": str(entry.id)},
            reason=reason,
            organisation_id=check.organisation_id,
        )
        return check.id

    async def close(self, actor: Actor, check_id: UUID) -> None:
        """End a check in which nothing is left to decide.

        Raises:
            NotFoundError, ForbiddenError: not who checks.
            ConflictError: `roster.closed`; `roster.open_entries` with the `count` of people who are left.
        """
        check, _ = await self._open(actor, check_id)
        ensure_officer(actor, check.organisation_id)
        people = [self._person(actor, check, row) for row in await self.rosters.entries(check)]
        left = sum(
            one.action in (Action.CONFIRM, Action.PURGE_LOGIN, Action.SUSPEND_OR_END) for one in people
        )
        if left:
            raise ConflictError("roster.open_entries", count=left)
        check.closed_at = self.work.now
        self._record(actor, check, "roster.closed")

    # ---- inside ---------------------------------------------------------------------------------------------

    def _person(self, actor: Actor, check: RosterCheck, row: EntryRow) -> RosterPerson:
        entry, settlement = row.entry, Settlement(row.entry.settlement)
        case = roster.case_of(
            appointed=row.appointed, has_login=entry.has_login, still_there=entry.still_there
        )
        action = roster.action_for(case, has_login=entry.has_login, overdue=self._overdue(check))
        if settlement is Settlement.SPARED and action is Action.PURGE_LOGIN:
            action = Action.NONE
        if settlement is Settlement.PURGED and action in (Action.CONFIRM, Action.APPOINT):
            action = Action.NONE
        login = (
            self.work.tools.keyring.decrypt_text(entry.login_cipher, context=LOGIN_CONTEXT)
            if entry.login_cipher is not None
            else ""
        )
        return RosterPerson(
            id=entry.id,
            laboratory_id=entry.laboratory_id,
            laboratory=row.laboratory,
            name=entry.name,
            login_masked=masked_login(login),
            appointed=row.appointed,
            has_login=entry.has_login,
            still_there=entry.still_there,
            answered_by=entry.answered_by,
            case=case,
            action=action,
            settlement=settlement,
            settled_reason=entry.settled_reason,
            appointment_id=row.appointment_id,
            may_answer=check.closed_at is None
            and not settlement
            and actor.organisation_id == entry.laboratory_id
            and actor.role is not StaffRole.VIEWER,
        )

    def _line(self, check: RosterCheck, organisation: str) -> RosterLine:
        return RosterLine(
            id=check.id,
            title=check.title,
            organisation=organisation,
            scheme_id=check.scheme_id,
            due_on=check.due_on,
            overdue=self._overdue(check),
            closed=check.closed_at is not None,
        )

    def _overdue(self, check: RosterCheck) -> bool:
        return local_day(self.work.now) > check.due_on

    async def _part(self, actor: Actor, check: RosterCheck) -> Sequence[UUID] | None:
        """Below which organisation the actor sees the check: an empty list for all of it, None for nothing."""
        own = actor.organisation_id
        if own is None:
            return [] if actor.kind == "system" else None
        terms = terms_of(appointing_schemes(self.work)[check.scheme_id])
        if own == check.organisation_id or await kind_of(self.work, own) in terms.logins_by:
            return []
        laboratories = await AppointmentRepository(self.work.session).laboratories_below(
            own, terms.laboratory_kind
        )
        return [own] if laboratories else None

    async def _seen(self, actor: Actor, check_id: UUID) -> tuple[RosterCheck, UUID | None]:
        check = await self.rosters.find_check(check_id)
        part = await self._part(actor, check) if check is not None else None
        if check is None or part is None:
            raise NotFoundError("roster.not_found")
        return check, part[0] if part else None

    async def _open(self, actor: Actor, check_id: UUID) -> tuple[RosterCheck, UUID | None]:
        check, under = await self._seen(actor, check_id)
        if check.closed_at is not None:
            raise ConflictError("roster.closed")
        return check, under

    async def _entry(self, entry_id: UUID) -> tuple[RosterEntry, RosterCheck]:
        entry = await self.rosters.find_entry(entry_id)
        check = await self.rosters.find_check(entry.check_id) if entry is not None else None
        if entry is None or check is None:
            raise NotFoundError("roster.not_found")
        return entry, check

    def _record(self, actor: Actor, check: RosterCheck, action: str, **after: object) -> None:
        audit.record(
            self.work,
            actor,
            action,
            "roster",
            check.id,
            after=after,
            organisation_id=actor.organisation_id or check.organisation_id,
        )
