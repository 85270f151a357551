"""Followers and persons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID, uuid4

from sqlalchemy import ColumnElement, Select, bindparam, exists, false, func, select, union_all
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from storage.repositories.cards import barring
from storage.repositories.enrolments import RUNNING
from storage.states import BlacklistState, EnrolmentState
from storage.tables import Base, BlacklistEntry, CardCancellation, Enrolment, Follower, Person

# Made once: each message asks for its follower.
_FIND_FOLLOWER = select(Follower).where(
    Follower.account == bindparam("account"), Follower.openid == bindparam("openid")
)


@dataclass(frozen=True, kw_only=True)
class Applicant:
    """Somebody who submits in a scheme, and what they have there already."""

    person: Person
    #: Number of another enrolment of theirs that is neither a draft nor at an end.
    running_number: int | None
    #: How many enrolments came to a result (B2).
    concluded: int
    #: They are on the blacklist that was asked about (C7).
    listed: bool
    #: A qualification of the family that was asked about was cancelled for ever (D9).
    barred: bool


@dataclass(frozen=True, kw_only=True)
class Listing:
    """What is asked of a blacklist: by which digests, and on which day (Shanghai)."""

    list_key: str
    digests: Sequence[bytes]
    day: date

    def conditions(self) -> tuple[ColumnElement[bool], ...]:
        """What an entry in force meets; both its days are included."""
        return (
            BlacklistEntry.list_key == self.list_key,
            BlacklistEntry.identity_digest.in_(self.digests),
            BlacklistEntry.state == BlacklistState.CONFIRMED,
            BlacklistEntry.starts_on <= self.day,
            BlacklistEntry.last_on >= self.day,
        )


class PeopleRepository:
    """The tables `followers` and `persons`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def find_follower(self, account: str, openid: str) -> Follower | None:
        """The follower with this openid."""
        return await self.session.scalar(_FIND_FOLLOWER, {"account": account, "openid": openid})

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

    async def find_or_add(self, person: Person, digests: Sequence[bytes]) -> Person:
        """The person whose identity number has one of these digests (one for each secret key), else `person`, added.

        Once more when another transaction added the same person at this moment.
        """
        statement = select(_known_or_added(person, digests))
        found = (await self.session.scalars(statement)).one_or_none()
        return found if found is not None else (await self.session.scalars(statement)).one()

    async def identify(
        self,
        person: Person,
        digests: Sequence[bytes],
        *,
        scheme_id: str,
        other_than: UUID,
        listing: Listing | None = None,
        card_family: str | None = None,
    ) -> Applicant:
        """`find_or_add`, with what is asked about them when they submit in a scheme, read in the same statement.

        `other_than` is the enrolment that they submit.
        """
        statement = _identify(person, digests, scheme_id, other_than, listing, card_family)
        row = (await self.session.execute(statement)).one_or_none()
        if row is None:
            row = (await self.session.execute(statement)).one()
        found, running_number, concluded, listed, barred = row
        return Applicant(
            person=found, running_number=running_number, concluded=concluded, listed=listed, barred=barred
        )


def _known_or_added(person: Person, digests: Sequence[bytes]) -> type[Person]:
    table = Base.metadata.tables["persons"]
    known = select(table).where(table.c.identity_digest.in_(digests)).limit(1).cte("known")
    columns = ("id", "identity_cipher", "identity_digest", "name", "birth_on", "sex", "created_at")
    values = {"id": uuid4()} | {name: getattr(person, name) for name in columns[1:]}
    new = select(*(bindparam(None, values[name], table.c[name].type) for name in columns))
    added = (
        insert(table)
        .from_select(columns, new.where(~exists(select(known.c.id))), include_defaults=False)
        .on_conflict_do_nothing(index_elements=["identity_digest"])
        .returning(table)
        .cte("added")
    )
    return aliased(Person, union_all(select(known), select(added)).subquery("person"))


def _identify(
    person: Person,
    digests: Sequence[bytes],
    scheme_id: str,
    other_than: UUID,
    listing: Listing | None,
    card_family: str | None,
) -> Select[Person, int | None, int, bool, bool]:
    one = _known_or_added(person, digests)
    theirs = (Enrolment.person_id == one.id, Enrolment.scheme_id == scheme_id)
    running = select(Enrolment.number).where(
        *theirs, Enrolment.state.in_(RUNNING), Enrolment.id != other_than
    )
    concluded = select(func.count()).where(*theirs, Enrolment.state == EnrolmentState.CONCLUDED)
    barred = exists().where(
        CardCancellation.person_id == one.id, CardCancellation.family == card_family, *barring()
    )
    return select(
        one,
        running.limit(1).scalar_subquery(),
        concluded.scalar_subquery(),
        exists().where(*listing.conditions()) if listing is not None else false(),
        barred if card_family is not None else false(),
    )
