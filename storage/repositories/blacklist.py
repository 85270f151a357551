"""The blacklist and what those on it said."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession

from storage.repositories.people import Listing
from storage.states import AttachmentState, BlacklistState, DeliveryState, EnrolmentState
from storage.tables import (
    Attachment,
    BlacklistEntry,
    BlacklistStatement,
    Enrolment,
    Follower,
    Organisation,
    OutboxMessage,
    Person,
)

_ARRIVED = (DeliveryState.ACCEPTED, DeliveryState.DELIVERED)
_UNDECIDED = (EnrolmentState.IN_REVIEW, EnrolmentState.RETURNED)


@dataclass(frozen=True, kw_only=True)
class BarRow:
    """An entry in force, whose it is, and who decided it."""

    entry: BlacklistEntry
    name: str
    organisation: Organisation


def in_force_on(day: date) -> ColumnElement[bool]:
    """An entry that bars on this day (Shanghai); both its days are included."""
    return and_(
        BlacklistEntry.state == BlacklistState.CONFIRMED,
        BlacklistEntry.starts_on <= day,
        BlacklistEntry.last_on >= day,
    )


class BlacklistRepository:
    """The tables `blacklist_entries` and `blacklist_statements`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def find_in_force(self, listing: Listing) -> BarRow | None:
        """The entry that bars this person on this day, found by the number's digests: one statement."""
        row = (
            await self.session.execute(
                select(BlacklistEntry, Person.name, Organisation)
                .join(Person, Person.id == BlacklistEntry.person_id)
                .join(Organisation, Organisation.id == BlacklistEntry.organisation_id)
                .where(*listing.conditions())
                .order_by(BlacklistEntry.last_on.desc())
                .limit(1)
            )
        ).one_or_none()
        if row is None:
            return None
        entry, name, organisation = row
        return BarRow(entry=entry, name=name, organisation=organisation)

    async def in_force_of(
        self, enrolment_ids: Collection[UUID], day: date
    ) -> Sequence[tuple[Enrolment, BarRow]]:
        """The entries that bar the people of these enrolments on this day, of any list; the longest first."""
        rows = await self.session.execute(
            select(Enrolment, BlacklistEntry, Person.name, Organisation)
            .join(BlacklistEntry, BlacklistEntry.person_id == Enrolment.person_id)
            .join(Person, Person.id == BlacklistEntry.person_id)
            .join(Organisation, Organisation.id == BlacklistEntry.organisation_id)
            .where(Enrolment.id.in_(enrolment_ids), in_force_on(day))
            .order_by(BlacklistEntry.last_on.desc())
        )
        return [
            (enrolment, BarRow(entry=entry, name=name, organisation=organisation))
            for enrolment, entry, name, organisation in rows
        ]

    async def find_proposed(self, list_key: str, person_id: UUID) -> BlacklistEntry | None:
        """The proposal about this person that is not decided yet."""
        return await self.session.scalar(
            select(BlacklistEntry).where(
                BlacklistEntry.list_key == list_key,
                BlacklistEntry.person_id == person_id,
                BlacklistEntry.state == BlacklistState.PROPOSED,
            )
        )

    async def find(self, entry_id: UUID, *, for_update: bool = False) -> BlacklistEntry | None:
        """One entry; with `for_update` as it is when the lock is had."""
        query = select(BlacklistEntry).where(BlacklistEntry.id == entry_id)
        if for_update:
            query = query.with_for_update().execution_options(populate_existing=True)
        return await self.session.scalar(query)

    async def find_by_number(self, number: int) -> BlacklistEntry | None:
        """By the number that people read out."""
        return await self.session.scalar(select(BlacklistEntry).where(BlacklistEntry.number == number))

    async def find_answerable(
        self, follower_id: UUID, day: date, *, for_update: bool = False
    ) -> BlacklistEntry | None:
        """What this follower may say something of: a proposal about them, else the entry that bars them."""
        query = (
            select(BlacklistEntry)
            .join(Follower, Follower.person_id == BlacklistEntry.person_id)
            .where(
                Follower.id == follower_id,
                _answerable(day),
            )
            .order_by(BlacklistEntry.state.desc(), BlacklistEntry.created_at.desc())
            .limit(1)
        )
        if for_update:
            query = query.with_for_update(of=BlacklistEntry).execution_options(populate_existing=True)
        return await self.session.scalar(query)

    async def find_named(self, digests: Sequence[bytes], name: str, day: date) -> BlacklistEntry | None:
        """The entry in force about the bearer of this number and name, or the proposal that they were told of on paper."""
        return await self.session.scalar(
            select(BlacklistEntry)
            .join(Person, Person.id == BlacklistEntry.person_id)
            .where(BlacklistEntry.identity_digest.in_(digests), Person.name == name, _answerable(day))
            .where(or_(BlacklistEntry.state == BlacklistState.CONFIRMED, BlacklistEntry.told_by == "paper"))
            .order_by(BlacklistEntry.state.desc(), BlacklistEntry.created_at.desc())
            .limit(1)
        )

    async def lock_answerable(self, entry_id: UUID, day: date) -> BlacklistEntry | None:
        """This entry, locked, while something may be said of it."""
        return await self.session.scalar(
            select(BlacklistEntry)
            .where(BlacklistEntry.id == entry_id, _answerable(day))
            .with_for_update()
            .execution_options(populate_existing=True)
        )

    async def page(
        self,
        *,
        organisation_id: UUID | None,
        overseen: Sequence[str],
        state: str | None,
        offset: int,
        limit: int,
    ) -> tuple[int, Sequence[tuple[BlacklistEntry, str, str]]]:
        """Entries with the person's and the organisation's name, the newest first, and how many there are.

        Those of one organisation, and all of the lists that it oversees; None: all.
        """
        query = (
            select(BlacklistEntry, Person.name, Organisation.name)
            .join(Person, Person.id == BlacklistEntry.person_id)
            .join(Organisation, Organisation.id == BlacklistEntry.organisation_id)
            .where(
                true()
                if organisation_id is None
                else or_(
                    BlacklistEntry.organisation_id == organisation_id, BlacklistEntry.list_key.in_(overseen)
                )
            )
        )
        if state:
            query = query.where(BlacklistEntry.state == state)
        total = await self.session.scalar(select(func.count()).select_from(query.subquery()))
        rows = await self.session.execute(
            query.order_by(BlacklistEntry.number.desc()).offset(offset).limit(limit)
        )
        return total or 0, [(entry, name, organisation) for entry, name, organisation in rows]

    async def add(self, entry: BlacklistEntry) -> None:
        """Written at once. Raises sqlalchemy.exc.IntegrityError when another proposal was quicker."""
        self.session.add(entry)
        await self.session.flush()

    async def statements(self, entry_id: UUID) -> Sequence[BlacklistStatement]:
        """What the person said, in its order."""
        rows = await self.session.scalars(
            select(BlacklistStatement)
            .where(BlacklistStatement.entry_id == entry_id)
            .order_by(BlacklistStatement.created_at, BlacklistStatement.id)
        )
        return rows.all()

    async def count_said(self, entry_id: UUID) -> tuple[int, int]:
        """How many statements and how many pictures the person has given: one statement."""
        statements = select(func.count()).where(BlacklistStatement.entry_id == entry_id).scalar_subquery()
        pictures = (
            select(func.count())
            .where(
                Attachment.blacklist_entry_id == entry_id,
                Attachment.role == "statement",
                Attachment.state != AttachmentState.REFUSED,
            )
            .scalar_subquery()
        )
        said, shown = (await self.session.execute(select(statements, pictures))).one()
        return said, shown

    async def reachable_followers(self, person_id: UUID) -> Sequence[UUID]:
        """Who of the followers is this person and can be written to."""
        rows = await self.session.scalars(
            select(Follower.id)
            .where(
                Follower.person_id == person_id,
                Follower.unfollowed_at.is_(None),
                Follower.unreachable_code.is_(None),
            )
            .order_by(Follower.created_at)
        )
        return rows.all()

    async def has_arrived(self, group: str) -> bool:
        """Whether the platform took at least one message of this group."""
        found = await self.session.scalar(
            select(OutboxMessage.id)
            .where(OutboxMessage.group_key == group, OutboxMessage.state.in_(_ARRIVED))
            .limit(1)
        )
        return found is not None

    async def undecided_enrolments(self, person_id: UUID, scheme_ids: Sequence[str]) -> Sequence[Enrolment]:
        """Locked: what this person handed in and nobody has decided yet."""
        rows = await self.session.scalars(
            select(Enrolment)
            .where(
                Enrolment.person_id == person_id,
                Enrolment.scheme_id.in_(scheme_ids),
                Enrolment.state.in_(_UNDECIDED),
            )
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        return rows.all()


def _answerable(day: date) -> ColumnElement[bool]:
    """A proposal, or an entry that bars on this day."""
    return or_(
        BlacklistEntry.state == BlacklistState.PROPOSED,
        (BlacklistEntry.state == BlacklistState.CONFIRMED) & (BlacklistEntry.last_on >= day),
    )
