"""Which organisation of a kind is responsible for the people of another (D2, D7, E5)."""

from collections.abc import Sequence
from uuid import UUID

from services.errors import NotFoundError
from services.rules.organisation_kinds import OrganisationKind
from services.unit_of_work import Work
from storage.repositories.organisations import OrganisationRepository
from storage.states import OrganisationStatus
from storage.tables import Organisation


class NobodyResponsibleError(NotFoundError):
    """No organisation, or no single one, of that kind is responsible: `organisation.none_responsible`,
    `organisation.several_responsible` (`organisation`, `kind`, `count`).
    """


async def responsible(work: Work, home_id: UUID, kind: str) -> UUID:
    """The organisation of `kind` that is responsible for `home_id`'s people.

    That is the home organisation itself if it is of that kind; else the nearest active one above it; else the active one
    it is located in (a provincial institution's city, D2); else the only active one there is.

    Raises:
        NobodyResponsibleError: none of these, or several of the last.
        NotFoundError: `organisation.not_found`, no such home.
    """
    return await responsible_on(work, await path_of(work, home_id), kind)


async def path_of(work: Work, home_id: UUID) -> Sequence[Organisation]:
    """The organisation and those above it, itself first. Raises NotFoundError `organisation.not_found`."""
    path = await OrganisationRepository(work.session).path(home_id)
    if not path:
        raise NotFoundError("organisation.not_found")
    return path


async def responsible_on(work: Work, path: Sequence[Organisation], kind: str) -> UUID:
    """`responsible` for whoever's path was read before."""
    organisations = OrganisationRepository(work.session)
    home = path[0]
    if home.kind == kind:
        return home.id
    if (above := next((one for one in path[1:] if _serves(one, kind)), None)) is not None:
        return above.id
    place = await organisations.find(home.located_in_id) if home.located_in_id is not None else None
    if place is not None and _serves(place, kind):
        return place.id
    known = await organisations.list_active((kind,), limit=2)
    if len(known) == 1:
        return known[0].id
    code = "organisation.several_responsible" if known else "organisation.none_responsible"
    raise NobodyResponsibleError(code, organisation=home.name, kind=str(OrganisationKind(kind)))


def stands_directly_under(path: Sequence[Organisation], kind: str) -> bool:
    """Whether the first on the path is of `kind`, or the one above it is: nobody between would be passed over (D2)."""
    return any(one.kind == kind for one in path[:2])


def _serves(organisation: Organisation, kind: str) -> bool:
    return organisation.kind == kind and organisation.status == OrganisationStatus.ACTIVE
