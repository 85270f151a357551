"""Who may see and do what: staff see only their organisation's people (B9). Every service asks here, no page does."""

from uuid import UUID

from services.errors import ForbiddenError, NotFoundError
from services.models import Actor, StaffRole

_WRITERS = frozenset({StaffRole.ADMIN, StaffRole.OFFICER})


def ensure_reader(actor: Actor, organisation_id: UUID) -> None:
    """Staff of that organisation, or the system. Raises NotFoundError, which tells a stranger nothing."""
    if actor.kind == "system":
        return
    if actor.kind != "staff" or actor.organisation_id != organisation_id:
        raise NotFoundError("access.not_found")


def ensure_officer(actor: Actor, organisation_id: UUID) -> None:
    """A reader who may also decide. Raises NotFoundError, ForbiddenError."""
    ensure_reader(actor, organisation_id)
    if actor.kind == "staff" and actor.role not in _WRITERS:
        raise ForbiddenError("access.read_only")


def ensure_admin(actor: Actor) -> None:
    """An administrator, or the system. Raises ForbiddenError."""
    if actor.kind != "system" and (actor.kind != "staff" or actor.role is not StaffRole.ADMIN):
        raise ForbiddenError("access.admin_only")


def ensure_installation_reader(actor: Actor) -> None:
    """Who may see how the installation does as a whole: administrators, officers, the system. Raises ForbiddenError."""
    if actor.kind != "system" and (actor.kind != "staff" or actor.role not in _WRITERS):
        raise ForbiddenError("access.read_only")


def ensure_own(actor: Actor, follower_id: UUID) -> None:
    """The applicant themselves, or the system for them. Raises NotFoundError, which tells a stranger nothing."""
    if actor.kind != "system" and (actor.kind != "applicant" or actor.id != str(follower_id)):
        raise NotFoundError("access.not_found")


def ensure_own_or_officer(actor: Actor, follower_id: UUID, organisation_id: UUID) -> None:
    """The applicant themselves, an officer of that organisation, or the system. Raises NotFoundError, ForbiddenError."""
    if actor.kind == "applicant":
        ensure_own(actor, follower_id)
    else:
        ensure_officer(actor, organisation_id)


def ensure_another(actor: Actor, first: str | None, code: str) -> None:
    """What one person proposed, another decides. Raises ForbiddenError `code` for `first`, by their id."""
    if actor.id == first:
        raise ForbiddenError(code)


def visible_organisation(actor: Actor) -> UUID | None:
    """The organisation whose rows this actor sees; None for the system, which sees all. Raises ForbiddenError."""
    if actor.kind == "system":
        return None
    if actor.kind != "staff" or actor.organisation_id is None:
        raise ForbiddenError("access.staff_only")
    return actor.organisation_id
