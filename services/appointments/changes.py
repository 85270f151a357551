"""Suspending, restoring, ending an appointment, and changing what it is for: always with a reason, and the person is told."""

from collections.abc import Collection, Sequence
from uuid import UUID

from services import audit, reasons
from services.access import ensure_officer
from services.appointments import accounts
from services.appointments.coverage import CoverageService
from services.appointments.telling import tell
from services.appointments.views import labels
from services.appointments.visibility import terms_of
from services.errors import ConflictError, NotFoundError, ServiceError
from services.models import Actor
from services.rules.localtime import local_day
from services.unit_of_work import Work
from storage.appointment_states import AppointmentState
from storage.repositories.appointments import AppointmentRepository
from storage.repositories.laboratories import LaboratoryRepository
from storage.repositories.organisations import OrganisationRepository
from storage.tables import Appointment

LONGEST_REASON = 200
#: From which states a state is reached.
FROM = {
    AppointmentState.SUSPENDED: frozenset({AppointmentState.ACTIVE}),
    AppointmentState.ACTIVE: frozenset({AppointmentState.SUSPENDED}),
    AppointmentState.ENDED: frozenset({AppointmentState.ACTIVE, AppointmentState.SUSPENDED}),
}
_ACTION = {
    AppointmentState.SUSPENDED: "appointment.suspended",
    AppointmentState.ACTIVE: "appointment.restored",
    AppointmentState.ENDED: "appointment.ended",
}
_IN_WORDS = {
    AppointmentState.SUSPENDED: ("暂停", "登录权限同时暂停"),
    AppointmentState.ACTIVE: ("恢复", "原有登录权限同时恢复"),
    AppointmentState.ENDED: ("终止", "登录权限同时取消"),
}


def checked_reason(reason: str) -> str:
    """The reason, trimmed. Raises ServiceError: `appointment.no_reason`; `appointment.reason_too_long` (`limit`)."""
    return reasons.checked(
        reason,
        most=LONGEST_REASON,
        missing="appointment.no_reason",
        too_long="appointment.reason_too_long",
    )


async def change(
    work: Work,
    actor: Actor,
    appointment_id: UUID,
    state: AppointmentState,
    reason: str,
    *,
    uncovers: Collection[str] = (),
) -> Appointment:
    """Move one appointment to `state`; the login right follows at once (E6).

    `uncovers` are the labels of the fields that the decider has seen will be uncovered (E4).

    Raises:
        ServiceError: as `checked_reason`.
        NotFoundError, ForbiddenError: not the decider's, or a reader.
        ConflictError: `appointment.wrong_state` with the `state` it is in; `appointment.uncovers` with the `fields` of the
            laboratory's business that nobody would cover and that were not among `uncovers`.
    """
    reason = checked_reason(reason)
    one = await decidable(work, actor, appointment_id)
    before = AppointmentState(one.state)
    if before not in FROM[state]:
        raise ConflictError("appointment.wrong_state", state=before.value)
    # Two people who cover the same field cannot both go unseen at one moment.
    await LaboratoryRepository(work.session).lock_business(one.laboratory_id, one.scheme_id)
    opened = labels(work.scheme(one.scheme_ref), await CoverageService(work).would_uncover(one))
    if unseen := [field for field in opened if field not in uncovers]:
        raise ConflictError("appointment.uncovers", fields="、".join(unseen))
    one.state, one.state_reason, one.state_changed_at = state, reason, work.now
    if state is AppointmentState.ENDED:
        one.ended_on = local_day(work.now)
    audit.record(
        work,
        actor,
        _ACTION[state],
        "appointment",
        one.id,
        before={"state": before.value},
        after={"state": state.value, "uncovered": list(opened)},
        reason=reason,
        organisation_id=one.organisation_id,
        scheme_ref=one.scheme_ref,
    )
    await accounts.follow(work, actor, one.person_id, organisation_id=one.organisation_id, reason=reason)
    word, about_login = _IN_WORDS[state]
    await tell(
        work,
        one,
        "appointment_changed",
        title=terms_of(work.scheme(one.scheme_ref)).title,
        state=word,
        reason=reason,
        about_login=about_login,
        hint=f"聘用已{word}",
    )
    return one


async def amend(
    work: Work,
    actor: Actor,
    appointment_id: UUID,
    *,
    fields: Sequence[str],
    laboratory_id: UUID,
    reason: str,
) -> Appointment:
    """Change what somebody is appointed for, or where: a change of the qualification that was approved (E8).

    Raises:
        ServiceError: as `checked_reason`; `appointment.unknown_field` (`field`), `appointment.no_fields`.
        NotFoundError, ForbiddenError: not the decider's, or a reader; `appointment.laboratory_not_found`.
        ConflictError: `appointment.wrong_state` for an ended one.
    """
    reason = checked_reason(reason)
    one = await decidable(work, actor, appointment_id)
    if one.state == AppointmentState.ENDED:
        raise ConflictError("appointment.wrong_state", state=one.state)
    terms = terms_of(work.scheme(one.scheme_ref))
    known = [option.value for option in work.scheme(one.scheme_ref).field(terms.covers).options]
    for field in fields:
        if field not in known:
            raise ServiceError("appointment.unknown_field", field=field[:20])
    if not fields:
        raise ServiceError("appointment.no_fields")
    laboratory = await OrganisationRepository(work.session).find(laboratory_id)
    if laboratory is None or laboratory.kind != terms.laboratory_kind:
        raise NotFoundError("appointment.laboratory_not_found")
    before = {"fields": list(one.fields), "laboratory_id": str(one.laboratory_id)}
    one.fields = [field for field in known if field in set(fields)]
    one.laboratory_id = laboratory_id
    audit.record(
        work,
        actor,
        "appointment.amended",
        "appointment",
        one.id,
        before=before,
        after={
            "fields": list(one.fields),
            "laboratory_id": str(laboratory_id),
            "laboratory": laboratory.name,
        },
        reason=reason,
        organisation_id=one.organisation_id,
        scheme_ref=one.scheme_ref,
    )
    await tell(
        work,
        one,
        "appointment_amended",
        title=terms.title,
        fields="、".join(labels(work.scheme(one.scheme_ref), one.fields)),
        laboratory=laboratory.name,
        reason=reason,
        hint="聘用信息已变更",
    )
    return one


async def decidable(work: Work, actor: Actor, appointment_id: UUID) -> Appointment:
    """The appointment, locked, for an officer of who decides. Raises NotFoundError, ForbiddenError."""
    one = await AppointmentRepository(work.session).locked(appointment_id)
    if one is None:
        raise NotFoundError("appointment.not_found")
    ensure_officer(actor, one.organisation_id)
    return one
