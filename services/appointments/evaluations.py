"""Continuing evaluation (E7): departments and sub-centres say what they think, the training centre decides."""

from collections.abc import Collection
from uuid import UUID, uuid4

from sqlalchemy.exc import IntegrityError

from services import audit
from services.access import ensure_officer
from services.appointments.changes import change, checked_reason, decidable
from services.appointments.telling import tell
from services.appointments.visibility import kind_of, reach_of, terms_of
from services.errors import ConflictError, ForbiddenError, NotFoundError, ServiceError
from services.models import Actor, StaffRole
from services.rules.text import normalise
from services.unit_of_work import Work
from storage.appointment_states import AppointmentState, Decision
from storage.repositories.appointments import AppointmentRepository
from storage.repositories.organisations import OrganisationRepository
from storage.tables import Appointment, AppointmentDecision, AppointmentEvaluation

LONGEST_REMARK = 500
LONGEST_PERIOD = 20


async def evaluate(
    work: Work, actor: Actor, appointment_id: UUID, *, period: str, mark: str, remark: str
) -> None:
    """Hand in what one's department or sub-centre says of a person for a period such as `2026年度`.

    Raises:
        NotFoundError: not seen by the actor.
        ForbiddenError: a reader, or an organisation that does not evaluate.
        ServiceError: `evaluation.period` (`limit`), `evaluation.mark` (`marks`), `evaluation.remark` (`limit`).
        ConflictError: `appointment.wrong_state` for an ended one; `evaluation.given`, once a period.
    """
    appointments = AppointmentRepository(work.session)
    row = await appointments.find(appointment_id, await reach_of(work, actor))
    if row is None or actor.organisation_id is None:
        raise NotFoundError("appointment.not_found")
    ensure_officer(actor, actor.organisation_id)
    one = row.appointment
    if not await may_evaluate(work, actor, one):
        raise ForbiddenError("appointment.not_your_part")
    if one.state == AppointmentState.ENDED:
        raise ConflictError("appointment.wrong_state", state=one.state)
    marks = terms_of(work.scheme(one.scheme_ref)).marks
    if marks and mark not in marks:
        raise ServiceError("evaluation.mark", marks="、".join(marks))
    if len(remark) > LONGEST_REMARK:
        raise ServiceError("evaluation.remark", limit=LONGEST_REMARK)
    evaluation = AppointmentEvaluation(
        id=uuid4(),
        appointment_id=one.id,
        organisation_id=actor.organisation_id,
        period=_period(period),
        mark=mark[:LONGEST_PERIOD],
        remark=remark.strip(),
        evaluated_by=actor.name,
        created_at=work.now,
    )
    await _added(work, evaluation, "evaluation.given", period=evaluation.period)
    audit.record(
        work,
        actor,
        "appointment.evaluated",
        "appointment",
        one.id,
        after={"period": evaluation.period, "mark": evaluation.mark},
        reason=evaluation.remark,
        organisation_id=one.organisation_id,
        scheme_ref=one.scheme_ref,
    )


async def decide(
    work: Work,
    actor: Actor,
    appointment_id: UUID,
    decision: Decision,
    reason: str,
    *,
    period: str,
    uncovers: Collection[str] = (),
) -> None:
    """Decide after the evaluations of a period whether the qualification is kept; the person is told.

    Raises:
        As `changes.change`.
        ConflictError: `evaluation.none`, nobody has evaluated for this period; `evaluation.decided`, once a period.
    """
    reason, period = checked_reason(reason), _period(period)
    one = await decidable(work, actor, appointment_id)
    given = await AppointmentRepository(work.session).evaluations(one.id)
    if not any(evaluation.period == period for evaluation, _ in given):
        raise ConflictError("evaluation.none", period=period)
    row = AppointmentDecision(
        id=uuid4(),
        appointment_id=one.id,
        period=period,
        decision=decision,
        reason=reason,
        decided_by=actor.name,
        created_at=work.now,
    )
    await _added(work, row, "evaluation.decided", period=period)
    if decision is not Decision.KEEP:
        state = AppointmentState.SUSPENDED if decision is Decision.SUSPEND else AppointmentState.ENDED
        await change(work, actor, one.id, state, reason, uncovers=uncovers)
        return
    if one.state == AppointmentState.ENDED:
        raise ConflictError("appointment.wrong_state", state=one.state)
    audit.record(
        work,
        actor,
        "appointment.kept",
        "appointment",
        one.id,
        after={"period": period},
        reason=reason,
        organisation_id=one.organisation_id,
        scheme_ref=one.scheme_ref,
    )
    terms = terms_of(work.scheme(one.scheme_ref))
    await tell(
        work, one, "appointment_kept", title=terms.title, period=period, reason=reason, hint="聘用资格保持"
    )


async def may_evaluate(work: Work, actor: Actor, appointment: Appointment) -> bool:
    """A department of the scheme, or an organisation that stands above the laboratory."""
    if actor.organisation_id is None or actor.role is StaffRole.VIEWER:
        return False
    terms = terms_of(work.scheme(appointment.scheme_ref))
    if await kind_of(work, actor.organisation_id) in terms.evaluated_by:
        return True
    above = await OrganisationRepository(work.session).path(appointment.laboratory_id)
    # Who decides does not evaluate besides, also where the laboratories stand below it.
    return actor.organisation_id != appointment.organisation_id and actor.organisation_id in {
        one.id for one in above[1:]
    }


async def _added(
    work: Work, row: AppointmentEvaluation | AppointmentDecision, code: str, **facts: str
) -> None:
    try:
        async with work.session.begin_nested():
            work.session.add(row)
    except IntegrityError as error:
        raise ConflictError(code, **facts) from error


def _period(typed: str) -> str:
    period = normalise(typed)
    if not period or len(period) > LONGEST_PERIOD:
        raise ServiceError("evaluation.period", limit=LONGEST_PERIOD)
    return period
