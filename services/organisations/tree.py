"""What people do with the tree of organisations: add, rename, move, look.

The command line may do everything. Staff see their own organisation and what is below it; an administrator changes what is
below, not their own: its name stands on papers, and who is above it decides where it stands.
"""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from services import audit
from services.access import ensure_admin, visible_organisation
from services.errors import ConflictError, NotFoundError, ServiceError
from services.models import Actor, OrganisationStatus
from services.rules.organisation_kinds import PARENTS, OrganisationKind, may_be_located_in, may_be_under
from services.unit_of_work import Work
from storage.repositories.organisations import OrganisationRepository
from storage.tables import Organisation

_SHORTEST_NAME, _LONGEST_NAME = 2, 60


@dataclass(frozen=True, kw_only=True)
class OrganisationNode:
    """One organisation in the tree."""

    id: UUID
    name: str
    kind: OrganisationKind
    status: OrganisationStatus
    parent_id: UUID | None
    #: Name of the one above; empty at the top, and where the one above is not for the reader's eyes.
    parent: str
    #: Name of the city centre that a provincial institution is located in (D2); empty for others.
    located_in: str
    #: Steps below the topmost one that is listed.
    depth: int
    #: Active accounts of its staff.
    staff: int
    #: Why it is suspended or has ended.
    status_reason: str = ""


class OrganisationTree:
    """The tree of organisations. Construct one for each unit of work."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.organisations = OrganisationRepository(work.session)

    async def list_(
        self, actor: Actor, *, kind: OrganisationKind | None = None
    ) -> tuple[OrganisationNode, ...]:
        """What the actor sees, each followed by what is below it; `kind` leaves only those. Raises ForbiddenError."""
        rows = await self._visible(actor)
        staff = await self.organisations.count_staff([row.id for row in rows])
        names = {row.id: row.name for row in rows}
        names |= await self.organisations.names(
            {row.located_in_id for row in rows if row.located_in_id is not None} - names.keys()
        )
        return tuple(
            OrganisationNode(
                id=row.id,
                name=row.name,
                kind=OrganisationKind(row.kind),
                status=OrganisationStatus(row.status),
                parent_id=row.parent_id,
                parent=names.get(row.parent_id, "") if row.parent_id else "",
                located_in=names.get(row.located_in_id, "") if row.located_in_id else "",
                depth=depth,
                staff=staff.get(row.id, 0),
                status_reason=row.status_reason,
            )
            for row, depth in _in_order(rows)
            if kind is None or row.kind == kind
        )

    async def show(self, actor: Actor, organisation_id: UUID) -> OrganisationNode:
        """One of them. Raises NotFoundError, for what is not below the actor's organisation too."""
        found = next((node for node in await self.list_(actor) if node.id == organisation_id), None)
        if found is None:
            raise NotFoundError("organisation.not_found")
        return found

    async def find_by_name(self, actor: Actor, name: str) -> OrganisationNode:
        """The one of exactly this name. Raises NotFoundError."""
        row = await self.organisations.find_by_name(" ".join(name.split()))
        if row is None:
            raise NotFoundError("organisation.not_found", name=name)
        return await self.show(actor, row.id)

    async def add(
        self,
        actor: Actor,
        *,
        name: str,
        kind: OrganisationKind,
        parent_id: UUID | None = None,
        located_in_id: UUID | None = None,
    ) -> OrganisationNode:
        """A new one under `parent_id`; None: at the top, which is for the command line only.

        Raises:
            ServiceError: `organisation.name` (`minimum`, `maximum`), `organisation.parent_kind` (`kind`, `parent`,
                `allowed`), `organisation.located_in` (only a provincial institution names its city).
            ConflictError: `organisation.name_taken`.
            NotFoundError: a parent that is not the actor's organisation or below it. ForbiddenError: no administrator.
        """
        ensure_admin(actor)
        parent = await self._parent(actor, parent_id)
        self._check_place(kind, parent)
        place = await self._place(kind, parent, located_in_id)
        row = Organisation(
            id=uuid.uuid4(),
            name=_name(name),
            kind=kind,
            parent_id=parent_id,
            located_in_id=place.id if place else None,
            status=OrganisationStatus.ACTIVE,
            created_at=self.work.now,
        )
        await self._keep(row)
        after = {"name": row.name, "kind": kind, "parent": parent.name if parent else None}
        if place is not None:
            after["located_in"] = place.name
        self._record(actor, "organisation.added", row, after=after)
        return await self.show(actor, row.id)

    async def rename(self, actor: Actor, organisation_id: UUID, name: str) -> None:
        """Give it another name. Papers that were issued keep the old one. Raises as `add`."""
        row = await self.changeable(actor, organisation_id)
        before, row.name = row.name, _name(name)
        if row.name == before:
            return
        await self._keep(row)
        self._record(actor, "organisation.renamed", row, before={"name": before}, after={"name": row.name})

    async def move(
        self,
        actor: Actor,
        organisation_id: UUID,
        parent_id: UUID | None,
        *,
        located_in_id: UUID | None = None,
    ) -> None:
        """Put it, with all that is below it, under another. What is in review stays where it is.

        Raises: as `add`; ConflictError `organisation.circle`, under itself or what is below it.
        """
        await self.organisations.lock_tree()
        row = await self.changeable(actor, organisation_id)
        parent = await self._parent(actor, parent_id)
        if parent is not None and row.id in {one.id for one in await self.organisations.path(parent.id)}:
            raise ConflictError("organisation.circle", name=row.name, parent=parent.name)
        self._check_place(OrganisationKind(row.kind), parent)
        place = await self._place(OrganisationKind(row.kind), parent, located_in_id)
        names = await self.organisations.names(
            [one for one in (row.parent_id, row.located_in_id) if one is not None]
        )
        before = {"parent": names.get(row.parent_id) if row.parent_id else None}
        if row.located_in_id is not None:
            before["located_in"] = names.get(row.located_in_id)
        row.parent_id, row.located_in_id = parent_id, place.id if place else None
        await self.work.session.flush()
        after = {"parent": parent.name if parent else None}
        if place is not None:
            after["located_in"] = place.name
        self._record(actor, "organisation.moved", row, before=before, after=after)

    async def _visible(self, actor: Actor) -> list[Organisation]:
        own = visible_organisation(actor)
        return await self.organisations.list_all() if own is None else await self.organisations.subtree(own)

    async def changeable(self, actor: Actor, organisation_id: UUID) -> Organisation:
        """One strictly below the actor's own. Raises NotFoundError, ForbiddenError."""
        own = visible_organisation(actor)
        path = await self.organisations.path(organisation_id)
        if not path or (own is not None and own not in {one.id for one in path}):
            raise NotFoundError("organisation.not_found")
        ensure_admin(actor)
        if own == organisation_id:
            raise ConflictError("organisation.own")
        return path[0]

    async def _parent(self, actor: Actor, parent_id: UUID | None) -> Organisation | None:
        own = visible_organisation(actor)
        path = await self.organisations.path(parent_id) if parent_id is not None else []
        if (parent_id is not None and not path) or (own is not None and own not in {one.id for one in path}):
            raise NotFoundError("organisation.parent_not_found")
        return path[0] if path else None

    async def _place(
        self, kind: OrganisationKind, parent: Organisation | None, located_in_id: UUID | None
    ) -> Organisation | None:
        if located_in_id is None:
            return None
        place = await self.organisations.find(located_in_id)
        if place is None:
            raise NotFoundError("organisation.not_found")
        above = OrganisationKind(parent.kind) if parent else None
        if not may_be_located_in(kind, above, OrganisationKind(place.kind)):
            raise ServiceError("organisation.located_in", kind=str(kind), place=place.kind)
        return place

    @staticmethod
    def _check_place(kind: OrganisationKind, parent: Organisation | None) -> None:
        above = OrganisationKind(parent.kind) if parent else None
        if not may_be_under(kind, above):
            allowed = ",".join(one or "" for one in PARENTS[kind])
            raise ServiceError(
                "organisation.parent_kind", kind=str(kind), parent=str(above or ""), allowed=allowed
            )

    async def _keep(self, row: Organisation) -> None:
        name = row.name
        try:
            async with self.work.session.begin_nested():
                await self.organisations.add(row)
        except IntegrityError:
            raise ConflictError("organisation.name_taken", name=name) from None

    def _record(
        self,
        actor: Actor,
        action: str,
        row: Organisation,
        *,
        before: dict[str, str | None] | None = None,
        after: dict[str, str | None],
    ) -> None:
        audit.record(
            self.work,
            actor,
            action,
            "organisation",
            row.id,
            before=before,
            after=after,
            organisation_id=actor.organisation_id or row.id,
        )


def _name(typed: str) -> str:
    # Not `normalise`: a name stands as it is on the seal, with its full-width brackets.
    name = " ".join(typed.split())
    if not _SHORTEST_NAME <= len(name) <= _LONGEST_NAME:
        raise ServiceError("organisation.name", minimum=_SHORTEST_NAME, maximum=_LONGEST_NAME)
    return name


def _in_order(rows: Iterable[Organisation]) -> Iterator[tuple[Organisation, int]]:
    """Each with its depth, followed by what is below it; those whose parent is not among them come first of all."""
    rows = list(rows)
    known = {row.id for row in rows}
    below: dict[UUID | None, list[Organisation]] = {}
    for row in rows:
        below.setdefault(row.parent_id if row.parent_id in known else None, []).append(row)
    waiting = [(row, 0) for row in reversed(below.get(None, []))]
    while waiting:
        row, depth = waiting.pop()
        yield row, depth
        waiting.extend((child, depth + 1) for child in reversed(below.get(row.id, [])))
