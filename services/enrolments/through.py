"""Enrolling through one of several organisations: a D institution, an E laboratory (D7, E5).

Only names of active organisations of the scheme's kinds are shown to applicants, and nothing else of them (B9).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.errors import ConflictError, NotFoundError
from services.organisations.routing import path_of
from services.schemes.models import Scheme
from services.unit_of_work import Work
from storage.repositories.organisations import OrganisationRepository
from storage.states import EnrolmentState, OrganisationStatus
from storage.tables import Enrolment, Organisation

#: As many as are read through in one message.
SHOWN = 8
_LONGEST_PART = 60


@dataclass(frozen=True, kw_only=True)
class ThroughOption:
    """An organisation that one may enrol through."""

    id: UUID
    name: str


@dataclass(frozen=True, kw_only=True)
class Offered:
    """Those whose name has a part, at most `SHOWN` of them."""

    options: tuple[ThroughOption, ...]
    #: How many there are beyond those.
    more: int


async def offered(work: Work, scheme: Scheme, part: str = "") -> Offered:
    """Whom one may enrol through; `part` of a name narrows it down."""
    organisations, wanted = OrganisationRepository(work.session), part.strip()[:_LONGEST_PART]
    rows = await organisations.list_active(scheme.through_kinds, part=wanted, limit=SHOWN + 1)
    more = (
        await organisations.count_active(scheme.through_kinds, part=wanted) - SHOWN
        if len(rows) > SHOWN
        else 0
    )
    return Offered(options=tuple(ThroughOption(id=row.id, name=row.name) for row in rows[:SHOWN]), more=more)


async def chosen_path(
    work: Work, scheme: Scheme, organisation_id: UUID | None
) -> Sequence[Organisation] | None:
    """The organisation that an enrolment goes through, with those above it; None for a scheme that is enrolled in at its
    organiser.

    Raises: ConflictError `enrolment.organisation_needed`; NotFoundError `organisation.not_found`, also for one that is not
    active or of another kind.
    """
    if not scheme.through_kinds:
        return None
    if organisation_id is None:
        raise ConflictError("enrolment.organisation_needed")
    path = await path_of(work, organisation_id)
    if not _open(scheme, path[0]):
        raise NotFoundError("organisation.not_found")
    return path


async def path_still_open(work: Work, enrolment: Enrolment, scheme: Scheme) -> Sequence[Organisation] | None:
    """The organisation that a draft goes through, with those above it; None where that is not chosen, or no draft.

    Raises ConflictError `enrolment.organisation_closed` (`organisation`): it may not be gone through any more.
    """
    if not scheme.through_kinds or enrolment.state != EnrolmentState.DRAFT:
        return None
    path = await path_of(work, enrolment.organisation_id)
    if not _open(scheme, path[0]):
        raise ConflictError("enrolment.organisation_closed", organisation=path[0].name)
    return path


def _open(scheme: Scheme, row: Organisation) -> bool:
    return row.kind in scheme.through_kinds and row.status == OrganisationStatus.ACTIVE
