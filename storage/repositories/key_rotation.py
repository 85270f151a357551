"""Going through whole tables, page by page, to encrypt them under another key."""

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Table, exists, func, inspect, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.tables import Base, BusinessAccount, Enrolment, Person

_Row = TypeVar("_Row", bound=Base)


class KeyRotationRepository:
    """Any table with one column as its primary key."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def count(self, table: type[Base]) -> int:
        """How many rows there are."""
        return await self.session.scalar(select(func.count()).select_from(table)) or 0

    async def page(
        self, table: type[_Row], *, after: Any, limit: int, for_update: bool
    ) -> list[tuple[Any, _Row]]:
        """The next rows by primary key, each behind its key; `after` is the last key seen, None at the start."""
        (key,) = inspect(table).primary_key
        statement = select(key, table).order_by(key).limit(limit)
        if after is not None:
            statement = statement.where(key > after)
        if for_update:
            statement = statement.with_for_update()
        return [(found, row) for found, row in await self.session.execute(statement)]

    async def has_other_person(self, digest: bytes, person_id: UUID) -> bool:
        """Whether another person than this one has the digest."""
        other = exists().where(Person.identity_digest == digest, Person.id != person_id)
        return bool(await self.session.scalar(select(other)))

    async def has_other_account(self, digest: bytes, account_id: UUID) -> bool:
        """Whether another business account than this one has the digest of a login."""
        other = exists().where(BusinessAccount.login_digest == digest, BusinessAccount.id != account_id)
        return bool(await self.session.scalar(select(other)))

    async def replace_answers(self, enrolment_id: UUID, answers: Mapping[str, Any]) -> None:
        """Write the answers without counting it as a change (`Enrolment.revision`)."""
        table = Enrolment.__table__
        assert isinstance(table, Table)  # noqa: S101 - for the type checker
        await self.session.execute(
            update(table).where(table.c.id == enrolment_id).values(answers=dict(answers))
        )
