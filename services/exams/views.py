"""What others see of sittings and seats: frozen, and how it is made from the rows."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.exams.plan import SittingWarning, warnings_of
from services.models import EnrolmentState, SeatState, SittingState
from services.people import masked_number
from services.study.records import given_name
from services.unit_of_work import Work
from storage.tables import Enrolment, Person, Seat, Sitting


@dataclass(frozen=True, kw_only=True)
class SittingView:
    """A sitting as its notice says; times are aware UTC."""

    id: UUID
    #: `KS2026-001`.
    code: str
    scheme_id: str
    #: Short title of the scheme.
    scheme: str
    organisation_id: UUID
    starts_at: datetime
    ends_at: datetime
    #: `online` or `on_site`.
    form: str
    place: str
    bring: tuple[str, ...]
    capacity: int
    #: Seats that are taken, and how many people wait for one.
    booked: int
    waitlisted: int
    state: SittingState
    #: The official notice that puts it on another day than the rule's, or why it was cancelled.
    reason: str
    #: Counts changes of time, place and what to bring, from 1.
    plan: int
    warnings: tuple[SittingWarning, ...]
    #: Its results are reported to another organisation, which issues (C10).
    reported: bool = False

    @property
    def free(self) -> int:
        """Seats that nobody has."""
        return max(self.capacity - self.booked, 0)


@dataclass(frozen=True, kw_only=True)
class RollRow:
    """One line of the roll."""

    seat_id: UUID
    enrolment_id: UUID
    enrolment_number: int
    enrolment_state: EnrolmentState
    #: From 1; None while waiting.
    number: int | None
    ticket: str | None
    name: str
    identity_masked: str
    state: SeatState


@dataclass(frozen=True, kw_only=True)
class SittingDetail:
    """A sitting with its roll: by seat number, then those who wait, in their order."""

    sitting: SittingView
    roll: tuple[RollRow, ...]


@dataclass(frozen=True, kw_only=True)
class SeatView:
    """An enrolment's seat, with all that its holder has to know."""

    id: UUID
    enrolment_id: UUID
    sitting_id: UUID
    sitting_code: str
    #: Short title of the scheme.
    scheme: str
    starts_at: datetime
    ends_at: datetime
    form: str
    place: str
    bring: tuple[str, ...]
    #: From 1; None while waiting.
    number: int | None
    #: Admission ticket number (准考证号); None while waiting.
    ticket: str | None
    state: SeatState
    #: While waiting: how many stand in the line up to and with this one.
    waiting_position: int | None


def sitting_view(work: Work, row: Sitting, *, booked: int = 0, waitlisted: int = 0) -> SittingView:
    """The view of a sitting with its counts."""
    return SittingView(
        id=row.id,
        code=row.code,
        scheme_id=row.scheme_id,
        scheme=scheme_title(work, row),
        organisation_id=row.organisation_id,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        form=row.form,
        place=row.place,
        bring=tuple(row.bring),
        capacity=row.capacity,
        booked=booked,
        waitlisted=waitlisted,
        state=SittingState(row.state),
        reason=row.reason,
        plan=row.plan,
        warnings=warnings_of(row.starts_at),
        reported=_is_reported(work, row),
    )


def _is_reported(work: Work, row: Sitting) -> bool:
    kind = work.tools.schemes.current(row.scheme_id).certificate("result_passed")
    return kind is not None and bool(kind.issued_by)


def seat_view(work: Work, seat: Seat, sitting: Sitting, waiting_position: int | None) -> SeatView:
    """The view of a seat."""
    return SeatView(
        id=seat.id,
        enrolment_id=seat.enrolment_id,
        sitting_id=sitting.id,
        sitting_code=sitting.code,
        scheme=scheme_title(work, sitting),
        starts_at=sitting.starts_at,
        ends_at=sitting.ends_at,
        form=sitting.form,
        place=sitting.place,
        bring=tuple(sitting.bring),
        number=seat.number,
        ticket=seat.ticket,
        state=SeatState(seat.state),
        waiting_position=waiting_position,
    )


def roll_row(work: Work, seat: Seat, enrolment: Enrolment, person: Person) -> RollRow:
    """One line of the roll, the identity number masked."""
    return RollRow(
        seat_id=seat.id,
        enrolment_id=enrolment.id,
        enrolment_number=enrolment.number,
        enrolment_state=EnrolmentState(enrolment.state),
        number=seat.number,
        ticket=seat.ticket,
        name=given_name(work, enrolment, person.name),
        identity_masked=masked_number(work, person),
        state=SeatState(seat.state),
    )


def scheme_title(work: Work, sitting: Sitting) -> str:
    """Short title of what the sitting verifies."""
    return work.tools.schemes.current(sitting.scheme_id).short_title
