"""Who may see and decide what of a blacklist (C7, B9)."""

from collections.abc import Iterator
from uuid import UUID

from services.access import ensure_officer, visible_organisation
from services.errors import NotFoundError
from services.models import Actor
from services.schemes.models import Blacklist, Scheme
from services.unit_of_work import Work
from storage.repositories.blacklist import BlacklistRepository
from storage.repositories.organisations import OrganisationRepository
from storage.tables import BlacklistEntry


async def kind_of(work: Work, actor: Actor) -> str:
    """What kind of organisation the actor is of; empty for the system."""
    organisation_id = visible_organisation(actor)
    if organisation_id is None:
        return ""
    found = await OrganisationRepository(work.session).find(organisation_id)
    return found.kind if found is not None and found.status == "active" else ""


def schemes_with_a_list(work: Work) -> Iterator[tuple[Scheme, Blacklist]]:
    """Every scheme version that keeps one."""
    for scheme in work.tools.schemes.values():
        if scheme.blacklist is not None:
            yield scheme, scheme.blacklist


def overseen_lists(work: Work, kind: str) -> tuple[str, ...]:
    """The lists that this kind of organisation sees in full."""
    return tuple(
        dict.fromkeys(item.list for _, item in schemes_with_a_list(work) if item.overseen_by == kind)
    )


def takes_part(scheme: Scheme, kind: str) -> bool:
    """Whether this kind of organisation keeps the scheme's list together with others."""
    return scheme.blacklist is not None and kind in {
        scheme.roles.organiser_kind,
        scheme.blacklist.overseen_by,
        *(stage.organisation_kind for stage in scheme.review),
    }


async def list_keepers(work: Work, actor: Actor) -> tuple[Scheme, ...]:
    """The current schemes whose list the actor's organisation keeps with others; one for each list.

    Raises:
        ForbiddenError: not staff.
    """
    kind, found = await kind_of(work, actor), dict[str, Scheme]()
    for scheme, blacklist in schemes_with_a_list(work):
        if actor.kind == "system" or takes_part(scheme, kind):
            found.setdefault(blacklist.list, scheme)
    return tuple(found.values())


async def readable(work: Work, actor: Actor, entry: BlacklistEntry | None) -> BlacklistEntry:
    """An entry of the actor's organisation, or of a list that it oversees. Raises NotFoundError."""
    own = visible_organisation(actor)
    if entry is None:
        raise NotFoundError("blacklist.not_found")
    if own in (None, entry.organisation_id):
        return entry
    if entry.list_key in overseen_lists(work, await kind_of(work, actor)):
        return entry
    raise NotFoundError("blacklist.not_found")


async def decidable(work: Work, actor: Actor, entry: BlacklistEntry | None) -> BlacklistEntry:
    """One that the actor may act upon. Raises NotFoundError, ForbiddenError."""
    found = await readable(work, actor, entry)
    ensure_officer(actor, actor.organisation_id or found.organisation_id)
    return found


async def locked(work: Work, actor: Actor, entry_id: UUID) -> BlacklistEntry:
    """`decidable`, with the row's lock."""
    return await decidable(
        work, actor, await BlacklistRepository(work.session).find(entry_id, for_update=True)
    )
