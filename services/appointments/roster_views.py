"""Roster checks as they are shown: where each person stands, and what is to be done (E6)."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.appointments.views import LOGIN_CONTEXT, masked_login
from services.models import Actor, StaffRole
from services.rules import roster
from services.rules.localtime import local_day
from services.rules.roster import Action, Case
from services.unit_of_work import Work
from storage.appointment_states import Settlement
from storage.repositories.rosters import EntryRow
from storage.tables import RosterCheck


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


def is_overdue(work: Work, check: RosterCheck) -> bool:
    """Whether its last day is past."""
    return local_day(work.now) > check.due_on


def line_of(work: Work, check: RosterCheck, organisation: str) -> RosterLine:
    """One check; `organisation` is the name of the one that checks."""
    return RosterLine(
        id=check.id,
        title=check.title,
        organisation=organisation,
        scheme_id=check.scheme_id,
        due_on=check.due_on,
        overdue=is_overdue(work, check),
        closed=check.closed_at is not None,
    )


def person_of(work: Work, actor: Actor, check: RosterCheck, row: EntryRow) -> RosterPerson:
    """One person, as the actor sees them: their case, and the action that it leads to."""
    entry, settlement = row.entry, Settlement(row.entry.settlement)
    case = roster.case_of(appointed=row.appointed, has_login=entry.has_login, still_there=entry.still_there)
    action = roster.action_for(case, has_login=entry.has_login, overdue=is_overdue(work, check))
    if settlement is Settlement.SPARED and action is Action.PURGE_LOGIN:
        action = Action.NONE
    if settlement is Settlement.PURGED and action in (Action.CONFIRM, Action.APPOINT):
        action = Action.NONE
    login = (
        work.tools.keyring.decrypt_text(entry.login_cipher, context=LOGIN_CONTEXT)
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
