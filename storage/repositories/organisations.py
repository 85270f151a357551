"""Organisations and their tree."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal, or_, select, true
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from storage.states import OrganisationStatus
from storage.tables import Organisation, Staff

#: Whoever changes the tree holds this lock, so that two moves at once make no circle.
_TREE_LOCK = 7312591


class OrganisationRepository:
    """Organisations within one transaction of the caller's."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find_by_name(self, name: str) -> Organisation | None:
        """The organisation of exactly this name."""
        return await self._session.scalar(select(Organisation).where(Organisation.name == name))

    async def find(self, organisation_id: UUID) -> Organisation | None:
        """The organisation, or None."""
        return await self._session.get(Organisation, organisation_id)

    async def list_all(self) -> list[Organisation]:
        """All, by name."""
        return list(await self._session.scalars(select(Organisation).order_by(Organisation.name)))

    async def add(self, organisation: Organisation) -> None:
        """Keep a new one. Raises sqlalchemy.exc.IntegrityError when its name is taken."""
        self._session.add(organisation)
        await self._session.flush()

    async def add_if_new(self, organisation: Organisation) -> UUID | None:
        """Keep it unless the name is taken, also by another transaction at this moment; None when it was."""
        statement = (
            insert(Organisation)
            .values(
                id=organisation.id,
                kind=organisation.kind,
                name=organisation.name,
                status=OrganisationStatus.ACTIVE,
                scope=[],
                facts={},
                created_at=organisation.created_at,
            )
            .on_conflict_do_nothing(index_elements=["name"])
            .returning(Organisation.id)
        )
        return await self._session.scalar(statement)

    async def lock_tree(self) -> None:
        """Until the end of the transaction nobody else changes who stands under whom."""
        await self._session.execute(select(func.pg_advisory_xact_lock(_TREE_LOCK)))

    async def path(self, organisation_id: UUID) -> list[Organisation]:
        """It and those above it, itself first; empty when there is none."""
        above = (
            select(Organisation.id, Organisation.parent_id, literal(0).label("steps"))
            .where(Organisation.id == organisation_id)
            .cte("above", recursive=True)
        )
        parent = aliased(Organisation)
        above = above.union_all(
            select(parent.id, parent.parent_id, above.c.steps + 1).where(parent.id == above.c.parent_id)
        )
        rows = await self._session.scalars(
            select(Organisation).join(above, above.c.id == Organisation.id).order_by(above.c.steps)
        )
        return list(rows)

    async def subtree(self, organisation_id: UUID) -> list[Organisation]:
        """It and all below it, by name."""
        below = select(Organisation.id).where(Organisation.id == organisation_id).cte("below", recursive=True)
        child = aliased(Organisation)
        below = below.union_all(select(child.id).where(child.parent_id == below.c.id))
        rows = await self._session.scalars(
            select(Organisation).join(below, below.c.id == Organisation.id).order_by(Organisation.name)
        )
        return list(rows)

    async def list_active(
        self, kinds: Collection[str], *, part: str = "", limit: int | None = None
    ) -> Sequence[Organisation]:
        """Active ones of these kinds whose name contains `part`, by name."""
        statement = select(Organisation).where(
            Organisation.kind.in_(kinds), Organisation.status == OrganisationStatus.ACTIVE, _named(part)
        )
        rows = await self._session.scalars(statement.order_by(Organisation.name).limit(limit))
        return rows.all()

    async def count_active(self, kinds: Collection[str], *, part: str = "") -> int:
        """How many `list_active` would list without a limit."""
        statement = select(func.count()).select_from(Organisation)
        found = await self._session.scalar(
            statement.where(
                Organisation.kind.in_(kinds), Organisation.status == OrganisationStatus.ACTIVE, _named(part)
            )
        )
        return found or 0

    async def count_staff(self, organisation_ids: Collection[UUID]) -> dict[UUID, int]:
        """How many active accounts each has; those without are left out."""
        rows = await self._session.execute(
            select(Staff.organisation_id, func.count())
            .where(Staff.organisation_id.in_(organisation_ids), Staff.active)
            .group_by(Staff.organisation_id)
        )
        return {one: value for one, value in rows}  # noqa: C416 - mypy knows no pairs in dict(rows)

    async def names(self, organisation_ids: Collection[UUID]) -> dict[UUID, str]:
        """The names of these."""
        rows = await self._session.execute(
            select(Organisation.id, Organisation.name).where(Organisation.id.in_(organisation_ids))
        )
        return {one: value for one, value in rows}  # noqa: C416 - mypy knows no pairs in dict(rows)


def _named(part: str) -> ColumnElement[bool]:
    return or_(Organisation.name.icontains(part, autoescape=True)) if part else true()
