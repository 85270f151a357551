"""The 聘用号: one a person and series for ever, however many qualifications (E5)."""

import re
from uuid import UUID, uuid4

from services import audit
from services.errors import ConflictError, ServiceError
from services.models import Actor
from services.rules.text import normalise
from services.schemes.models import Appointment as Terms
from services.unit_of_work import Work
from storage.repositories.appointments import AppointmentRepository
from storage.repositories.certificates import CertificateRepository
from storage.tables import AppointmentNumber

_NUMBER = re.compile(r"[0-9A-Z\-]{3,20}")
#: The year under which a series without years is counted.
_FOR_EVER = 0


def series_of(terms: Terms) -> str:
    """Which series a scheme's numbers come from: schemes with the same prefix share it."""
    return terms.number_prefix


async def number_for(work: Work, person_id: UUID, terms: Terms) -> AppointmentNumber:
    """The number that the person has, or the next of the series."""
    appointments, series = AppointmentRepository(work.session), series_of(terms)
    while (known := await appointments.find_number(person_id, series)) is None:
        following = await CertificateRepository(work.session).next_in_sequence(
            f"appointment:{series}", _FOR_EVER
        )
        # None is kept when a number from before the series was put on file is the same: the next one then.
        await appointments.add_number(
            AppointmentNumber(
                id=uuid4(),
                person_id=person_id,
                series=series,
                number=f"{series}{following:0{terms.number_digits}d}",
                given_at=work.now,
            )
        )
    return known


async def put_on_file(work: Work, actor: Actor, person_id: UUID, terms: Terms, typed: str) -> None:
    """Keep the number that a person has from a qualification of before (E5).

    Raises:
        ServiceError: `appointment.number`, not 3 to 20 of A–Z 0–9 and -.
        ConflictError: `appointment.number_fixed` with the person's `number`; `appointment.number_taken`.
    """
    number = normalise(typed).upper()
    if not _NUMBER.fullmatch(number):
        raise ServiceError("appointment.number")
    appointments, series = AppointmentRepository(work.session), series_of(terms)
    known = await appointments.find_number(person_id, series)
    if known is not None and known.number == number:
        return
    if known is not None:
        raise ConflictError("appointment.number_fixed", number=known.number)
    row = AppointmentNumber(id=uuid4(), person_id=person_id, series=series, number=number, given_at=work.now)
    if await appointments.add_number(row) is None:
        raise ConflictError("appointment.number_taken", number=number)
    audit.record(
        work,
        actor,
        "appointment.number_kept",
        "person",
        person_id,
        after={"number": number, "series": series},
    )
