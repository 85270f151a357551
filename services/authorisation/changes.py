"""From active to suspended and back, and to its end (C4, C13, C14). An ending stops everything at once, for good."""

from typing import Final
from uuid import UUID

from services import audit
from services.access import ensure_admin, ensure_officer
from services.authorisation import telling
from services.errors import ConflictError, NotFoundError, ServiceError
from services.exams.seats import SeatService
from services.models import Actor, ClassState
from services.rules.localtime import local_day
from services.unit_of_work import Work
from storage.authorisation_states import AuthorisationState, EndingCause, ProposalState
from storage.repositories.authorisation import AuthorisationRepository
from storage.repositories.authorisation_life import LifeRepository
from storage.repositories.running import RunningRepository
from storage.tables import Authorisation

LONGEST_REASON: Final = 500


async def suspend(work: Work, actor: Actor, authorisation_id: UUID, reason: str) -> Authorisation:
    """有关部门介入调查: everything stops at once, until it is lifted or ends (C14).

    Raises ServiceError `authorisation.no_reason`, `authorisation.too_long`; ConflictError `authorisation.wrong_state`;
    NotFoundError, ForbiddenError: not the society's officer.
    """
    row = await _found(work, actor, authorisation_id)
    _move(
        work, actor, row, AuthorisationState.SUSPENDED, "authorisation.suspended", said(reason),
        only_from=AuthorisationState.ACTIVE,
    )  # fmt: skip
    await telling.tell(work, row)
    return row


async def lift(work: Work, actor: Actor, authorisation_id: UUID, reason: str) -> Authorisation:
    """The investigation found nothing: it goes on, and who waits for a seat gets what became free. Raises as `suspend`."""
    row = await _found(work, actor, authorisation_id)
    _move(
        work, actor, row, AuthorisationState.ACTIVE, "authorisation.lifted", said(reason),
        only_from=AuthorisationState.SUSPENDED,
    )  # fmt: skip
    await telling.tell(work, row)
    for sitting in await RunningRepository(work.session).waited_for(row.organisation_id):
        await SeatService(work).fill(sitting, actor=actor)
    return row


async def end(
    work: Work, actor: Actor, authorisation_id: UUID, cause: EndingCause, reason: str
) -> Authorisation:
    """It ends today: its classes close, nothing is enrolled or issued any more, and the agreement ends (C4, C13, C14).

    Raises:
        ServiceError: `authorisation.no_reason`, `authorisation.too_long`.
        ConflictError: `authorisation.wrong_state`, ended already; `authorisation.not_investigated`, the cause is an
            investigation and there was none.
        NotFoundError; ForbiddenError: not an administrator of the society.
    """
    row = await _found(work, actor, authorisation_id)
    ensure_admin(actor)
    reason = said(reason)
    before = row.state
    if before == AuthorisationState.ENDED:
        raise ConflictError("authorisation.wrong_state", state=before)
    if cause is EndingCause.INVESTIGATION and before != AuthorisationState.SUSPENDED:
        raise ConflictError("authorisation.not_investigated")
    row.cause, row.ended_on = cause, local_day(work.now)
    # The agreement ends with it (第三十一条).
    if row.agreed_until is None or row.agreed_until > row.ended_on:
        row.agreed_until = row.ended_on
    _move(work, actor, row, AuthorisationState.ENDED, "authorisation.ended", reason)
    await _close_classes(work, actor, row)
    await _close_proposals(work, actor, row)
    await telling.tell(work, row)
    await work.session.flush()
    return row


def said(reason: str) -> str:
    """A reason that is one. Raises ServiceError `authorisation.no_reason`, `authorisation.too_long` (`limit`)."""
    reason = reason.strip()
    if not reason:
        raise ServiceError("authorisation.no_reason")
    if len(reason) > LONGEST_REASON:
        raise ServiceError("authorisation.too_long", limit=LONGEST_REASON)
    return reason


async def _found(work: Work, actor: Actor, authorisation_id: UUID) -> Authorisation:
    row = await AuthorisationRepository(work.session).find(authorisation_id, for_update=True)
    if row is None:
        raise NotFoundError("access.not_found")
    ensure_officer(actor, row.society_id)
    return row


def _move(
    work: Work,
    actor: Actor,
    row: Authorisation,
    state: AuthorisationState,
    action: str,
    reason: str,
    *,
    only_from: AuthorisationState | None = None,
) -> Authorisation:
    before = row.state
    if only_from is not None and before != only_from:
        raise ConflictError("authorisation.wrong_state", state=before)
    row.state, row.state_reason, row.state_changed_at = state, reason, work.now
    audit.record(
        work,
        actor,
        action,
        "authorisation",
        row.id,
        before={"state": before},
        after={"state": str(state), "plaque": row.plaque_number, "cause": row.cause},
        reason=reason,
        organisation_id=row.organisation_id,
    )
    return row


async def _close_classes(work: Work, actor: Actor, row: Authorisation) -> None:
    schemes = {scheme.id for scheme in work.tools.schemes.values() if scheme.authorised_for is not None}
    for course in await LifeRepository(work.session).open_classes(row.organisation_id, schemes):
        course.state = ClassState.CLOSED
        audit.record(
            work,
            actor,
            "class.closed",
            "class",
            course.id,
            before={"state": ClassState.OPEN},
            after={"state": ClassState.CLOSED},
            reason=row.state_reason,
            organisation_id=row.organisation_id,
        )


async def _close_proposals(work: Work, actor: Actor, row: Authorisation) -> None:
    open_ones = await LifeRepository(work.session).proposals(
        authorisation_id=row.id, states=(ProposalState.OPEN,)
    )
    for proposal, _ in open_ones:
        proposal.state, proposal.reason = ProposalState.ENDED, row.state_reason
        proposal.decided_by, proposal.decided_at = actor.name, work.now
