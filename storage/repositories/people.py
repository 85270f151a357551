"""Followers and persons."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from storage.tables import Follower, Person


class PeopleRepository:
    """The tables `followers` and `persons`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def find_follower(self, account: str, openid: str) -> Follower | None:
        """The follower with this openid."""
        return await self.session.scalar(
            select(Follower).where(Follower.account == account, Follower.openid == openid)
        )

    async def get_follower(self, follower_id: UUID) -> Follower:
        """The follower. Raises sqlalchemy.exc.NoResultFound."""
        return await self.session.get_one(Follower, follower_id)

    async def add_follower(self, account: str, openid: str, now: datetime) -> Follower:
        """A new follower; the one who was quicker, if another transaction added the same."""
        row: Follower | None = await self.session.scalar(
            insert(Follower)
            .values(account=account, openid=openid, followed_at=now, created_at=now)
            .on_conflict_do_update(index_elements=["account", "openid"], set_={"openid": openid})
            .returning(Follower)
        )
        if row is None:
            raise RuntimeError("an upsert returned nothing")
        return row

    async def get_person(self, person_id: UUID) -> Person:
        """The person. Raises sqlalchemy.exc.NoResultFound."""
        return await self.session.get_one(Person, person_id)

    async def find_person(self, digests: Sequence[bytes]) -> Person | None:
        """The person whose identity number has one of these digests (one for each secret key)."""
        return await self.session.scalar(select(Person).where(Person.identity_digest.in_(digests)))

    async def add_person(self, person: Person) -> Person:
        """A new person; the one who was quicker, if another transaction added the same identity number."""
        added: Person | None = await self.session.scalar(
            insert(Person)
            .values(
                identity_cipher=person.identity_cipher,
                identity_digest=person.identity_digest,
                name=person.name,
                birth_on=person.birth_on,
                sex=person.sex,
                created_at=person.created_at,
            )
            .on_conflict_do_nothing(index_elements=["identity_digest"])
            .returning(Person)
        )
        if added is not None:
            return added
        found = await self.find_person([person.identity_digest])
        if found is None:
            raise RuntimeError("a person neither added nor found")
        return found
