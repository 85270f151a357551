"""Making an appointment when the one who decides approves (E4, E5), under the one number of the person."""

from typing import Any
from uuid import UUID, uuid4

from services import audit
from services.answers import plain_answers
from services.appointments.coverage import laboratory_of
from services.appointments.numbers import number_for
from services.appointments.telling import tell
from services.appointments.views import labels
from services.appointments.visibility import kind_of, terms_of
from services.errors import ConflictError
from services.models import Actor
from services.rules.localtime import local_day
from services.schemes.kept import values_of
from services.schemes.models import Scheme
from services.unit_of_work import Work
from storage.appointment_states import AppointmentState
from storage.repositories.appointments import AppointmentRepository
from storage.repositories.organisations import OrganisationRepository
from storage.repositories.rosters import RosterRepository
from storage.tables import Appointment, AppointmentNumber, Enrolment, Organisation, Person


async def appoint(work: Work, actor: Actor, enrolment: Enrolment, scheme: Scheme) -> Appointment:
    """Appoint the applicant for the fields applied for; one who is appointed already gets the new fields besides.

    Raises:
        ConflictError: `appointment.no_laboratory`; `appointment.suspended`, which has to be decided about first;
            `appointment.other_laboratory` with the `laboratory` of the appointment that stands.
    """
    if enrolment.person_id is None:
        raise ConflictError("appointment.no_person")
    laboratory = await laboratory_of(work, enrolment, scheme)
    fields = values_of(plain_answers(work, enrolment).get(terms_of(scheme).covers, ""))
    number = await number_for(work, enrolment.person_id, terms_of(scheme))
    standing = await AppointmentRepository(work.session).standing(enrolment.person_id, scheme.id)
    if standing is None:
        one = await _made(work, actor, enrolment, scheme, laboratory, number, fields)
    else:
        one = _widened(standing, laboratory, enrolment, scheme, fields)
    audit.record(
        work,
        actor,
        "appointment.made" if standing is None else "appointment.widened",
        "appointment",
        one.id,
        after={
            "number": number.number,
            "fields": list(one.fields),
            "laboratory": laboratory.name,
            "enrolment": enrolment.number,
        },
        organisation_id=one.organisation_id,
        scheme_ref=scheme.ref,
    )
    person = await work.session.get_one(Person, enrolment.person_id)
    await RosterRepository(work.session).recognise(
        laboratory_id=laboratory.id, scheme_id=scheme.id, name=person.name, person_id=person.id
    )
    await tell(work, one, "appointed", **_facts(scheme, number, laboratory, one))
    return one


async def _made(
    work: Work,
    actor: Actor,
    enrolment: Enrolment,
    scheme: Scheme,
    laboratory: Organisation,
    number: AppointmentNumber,
    fields: tuple[str, ...],
) -> Appointment:
    if enrolment.person_id is None:
        raise ConflictError("appointment.no_person")
    one = Appointment(
        id=uuid4(),
        person_id=enrolment.person_id,
        scheme_id=scheme.id,
        scheme_version=scheme.version,
        enrolment_id=enrolment.id,
        laboratory_id=laboratory.id,
        organisation_id=await _decider(work, actor, enrolment, scheme),
        number_id=number.id,
        fields=list(fields),
        state=AppointmentState.ACTIVE,
        state_reason="",
        appointed_on=local_day(work.now),
        created_at=work.now,
    )
    work.session.add(one)
    await work.session.flush()
    return one


async def _decider(work: Work, actor: Actor, enrolment: Enrolment, scheme: Scheme) -> UUID:
    """The organisation that appoints: who approves, where that is of the kind that decides, else the one of that kind."""
    kind = terms_of(scheme).decided_by
    for organisation_id in (actor.organisation_id, enrolment.organisation_id):
        if organisation_id is not None and await kind_of(work, organisation_id) == kind:
            return organisation_id
    deciders = [one for one in await OrganisationRepository(work.session).list_all() if one.kind == kind]
    if len(deciders) != 1:
        raise ConflictError("appointment.no_decider")
    return deciders[0].id


def _widened(
    standing: Appointment,
    laboratory: Organisation,
    enrolment: Enrolment,
    scheme: Scheme,
    fields: tuple[str, ...],
) -> Appointment:
    """A second application adds fields; it takes none away and moves nobody (that is a change of E8)."""
    if standing.state == AppointmentState.SUSPENDED:
        raise ConflictError("appointment.suspended")
    if standing.laboratory_id != laboratory.id:
        raise ConflictError("appointment.other_laboratory")
    known = [option.value for option in scheme.field(terms_of(scheme).covers).options]
    wanted = {*standing.fields, *fields}
    standing.fields = [value for value in known if value in wanted]
    standing.enrolment_id, standing.scheme_version = enrolment.id, scheme.version
    return standing


def _facts(
    scheme: Scheme, number: AppointmentNumber, laboratory: Organisation, one: Appointment
) -> dict[str, Any]:
    terms = terms_of(scheme)
    return {
        "title": terms.title,
        "number_label": terms.number_label,
        "number": number.number,
        "fields": "、".join(labels(scheme, one.fields)),
        "laboratory": laboratory.name,
        "hint": f"{terms.number_label} {number.number}",
    }
