"""Whether an organisation may hold classes and exams of a scheme: it trains its people, and is authorised where that is
asked (A5, A7, B9, C3, D2). Whoever announces anything asks here.
"""

from uuid import UUID

from services.authorisation.standing import ensure_authorised
from services.errors import ConflictError, ForbiddenError, NotFoundError
from services.models import Actor
from services.rules import partaking
from services.schemes.models import Scheme
from services.unit_of_work import Work
from storage.authorisation_states import Act
from storage.repositories.authorisation import AuthorisationRepository
from storage.repositories.organisations import OrganisationRepository


class NotTrainedHereError(ConflictError):
    """`scheme.not_trained_here` (`scheme`, `organiser`): the organisation is none that trains people of this scheme."""

    def __init__(self, scheme: Scheme) -> None:
        super().__init__(
            "scheme.not_trained_here", scheme=scheme.short_title, organiser=scheme.roles.organiser
        )


async def may_train(work: Work, organisation_id: UUID, scheme: Scheme) -> bool:
    """Whether this organisation is one that trains and examines people of the scheme; not whether it is authorised now.

    Raises NotFoundError `organisation.not_found`.
    """
    row = await OrganisationRepository(work.session).find(organisation_id)
    if row is None:
        raise NotFoundError("organisation.not_found")
    return partaking.trains(scheme, kind=row.kind, name=row.name)


async def ensure_may_train(work: Work, organisation_id: UUID, scheme: Scheme, act: Act) -> None:
    """Raises NotTrainedHereError; NotAuthorisedError (C3)."""
    if not await may_train(work, organisation_id, scheme):
        raise NotTrainedHereError(scheme)
    await ensure_authorised(work, organisation_id, scheme, act)


async def trained_schemes(work: Work, actor: Actor) -> tuple[Scheme, ...]:
    """The schemes that the actor's organisation trains; of those that need an authorisation, what it is authorised for.

    By their position. Raises ForbiddenError, NotFoundError.
    """
    if actor.organisation_id is None:
        raise ForbiddenError("access.staff_only")
    row = await OrganisationRepository(work.session).find(actor.organisation_id)
    if row is None:
        raise NotFoundError("organisation.not_found")
    own = [
        scheme
        for scheme in work.tools.schemes.values()
        if scheme.ref == work.tools.schemes.current(scheme.id).ref
        and partaking.trains(scheme, kind=row.kind, name=row.name)
    ]
    scope = await _scope(work, row.id) if any(one.authorised_for for one in own) else set()
    held = (
        scheme
        for scheme in own
        if (wanted := scheme.authorised_for) is None or (wanted.occupation, wanted.level) in scope
    )
    return tuple(sorted(held, key=lambda scheme: (scheme.position, scheme.id)))


async def _scope(work: Work, organisation_id: UUID) -> set[tuple[str, str]]:
    authorisations = AuthorisationRepository(work.session)
    standing = await authorisations.find_standing(organisation_id)
    held = await authorisations.scope(standing.id) if standing is not None else ()
    return {(item.occupation, item.level) for item in held}
