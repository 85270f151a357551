"""Organisations by their names: found, or made when a scheme names one that is not there yet."""

import uuid
from dataclasses import dataclass
from uuid import UUID

from services import audit
from services.models import Actor
from services.unit_of_work import Work
from storage.repositories.organisations import OrganisationRepository
from storage.tables import Organisation


@dataclass(frozen=True, kw_only=True)
class OrganisationLine:
    """One organisation in a list."""

    id: UUID
    name: str
    kind: str
    status: str


async def ensure(work: Work, name: str, kind: str) -> UUID:
    """The id of the organisation called `name`, made with this `kind` when there is none."""
    organisations = OrganisationRepository(work.session)
    if (known := await organisations.find_by_name(name)) is not None:
        return known.id
    row = Organisation(id=uuid.uuid4(), name=name, kind=kind, created_at=work.now)
    made = await organisations.add_if_new(row)
    if made is None:  # another process was faster
        known = await organisations.find_by_name(name)
        if known is None:
            raise LookupError(name)
        return known.id
    audit.record(
        work,
        Actor.system("organisations"),
        "organisation.added",
        "organisation",
        made,
        after={"name": name, "kind": kind},
        organisation_id=made,
    )
    return made


async def list_(work: Work) -> tuple[OrganisationLine, ...]:
    """All organisations, by name."""
    rows = await OrganisationRepository(work.session).list_all()
    return tuple(OrganisationLine(id=row.id, name=row.name, kind=row.kind, status=row.status) for row in rows)
