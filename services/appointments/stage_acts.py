"""What the stages of a review carry out besides deciding (E1, E4, E5, E6); called in the transaction of the approval."""

from services import audit
from services.answers import plain_answers
from services.appointments import accounts
from services.appointments.appointing import appoint
from services.appointments.coverage import CoverageService, laboratory_of
from services.appointments.telling import tell_granted
from services.appointments.visibility import terms_of
from services.errors import ConflictError
from services.models import Actor
from services.notices import NoticeService
from services.rules.localtime import local_datetime
from services.schemes.models import FieldKind, Scheme
from services.unit_of_work import Work
from storage.appointment_states import AccountOrigin
from storage.repositories.appointments import AppointmentRepository
from storage.tables import Enrolment


async def recommend(work: Work, actor: Actor, enrolment: Enrolment, scheme: Scheme) -> None:
    """A laboratory recommends when its people and applicants together cover its business (E4).

    Raises:
        ConflictError: `appointment.no_laboratory`; `appointment.business_missing`, the laboratory has not said what it does;
            `appointment.coverage_gap` with the `fields` that nobody covers or has applied for.
    """
    found = await CoverageService(work).recommendation(enrolment, scheme)
    if not found.business:
        raise ConflictError("appointment.business_missing", laboratory=found.laboratory)
    if found.gaps:
        raise ConflictError("appointment.coverage_gap", fields="、".join(found.gaps))


async def create_account(work: Work, actor: Actor, enrolment: Enrolment, scheme: Scheme) -> None:
    """The account is on file, and its password was mailed when it is new (E5); the applicant is told.

    Raises:
        ConflictError: `account.missing`, `account.password_not_mailed`, `appointment.no_laboratory`.
    """
    if enrolment.person_id is None:
        raise ConflictError("appointment.no_person")
    await laboratory_of(work, enrolment, scheme)
    account = await accounts.ensure_on_file(work, enrolment.person_id)
    if account.origin == AccountOrigin.EXISTING:
        return
    field = scheme.field_of_kind(FieldKind.EMAIL)
    mail = plain_answers(work, enrolment).get(field.key, "") if field is not None else ""
    await NoticeService(work).send(
        enrolment.follower_id,
        "account_ready",
        cause=str(account.id),
        facts={
            "scheme": scheme.short_title,
            "mail": masked_mail(mail),
            "system": terms_of(scheme).account_system,
            "time": local_datetime(work.now),
            "hint": "登录密码已发到您的邮箱",
        },
        enrolment_id=enrolment.id,
    )


async def make_appointment(work: Work, actor: Actor, enrolment: Enrolment, scheme: Scheme) -> None:
    """Raises as `appointing.appoint`."""
    await appoint(work, actor, enrolment, scheme)


async def grant_login(work: Work, actor: Actor, enrolment: Enrolment, scheme: Scheme) -> None:
    """Only who is appointed may log in (E1). Raises as `accounts.grant`."""
    if enrolment.person_id is None:
        raise ConflictError("appointment.no_person")
    appointment = await AppointmentRepository(work.session).standing(enrolment.person_id, scheme.id)
    if appointment is None:
        raise ConflictError("login.not_appointed")
    fresh = await accounts.grant(
        work, actor, enrolment.person_id, organisation_id=appointment.organisation_id
    )
    if not fresh:
        return
    audit.record(
        work,
        actor,
        "login.granted",
        "appointment",
        appointment.id,
        organisation_id=appointment.organisation_id,
        scheme_ref=scheme.ref,
    )
    await tell_granted(work, appointment)


async def refuse_login(work: Work, actor: Actor, enrolment: Enrolment, scheme: Scheme, reason: str) -> None:
    """The appointment's history says that its login was refused, and why (E6)."""
    if enrolment.person_id is None:
        raise ConflictError("appointment.no_person")
    appointment = await AppointmentRepository(work.session).standing(enrolment.person_id, scheme.id)
    if appointment is None:
        return
    audit.record(
        work,
        actor,
        "login.refused",
        "appointment",
        appointment.id,
        reason=reason,
        organisation_id=appointment.organisation_id,
        scheme_ref=scheme.ref,
    )


def masked_mail(address: str) -> str:
    """A mail address as a message may show it.

    >>> masked_mail("wang@example.com")
    'w***@example.com'
    """
    name, at, host = address.partition("@")
    return f"{name[:1]}***{at}{host}" if at else ""
