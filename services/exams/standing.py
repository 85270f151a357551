"""How far somebody is on the way to an exam: the seat, or what is still needed for one."""

from dataclasses import dataclass
from decimal import Decimal

from services.answers import plain_answers
from services.exams.views import SeatView, seat_view
from services.payments.fees import fees_of
from services.payments.views import applicable, outstanding
from services.study.records import counted_hours, required_hours
from services.unit_of_work import Work
from storage.repositories.seats import StandingRow
from storage.states import SeatState


@dataclass(frozen=True, kw_only=True)
class Standing:
    """An enrolment before its exam; hours are 学时."""

    seat: SeatView | None
    done: Decimal
    required: Decimal
    #: The hours are met; also where none are asked for.
    hours_met: bool
    #: A paper that proves hours was counted (A4).
    proof_counted: bool
    #: Labels of the fees that must be confirmed before an exam and are not.
    owed: tuple[str, ...]


def standing(work: Work, row: StandingRow) -> Standing:
    """What follows from the rows, by the enrolment's own scheme version."""
    scheme = work.scheme(row.enrolment.scheme_ref)
    # As `rules.hours.progress` adds them up; 0 is asked for where the scheme asks for none.
    done, required = counted_hours(scheme.hours, row.hours, row.practice), required_hours(work, row.enrolment)
    fees = applicable(fees_of(scheme, row.publication), plain_answers(work, row.enrolment))
    return Standing(
        seat=live_seat(work, row),
        done=done,
        required=required,
        hours_met=done >= required,
        proof_counted=row.proof_counted,
        owed=outstanding(fees, row.payments, "sitting"),
    )


def live_seat(work: Work, row: StandingRow) -> SeatView | None:
    """The seat that was not given back, with its place in the line while it waits."""
    if row.seat is None or row.sitting is None:
        return None
    waits = row.seat.state == SeatState.WAITLISTED
    return seat_view(work, row.seat, row.sitting, row.waiting_position if waits else None)
