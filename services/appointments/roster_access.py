"""Who has which part in a roster check (E6)."""

from collections.abc import Sequence
from uuid import UUID

from services import audit
from services.appointments.visibility import appointing_schemes, kind_of, terms_of
from services.errors import ConflictError, NotFoundError
from services.models import Actor
from services.unit_of_work import Work
from storage.repositories.laboratories import LaboratoryRepository
from storage.repositories.rosters import RosterRepository
from storage.tables import RosterCheck, RosterEntry


async def part_of(work: Work, actor: Actor, check: RosterCheck) -> Sequence[UUID] | None:
    """Below which organisation the actor sees the check: an empty list for all of it, None for nothing."""
    own = actor.organisation_id
    if own is None:
        return [] if actor.kind == "system" else None
    terms = terms_of(appointing_schemes(work)[check.scheme_id])
    if own == check.organisation_id or await kind_of(work, own) in terms.logins_by:
        return []
    laboratories = await LaboratoryRepository(work.session).laboratories_below(own, terms.laboratory_kind)
    return [own] if laboratories else None


async def seen_check(work: Work, actor: Actor, check_id: UUID) -> tuple[RosterCheck, UUID | None]:
    """The check, and below which organisation the actor sees it (None: all of it). Raises NotFoundError."""
    check = await RosterRepository(work.session).find_check(check_id)
    part = await part_of(work, actor, check) if check is not None else None
    if check is None or part is None:
        raise NotFoundError("roster.not_found")
    return check, part[0] if part else None


async def open_check(work: Work, actor: Actor, check_id: UUID) -> tuple[RosterCheck, UUID | None]:
    """The same, while it is open. Raises ConflictError `roster.closed`."""
    check, under = await seen_check(work, actor, check_id)
    if check.closed_at is not None:
        raise ConflictError("roster.closed")
    return check, under


async def entry_of(work: Work, entry_id: UUID) -> tuple[RosterEntry, RosterCheck]:
    """One person's entry and its check; the caller looks whose it is. Raises NotFoundError."""
    rosters = RosterRepository(work.session)
    entry = await rosters.find_entry(entry_id)
    check = await rosters.find_check(entry.check_id) if entry is not None else None
    if entry is None or check is None:
        raise NotFoundError("roster.not_found")
    return entry, check


def record(work: Work, actor: Actor, check: RosterCheck, action: str, **after: object) -> None:
    """Into the audit log of the acting organisation."""
    audit.record(
        work,
        actor,
        action,
        "roster",
        check.id,
        after=after,
        organisation_id=actor.organisation_id or check.organisation_id,
    )
