"""Cards 证卡, who waits for one, and what cancels them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.card_states import CancellationState, CardState
from storage.states import ResultState
from storage.tables import Card, CardCancellation, Enrolment, Person, Result, VoidCopy

#: A card that has a number and is not cancelled.
STANDING = (CardState.NUMBERED, CardState.MADE, CardState.HANDED_OUT)


@dataclass(frozen=True, kw_only=True)
class CardFilter:
    """What a list shows; None and empty mean all."""

    organisation_id: UUID | None
    state: str | None = None
    #: With it, only those past their last day, or of the state `expired` is asked for.
    expired_on: date | None = None
    scheme_id: str | None = None
    query: str = ""
    #: Only those of which a new copy is proposed.
    wanted: bool = False


CardRow = tuple[Card, Person, Enrolment]


class CardRepository:
    """The tables `cards` and `card_cancellations`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    # ---- who waits ------------------------------------------------------------------------------------------

    async def list_passed(
        self, scheme_ids: Collection[str], *, enrolment_ids: Collection[UUID] | None = None, limit: int
    ) -> Sequence[tuple[Enrolment, Person]]:
        """Those with a published pass in these schemes and no card, by number; with ids only these, locked."""
        query = (
            select(Enrolment, Person)
            .join(Person, Person.id == Enrolment.person_id)
            .join(Result, Result.enrolment_id == Enrolment.id)
            .outerjoin(Card, Card.enrolment_id == Enrolment.id)
            .where(
                Enrolment.scheme_id.in_(scheme_ids),
                Result.state == ResultState.PUBLISHED,
                Result.passed.is_(True),
                Card.id.is_(None),
            )
            .order_by(Enrolment.number)
            .limit(limit)
        )
        if enrolment_ids is not None:
            query = query.where(Enrolment.id.in_(enrolment_ids)).with_for_update(of=Enrolment)
        return [(enrolment, person) for enrolment, person in await self.session.execute(query)]

    async def add_all(self, rows: Sequence[Card]) -> None:
        """Written at once. Raises sqlalchemy.exc.IntegrityError when somebody else was faster."""
        self.session.add_all(rows)
        await self.session.flush()

    # ---- finding --------------------------------------------------------------------------------------------

    async def page(self, wanted: CardFilter, *, offset: int, limit: int) -> tuple[int, Sequence[CardRow]]:
        """One page, the newest first, and how many there are in all."""
        query = _rows().where(Enrolment.restricted_at.is_(None), *_conditions(wanted))
        total = await self.session.scalar(select(func.count()).select_from(query.subquery()))
        rows = await self.session.execute(
            query.order_by(Card.reported_at.desc(), Enrolment.number).offset(offset).limit(limit)
        )
        return total or 0, [(card, person, enrolment) for card, person, enrolment in rows]

    async def find(self, card_id: UUID, *, for_update: bool = False) -> CardRow | None:
        """One card with its person and enrolment."""
        query = _rows().where(Card.id == card_id)
        if for_update:
            query = query.with_for_update(of=Card).execution_options(populate_existing=True)
        row = (await self.session.execute(query)).one_or_none()
        return (row[0], row[1], row[2]) if row is not None else None

    async def count_next_steps(self, organisation_id: UUID) -> tuple[int, int, int]:
        """How many an organisation has to number, to make, to hand out: one statement."""
        numbers = and_(Card.numbered_by_id == organisation_id, Card.state == CardState.AWAITING_NUMBER)
        makes, hands = (
            and_(Card.made_by_id == organisation_id, Card.state == state)
            for state in (CardState.NUMBERED, CardState.MADE)
        )
        row = (
            await self.session.execute(
                select(*(func.count().filter(condition) for condition in (numbers, makes, hands)))
                .select_from(Card)
                .where(or_(Card.numbered_by_id == organisation_id, Card.made_by_id == organisation_id))
            )
        ).one()
        return row[0], row[1], row[2]

    async def lock(self, card_ids: Collection[UUID]) -> Sequence[CardRow]:
        """These cards, locked, in the order in which they were reported."""
        rows = await self.session.execute(
            _rows()
            .where(Card.id.in_(card_ids))
            .order_by(Card.reported_at, Enrolment.number)
            .with_for_update(of=Card)
            .execution_options(populate_existing=True)
        )
        return [(card, person, enrolment) for card, person, enrolment in rows]

    async def find_by_number(self, number: str) -> CardRow | None:
        """By the number that is printed on it."""
        row = (await self.session.execute(_rows().where(Card.number == number))).one_or_none()
        return (row[0], row[1], row[2]) if row is not None else None

    async def ids_of_numbers(self, numbers: Collection[int], organisation_id: UUID | None) -> dict[int, UUID]:
        """Enrolment number → card; with an organisation only what it may see."""
        query = (
            select(Enrolment.number, Card.id)
            .join(Card, Card.enrolment_id == Enrolment.id)
            .where(Enrolment.number.in_(numbers))
        )
        if organisation_id is not None:
            query = query.where(visible(organisation_id))
        return dict((await self.session.execute(query)).all())

    async def of_enrolment(self, enrolment_id: UUID, *, for_update: bool = False) -> CardRow | None:
        """The card of an enrolment."""
        query = _rows().where(Card.enrolment_id == enrolment_id)
        if for_update:
            query = query.with_for_update(of=Card).execution_options(populate_existing=True)
        row = (await self.session.execute(query)).one_or_none()
        return (row[0], row[1], row[2]) if row is not None else None

    async def standing_of_follower(self, follower_id: UUID) -> Sequence[CardRow]:
        """The cards in force from a follower's enrolments, by number."""
        rows = await self.session.execute(
            _rows()
            .where(Enrolment.follower_id == follower_id, Card.state.in_(STANDING))
            .order_by(Card.number)
        )
        return [(card, person, enrolment) for card, person, enrolment in rows]

    async def of_family(self, person_id: UUID, family: str) -> Sequence[Card]:
        """All of a person's cards in a family that are not cancelled for ever, locked."""
        rows = await self.session.scalars(
            select(Card)
            .where(
                Card.person_id == person_id,
                Card.family == family,
                Card.state != CardState.CANCELLED_FOR_EVER,
            )
            .order_by(Card.reported_at)
            .with_for_update()
        )
        return rows.all()

    async def list_standing(self, family: str, organisation_id: UUID | None) -> Sequence[CardRow]:
        """The cards of a family, by number, that have one and are not cancelled: an organisation's own or numbered."""
        query = _rows().where(Card.family == family, Card.state.in_(STANDING)).order_by(Card.number)
        if organisation_id is not None:
            query = query.where(
                or_(Card.made_by_id == organisation_id, Card.numbered_by_id == organisation_id)
            )
        return [(card, person, enrolment) for card, person, enrolment in await self.session.execute(query)]

    async def occupations_of(self, family: str, organisation_id: UUID | None) -> list[str]:
        """Every occupation of these cards once, as it is written on them."""
        named = func.jsonb_array_elements_text(Card.occupations).label("occupation")
        query = select(named).where(Card.family == family, Card.state.in_(STANDING))
        if organisation_id is not None:
            query = query.where(
                or_(Card.made_by_id == organisation_id, Card.numbered_by_id == organisation_id)
            )
        return list(await self.session.scalars(query.distinct().order_by("occupation")))

    async def newest_number(self, person_id: UUID, family: str) -> str:
        """The number of the person's newest card in a family; empty without one."""
        query = (
            select(Card.number)
            .where(Card.person_id == person_id, Card.family == family, Card.number.is_not(None))
            .order_by(Card.numbered_at.desc())
            .limit(1)
        )
        return await self.session.scalar(query) or ""

    async def first_numbered_on(self, person_id: UUID, family: str) -> date | None:
        """The first day of the person's first card in a family."""
        return await self.session.scalar(
            select(func.min(Card.valid_from)).where(Card.person_id == person_id, Card.family == family)
        )

    async def list_ending(self, scheme_ids: Collection[str], *, first: date, last: date) -> Sequence[CardRow]:
        """The standing cards of these schemes whose last day is among these."""
        query = _rows().where(
            Card.scheme_id.in_(scheme_ids),
            Card.state.in_(STANDING),
            Card.valid_until.between(first, last),
        )
        return [(card, person, enrolment) for card, person, enrolment in await self.session.execute(query)]

    async def count_wanted(self, organisation_id: UUID) -> int:
        """How many new copies are asked of the organisation that makes them."""
        found = await self.session.scalar(
            select(func.count())
            .select_from(Card)
            .where(Card.made_by_id == organisation_id, Card.wanted_cause != "")
        )
        return found or 0

    async def void_copies(self, certificate_id: UUID) -> Sequence[VoidCopy]:
        """The earlier copies of a card, the newest first."""
        rows = await self.session.scalars(
            select(VoidCopy).where(VoidCopy.certificate_id == certificate_id).order_by(VoidCopy.copy.desc())
        )
        return rows.all()

    # ---- cancellations --------------------------------------------------------------------------------------

    async def add_cancellation(self, row: CardCancellation) -> None:
        """Written at once. Raises sqlalchemy.exc.IntegrityError while another one of the card is open."""
        self.session.add(row)
        await self.session.flush()

    async def cancellation(self, cancellation_id: UUID) -> CardCancellation | None:
        """One, locked."""
        return await self.session.get(
            CardCancellation, cancellation_id, with_for_update=True, populate_existing=True
        )

    async def cancellations_of(self, card_id: UUID) -> Sequence[CardCancellation]:
        """All of a card, the newest first."""
        rows = await self.session.scalars(
            select(CardCancellation)
            .where(CardCancellation.card_id == card_id)
            .order_by(CardCancellation.proposed_at.desc())
        )
        return rows.all()

    async def bars(
        self, person_ids: Collection[UUID], families: Collection[str]
    ) -> Sequence[CardCancellation]:
        """Cancellations for ever that are in force for any of these people in any of these families."""
        rows = await self.session.scalars(
            select(CardCancellation).where(
                CardCancellation.person_id.in_(person_ids), CardCancellation.family.in_(families), *barring()
            )
        )
        return rows.all()

    async def move(self, card_ids: Collection[UUID], state: CardState, **moments: object) -> None:
        """Give these locked cards another state in one statement."""
        await self.session.execute(update(Card).where(Card.id.in_(card_ids)).values(state=state, **moments))


def barring() -> tuple[ColumnElement[bool], ...]:
    """Of `card_cancellations`: those for ever that are in force (D9)."""
    return (
        CardCancellation.for_ever.is_(True),
        CardCancellation.state == CancellationState.CONFIRMED,
    )


def _rows() -> Select[Card, Person, Enrolment]:
    return (
        select(Card, Person, Enrolment)
        .join(Person, Person.id == Card.person_id)
        .join(Enrolment, Enrolment.id == Card.enrolment_id)
    )


def visible(organisation_id: UUID) -> ColumnElement[bool]:
    """Cards that an organisation makes, numbers, or whose people it enrolled (B9); for a query with both tables."""
    return or_(
        Card.made_by_id == organisation_id,
        Card.numbered_by_id == organisation_id,
        Enrolment.organisation_id == organisation_id,
    )


def _conditions(wanted: CardFilter) -> Sequence[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.organisation_id is not None:
        found.append(visible(wanted.organisation_id))
    if wanted.state:
        found.append(Card.state == wanted.state)
    if wanted.expired_on is not None:
        found.append(and_(Card.state.in_(STANDING), Card.valid_until < wanted.expired_on))
    if wanted.wanted:
        found.append(Card.wanted_cause != "")
    if wanted.scheme_id:
        found.append(Card.scheme_id == wanted.scheme_id)
    if wanted.query:
        found.append(
            or_(
                Card.number.contains(wanted.query.upper(), autoescape=True),
                Person.name.contains(wanted.query, autoescape=True),
            )
        )
    return found
