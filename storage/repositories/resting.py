"""What still rests on an enrolment, so that its files are kept whatever their time: conditions on `enrolments` (C11)."""

from datetime import date

from sqlalchemy import Exists, and_, exists, or_

from storage.appeal_states import AppealState
from storage.appointment_states import AppointmentState
from storage.card_states import CancellationState
from storage.states import BlacklistState, ChangeState
from storage.tables import (
    Appeal,
    Appointment,
    BlacklistEntry,
    Card,
    CardCancellation,
    ChangeRequest,
    Enrolment,
)


def appointed() -> Exists:
    """An appointment that has not ended (E5)."""
    return exists().where(
        Appointment.enrolment_id == Enrolment.id, Appointment.state != AppointmentState.ENDED
    )


def listed(today: date) -> Exists:
    """A blacklist entry that runs, or somebody who is being heard (C7)."""
    return exists().where(
        BlacklistEntry.enrolment_id == Enrolment.id,
        or_(
            BlacklistEntry.state == BlacklistState.PROPOSED,
            and_(BlacklistEntry.state == BlacklistState.CONFIRMED, BlacklistEntry.last_on >= today),
        ),
    )


def changing() -> Exists:
    """A change of data that waits (E8)."""
    return exists().where(
        ChangeRequest.enrolment_id == Enrolment.id, ChangeRequest.state == ChangeState.PENDING
    )


def appealing() -> Exists:
    """An appeal that waits (B7)."""
    return exists().where(
        Appeal.enrolment_id == Enrolment.id,
        Appeal.state.in_((AppealState.LODGED, AppealState.DISCLOSED)),
    )


def cancelling() -> Exists:
    """A qualification that is to be cancelled, or is for ever (D9)."""
    return exists().where(
        CardCancellation.card_id == Card.id,
        Card.enrolment_id == Enrolment.id,
        or_(
            CardCancellation.state == CancellationState.PROPOSED,
            and_(CardCancellation.for_ever.is_(True), CardCancellation.state == CancellationState.CONFIRMED),
        ),
    )
