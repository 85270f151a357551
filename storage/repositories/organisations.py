"""Organisations."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from storage.tables import Organisation


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

    async def add_if_new(self, organisation: Organisation) -> UUID | None:
        """Keep it unless the name is taken, also by another transaction at this moment; None when it was."""
        statement = (
            insert(Organisation)
            .values(
                id=organisation.id,
                kind=organisation.kind,
                name=organisation.name,
                status="active",
                scope=[],
                facts={},
                created_at=organisation.created_at,
            )
            .on_conflict_do_nothing(index_elements=["name"])
            .returning(Organisation.id)
        )
        return await self._session.scalar(statement)
