"""What an approved change of qualification does beside the enrolment: an appointment's fields follow (E4, E8)."""

from services.appointments.changes import amend
from services.models import Actor
from services.schemes.kept import values_of
from services.schemes.models import FormField
from services.unit_of_work import Work
from storage.repositories.appointments import AppointmentRepository
from storage.tables import Enrolment


async def after_change(
    work: Work, actor: Actor, enrolment: Enrolment, field: FormField, value: str, reason: str
) -> None:
    """Amend the appointment that the field is what somebody is appointed for. Raises as `amend`.

    Where somebody works is theirs to keep up to date (a) and moves no appointment: that is the decider's `amend`.
    """
    scheme = work.scheme(enrolment.scheme_ref)
    if scheme.appointment is None or field.key != scheme.appointment.covers or enrolment.person_id is None:
        return
    standing = await AppointmentRepository(work.session).standing(enrolment.person_id, scheme.id)
    if standing is not None and actor.organisation_id == standing.organisation_id:
        await amend(
            work,
            actor,
            standing.id,
            fields=values_of(value),
            laboratory_id=standing.laboratory_id,
            reason=reason,
        )
