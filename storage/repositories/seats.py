"""Seats: who has one, who waits, and what booking one and giving it back depend on."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    DateTime,
    Integer,
    ScalarSelect,
    Select,
    Text,
    Uuid,
    bindparam,
    exists,
    func,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute, aliased
from sqlalchemy.orm.attributes import set_committed_value

from storage.repositories.authorisation import Needed, standing_read, with_standing
from storage.repositories.authorisation import StandingRow as AuthorisedRow
from storage.repositories.blacklist import in_force_on
from storage.repositories.exams import OCCUPYING, among
from storage.repositories.study import practice_hours
from storage.states import ResultState, SeatState
from storage.tables import (
    BlacklistEntry,
    Enrolment,
    EnrolmentFees,
    FeePublication,
    Payment,
    Person,
    Result,
    Seat,
    Sitting,
    StudyRecord,
)

# The second update takes what the first gives, so the number is free before it is given again.
_HAND_ON = text(
    """
    WITH given_back AS (UPDATE seats SET state = 'void' WHERE id = :given_back RETURNING id)
    UPDATE seats
    SET state = 'booked', number = moved.number, ticket = moved.ticket
    FROM given_back, unnest(:ids, :numbers, :tickets) AS moved (id, number, ticket)
    WHERE seats.id = moved.id
    """
).bindparams(
    bindparam("given_back", type_=Uuid),
    bindparam("ids", type_=ARRAY(Uuid)),
    bindparam("numbers", type_=ARRAY(Integer)),
    bindparam("tickets", type_=ARRAY(Text)),
)


# Only while nobody else has the missed sitting locked, who may be changing that they were absent. The insert takes what
# the update gives, so the one seat is given up before there is another.
_INSTEAD_OF_MISSED = text(
    """
    WITH missed AS (
        SELECT sittings.id FROM sittings JOIN seats ON seats.sitting_id = sittings.id
        WHERE seats.id = :missed FOR UPDATE OF sittings SKIP LOCKED
    ), given_up AS (
        UPDATE seats SET state = 'void' FROM missed
        WHERE seats.id = :missed AND seats.sitting_id = missed.id AND seats.state = 'absent'
        RETURNING seats.id
    )
    INSERT INTO seats (id, sitting_id, enrolment_id, number, state, ticket, created_at)
    SELECT :id, :sitting_id, :enrolment_id, :number, :state, :ticket, :created_at FROM given_up
    RETURNING id
    """
).bindparams(
    *(bindparam(name, type_=Uuid) for name in ("missed", "id", "sitting_id", "enrolment_id")),
    *(bindparam(name, type_=Text) for name in ("state", "ticket")),
    bindparam("number", type_=Integer),
    bindparam("created_at", type_=DateTime(timezone=True)),
)


@dataclass(frozen=True, kw_only=True)
class StandingRow:
    """How far an enrolment is on its way to an exam."""

    enrolment: Enrolment
    #: Its live seat with the sitting, and on the waiting list how many stand there up to and with it.
    seat: Seat | None
    sitting: Sitting | None
    waiting_position: int
    #: Sum of all study records, that of practice in it (C8), and whether a proof is among them.
    hours: Decimal
    practice: Decimal
    proof_counted: bool
    #: State of each payment, by the key of its fee.
    payments: Mapping[str, str]
    #: The published fees that hold for it, where the scheme has none of its own (C5).
    publication: FeePublication | None


@dataclass(frozen=True, kw_only=True)
class BookingRow:
    """What it depends on whether an enrolment gets a seat in a sitting, and which."""

    standing: StandingRow
    taken: frozenset[int]
    #: How many have been on the waiting list for longer.
    waiting: int
    #: Whether the person is on a blacklist, whichever it is.
    listed: bool
    #: The authorisation to examine, where one was asked for.
    authorised: AuthorisedRow | None


@dataclass(frozen=True, kw_only=True)
class ReleaseRow:
    """What it depends on whether an enrolment may give its seat in a sitting back, and who gets it."""

    #: None when it has no live seat there.
    seat: Seat | None
    has_result: bool
    taken: frozenset[int]
    #: The others on the waiting list, the longest waiting first.
    waiting: Sequence[tuple[Seat, Enrolment]]
    #: The authorisation to examine, where one was asked for.
    authorised: AuthorisedRow | None


class SeatRepository:
    """The table `seats`. A live seat is one that is not void: an enrolment has at most one."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def find(self, seat_id: UUID) -> Seat | None:
        """The seat, if there is one."""
        return await self.session.get(Seat, seat_id)

    async def find_live(self, enrolment_id: UUID) -> tuple[Seat, Sitting] | None:
        """The enrolment's live seat as it is now, with its sitting."""
        return (
            await self.session.execute(
                select(Seat, Sitting)
                .join(Sitting, Sitting.id == Seat.sitting_id)
                .where(Seat.enrolment_id == enrolment_id, Seat.state != SeatState.VOID)
                .execution_options(populate_existing=True)
            )
        ).one_or_none()

    async def list_standings(self, enrolment_ids: Collection[UUID]) -> Sequence[StandingRow]:
        """How far these enrolments are: one statement, however many."""
        rows = await self.session.execute(
            _standings().where(among(Enrolment.id, enrolment_ids)).execution_options(populate_existing=True)
        )
        return [_standing(*row) for row in rows]

    async def find_booking(self, seat: Seat, needed: Needed | None, day: date) -> BookingRow:
        """What booking this `seat`, which is not yet written, depends on, with the authorisation that is `needed` for it.

        Lock its sitting and enrolment first. `day` (Shanghai) is the one on which a blacklist bars the person.
        """
        listed = exists().where(BlacklistEntry.person_id == Enrolment.person_id, in_force_on(day))
        query = (
            _standings()
            .add_columns(_taken(seat.sitting_id), _waiting(seat.sitting_id, seat.created_at, seat.id), listed)
            .where(Enrolment.id == seat.enrolment_id)
        )
        query = with_standing(query, needed).execution_options(populate_existing=True)
        row = (await self.session.execute(query)).one()
        *standing, taken, waiting, on_a_list = row[:12]
        return BookingRow(
            standing=_standing(*standing),
            taken=frozenset(taken or ()),
            waiting=waiting,
            listed=on_a_list,
            authorised=None if needed is None else standing_read(*row[12:]),
        )

    async def find_release(self, sitting_id: UUID, enrolment_id: UUID, needed: Needed | None) -> ReleaseRow:
        """What giving the seat back depends on, with the authorisation that is `needed` for moving somebody up.

        Lock the sitting and the enrolment first.
        """
        theirs = Seat.enrolment_id == enrolment_id
        has_result = exists().where(
            Result.enrolment_id == enrolment_id, Result.state != ResultState.SUPERSEDED
        )
        query = (
            select(Seat, Enrolment, has_result, _taken(sitting_id))
            .join(Enrolment, Enrolment.id == Seat.enrolment_id)
            .where(
                Seat.sitting_id == sitting_id,
                (theirs & (Seat.state != SeatState.VOID)) | (Seat.state == SeatState.WAITLISTED),
            )
            .order_by(Seat.created_at, Seat.id)
            .execution_options(populate_existing=True)
        )
        rows = (await self.session.execute(with_standing(query, needed))).all()
        own = next((row for row in rows if row[0].enrolment_id == enrolment_id), None)
        return ReleaseRow(
            seat=own[0] if own else None,
            has_result=bool(own and own[2]),
            taken=frozenset(own[3] or ()) if own else frozenset(),
            waiting=[(row[0], row[1]) for row in rows if row[1].id != enrolment_id],
            authorised=standing_read(*own[4:]) if own and needed is not None else None,
        )

    async def hand_on(self, given_back: Seat, moved: Sequence[tuple[Seat, int, str]]) -> None:
        """Void one seat and book others, which waited, under these numbers and tickets: one statement.

        The number of the one may go to one of the others. Lock the sitting first.
        """
        await self.session.execute(
            _HAND_ON,
            {
                "given_back": given_back.id,
                "ids": [seat.id for seat, _, _ in moved],
                "numbers": [number for _, number, _ in moved],
                "tickets": [ticket for _, _, ticket in moved],
            },
        )
        set_committed_value(given_back, "state", SeatState.VOID)
        for seat, number, ticket in moved:
            for name, value in (("state", SeatState.BOOKED), ("number", number), ("ticket", ticket)):
                set_committed_value(seat, name, value)

    async def add_instead(self, row: Seat, missed: Seat) -> bool:
        """Void the seat of somebody who was absent and write another, in one statement.

        It does not wait for whoever has the missed sitting locked: False when somebody has, or when they count as
        absent no more; then nothing is written.
        """
        written = {
            "missed": missed.id,
            "id": row.id,
            "sitting_id": row.sitting_id,
            "enrolment_id": row.enrolment_id,
            "number": row.number,
            "state": row.state,
            "ticket": row.ticket,
            "created_at": row.created_at,
        }
        if await self.session.scalar(_INSTEAD_OF_MISSED, written) is None:
            return False
        set_committed_value(missed, "state", SeatState.VOID)
        return True

    async def taken_numbers(self, sitting_id: UUID) -> frozenset[int]:
        """All seat numbers in use."""
        numbers = await self.session.scalars(
            select(Seat.number).where(Seat.sitting_id == sitting_id, Seat.state.in_(OCCUPYING))
        )
        return frozenset(number for number in numbers if number is not None)

    async def add(self, row: Seat) -> None:
        """Written at once."""
        self.session.add(row)
        await self.session.flush()

    async def list_live(
        self, sitting_id: UUID, states: Collection[SeatState] = (*OCCUPYING, SeatState.WAITLISTED)
    ) -> Sequence[tuple[Seat, Enrolment]]:
        """Seats with their enrolments: by number, then those who wait, the longest waiting first."""
        rows = await self.session.execute(
            select(Seat, Enrolment)
            .join(Enrolment, Enrolment.id == Seat.enrolment_id)
            .where(Seat.sitting_id == sitting_id, Seat.state.in_(states))
            .order_by(Seat.number.nulls_last(), Seat.created_at, Seat.id)
        )
        return list(rows)

    async def list_roll(
        self, sitting_id: UUID, *, with_void: bool = False
    ) -> Sequence[tuple[Seat, Enrolment, Person]]:
        """`list_live` with the persons, without the restricted; all of them, and void seats last, for matching scores."""
        query = (
            select(Seat, Enrolment, Person)
            .join(Enrolment, Enrolment.id == Seat.enrolment_id)
            .join(Person, Person.id == Enrolment.person_id)
            .where(Seat.sitting_id == sitting_id)
            .order_by(Seat.state == SeatState.VOID, Seat.number.nulls_last(), Seat.created_at.asc(), Seat.id)
        )
        if not with_void:
            query = query.where(Seat.state != SeatState.VOID, Enrolment.restricted_at.is_(None))
        return list(await self.session.execute(query))

    async def set_states(self, seat_ids: Collection[UUID], state: SeatState) -> None:
        """Give these seats another state, in one statement."""
        await self.session.execute(update(Seat).where(among(Seat.id, seat_ids)).values(state=state))


def _standings() -> Select[
    Enrolment, Seat, Sitting, int, Decimal, Decimal, bool, dict[str, str], FeePublication
]:
    theirs = StudyRecord.enrolment_id == Enrolment.id
    payments = select(func.jsonb_object_agg(Payment.fee_key, Payment.state, type_=JSONB)).where(
        Payment.enrolment_id == Enrolment.id
    )
    return (
        select(
            Enrolment,
            Seat,
            Sitting,
            _waiting(Seat.sitting_id, Seat.created_at, Seat.id),
            select(func.coalesce(func.sum(StudyRecord.hours), 0)).where(theirs).scalar_subquery(),
            select(practice_hours()).where(theirs).scalar_subquery(),
            exists().where(theirs, StudyRecord.source == "proof"),
            payments.scalar_subquery(),
            FeePublication,
        )
        .outerjoin(Seat, (Seat.enrolment_id == Enrolment.id) & (Seat.state != SeatState.VOID))
        .outerjoin(Sitting, Sitting.id == Seat.sitting_id)
        .outerjoin(EnrolmentFees, EnrolmentFees.enrolment_id == Enrolment.id)
        .outerjoin(FeePublication, FeePublication.id == EnrolmentFees.publication_id)
    )


def _standing(
    enrolment: Enrolment,
    seat: Seat | None,
    sitting: Sitting | None,
    waiting: int,
    hours: Decimal,
    practice: Decimal,
    proof_counted: bool,
    payments: dict[str, str] | None,
    publication: FeePublication | None,
) -> StandingRow:
    return StandingRow(
        enrolment=enrolment,
        seat=seat,
        sitting=sitting,
        waiting_position=waiting + 1,
        hours=Decimal(hours),
        practice=Decimal(practice),
        proof_counted=proof_counted,
        payments=payments or {},
        publication=publication,
    )


def _taken(sitting_id: UUID) -> ScalarSelect[list[int]]:
    """All seat numbers in use; NULL for none."""
    seats = aliased(Seat)
    return (
        select(func.array_agg(seats.number, type_=ARRAY(Integer)))
        .where(seats.sitting_id == sitting_id, seats.state.in_(OCCUPYING))
        .scalar_subquery()
    )


def _waiting(
    sitting_id: UUID | InstrumentedAttribute[UUID],
    created_at: datetime | InstrumentedAttribute[datetime],
    seat_id: UUID | InstrumentedAttribute[UUID],
) -> ScalarSelect[int]:
    """How many have waited in this sitting for longer than a seat that was made then."""
    seats = aliased(Seat)
    return (
        select(func.count())
        .where(
            seats.sitting_id == sitting_id,
            seats.state == SeatState.WAITLISTED,
            tuple_(seats.created_at, seats.id) < tuple_(created_at, seat_id),
        )
        .scalar_subquery()
    )
