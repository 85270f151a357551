"""Who sees an appointment (B9): its laboratory, whoever stands above it, who decides, and the departments of the scheme."""

from uuid import UUID

from services.access import ensure_officer, visible_organisation
from services.errors import ForbiddenError, NotFoundError
from services.models import Actor
from services.schemes.models import Appointment as Terms
from services.schemes.models import Scheme
from services.unit_of_work import Work
from storage.repositories.appointments import Reach
from storage.repositories.organisations import OrganisationRepository


async def reach_of(work: Work, actor: Actor) -> Reach | None:
    """What this actor sees; None: everything (the system). Raises ForbiddenError for who is no staff."""
    organisation_id = visible_organisation(actor)
    if organisation_id is None:
        return None
    kind = await kind_of(work, organisation_id)
    central = frozenset(
        scheme.id
        for scheme in work.tools.schemes.values()
        if scheme.appointment is not None and kind in _departments(scheme.appointment)
    )
    return Reach(organisation_id=organisation_id, central_schemes=central)


async def kind_of(work: Work, organisation_id: UUID) -> str:
    """What kind of organisation it is; empty for an unknown one."""
    organisation = await OrganisationRepository(work.session).find(organisation_id)
    return organisation.kind if organisation is not None else ""


async def ensure_department(work: Work, actor: Actor, kinds: tuple[str, ...]) -> None:
    """An officer of an organisation of one of these kinds, or the system. Raises ForbiddenError."""
    if actor.kind == "system":
        return
    if actor.organisation_id is None:
        raise ForbiddenError("access.staff_only")
    ensure_officer(actor, actor.organisation_id)
    if await kind_of(work, actor.organisation_id) not in kinds:
        raise ForbiddenError("appointment.not_your_part")


def terms_of(scheme: Scheme) -> Terms:
    """On which terms people are appointed. Raises NotFoundError for a scheme without appointments."""
    if scheme.appointment is None:
        raise NotFoundError("appointment.not_offered", scheme=scheme.short_title)
    return scheme.appointment


def granting_kinds(scheme: Scheme) -> tuple[str, ...]:
    """Which kinds of organisation grant the login: whose stage does so, else every department of the logins (E6)."""
    granting = tuple(stage.organisation_kind for stage in scheme.review if stage.does == "grant_login")
    return granting or terms_of(scheme).logins_by


def appointing_schemes(work: Work) -> dict[str, Scheme]:
    """By id, the current version of every scheme that appoints people."""
    catalogue = work.tools.schemes
    return {
        scheme.id: catalogue.current(scheme.id)
        for scheme in catalogue.values()
        if scheme.appointment is not None
    }


def _departments(terms: Terms) -> frozenset[str]:
    return frozenset((*terms.evaluated_by, *terms.logins_by))
