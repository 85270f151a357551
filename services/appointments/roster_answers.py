"""Answering in a roster check: a laboratory for its people, whoever checks about logins that nobody needs (E6)."""

from uuid import UUID, uuid4

from services import audit
from services.access import ensure_officer
from services.appointments import accounts
from services.appointments.changes import checked_reason
from services.appointments.roster_access import entry_of, open_check, record
from services.appointments.roster_views import person_of
from services.appointments.visibility import appointing_schemes, kind_of, terms_of
from services.errors import ConflictError, ForbiddenError, ServiceError
from services.models import Actor
from services.rules.roster import Action
from services.rules.text import normalise
from services.unit_of_work import Work
from storage.appointment_states import Settlement
from storage.repositories.rosters import RosterRepository
from storage.tables import RosterEntry

_LONGEST_NAME = 50
_MOST_ADDED = 200


class RosterAnswers:
    """Answers and decisions about single people."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.rosters = RosterRepository(work.session)

    async def add_person(self, actor: Actor, check_id: UUID, name: str) -> None:
        """A laboratory names somebody who needs a login and is not on its list (case 5).

        Raises:
            ForbiddenError: no laboratory. ServiceError: `roster.name`, `roster.too_many` (`limit`).
            ConflictError: `roster.closed`, `roster.named_already`.
        """
        check, _ = await open_check(self.work, actor, check_id)
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
        record(self.work, actor, check, "roster.person_named", name=name)

    async def answer(self, actor: Actor, entry_id: UUID, *, still_there: bool) -> UUID:
        """The laboratory says whether one of its people is still there; gives the check's id.

        Raises:
            NotFoundError, ForbiddenError: not the actor's laboratory. ConflictError: `roster.closed`, `roster.settled`.
        """
        entry, check = await entry_of(self.work, entry_id)
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
        entry, check = await entry_of(self.work, entry_id)
        ensure_officer(actor, check.organisation_id)
        if check.closed_at is not None:
            raise ConflictError("roster.closed")
        [row] = await self.rosters.entries(check, entry_id=entry.id)
        if person_of(self.work, actor, check, row).action is not Action.PURGE_LOGIN:
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
