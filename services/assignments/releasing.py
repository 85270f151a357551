"""Whoever cannot come, or loses the qualification, is not expected any more; the place is vacant (D9)."""

from collections.abc import Collection
from uuid import UUID

from services import audit, reasons
from services.assignments.rows import LONGEST_TEXT, record
from services.errors import ConflictError
from services.models import Actor
from services.notices import NoticeService
from services.unit_of_work import Work
from storage.card_states import ExaminerState
from storage.repositories.assignments import AssignmentRepository, ExaminerRow
from storage.tables import Assignment


async def release_of_person(work: Work, actor: Actor, card_ids: Collection[UUID], reason: str) -> int:
    """Take these cards out of what they are drawn for; the places are drawn again by staff. Says how many."""
    if not card_ids:
        return 0
    rows = await AssignmentRepository(work.session).open_of_cards(card_ids)
    for examiner, assignment in rows:
        examiner.state, examiner.reason, examiner.decided_at = ExaminerState.RELEASED, reason, work.now
        await NoticeService(work).withdraw(f"assignment:{examiner.id}")
        audit.record(
            work, actor, "assignment.released", "assignment", assignment.id,
            after={"card": str(examiner.card_id)}, reason=reason,
            organisation_id=assignment.organisation_id,
        )  # fmt: skip
    await work.session.flush()
    return len(rows)


async def decline(work: Work, actor: Actor, row: Assignment, found: ExaminerRow, reason: str) -> None:
    """One who was drawn cannot come: the place is vacant and can be drawn again. The assignment is locked.

    Raises:
        ServiceError: `assignment.no_reason`, `assignment.reason_too_long`.
        ConflictError: `assignment.not_drawn`: declined before, there already, or released.
    """
    examiner = found[0]
    reason = checked_reason(reason)
    if examiner.state != ExaminerState.DRAWN:
        raise ConflictError("assignment.not_drawn", state=examiner.state)
    examiner.state, examiner.reason, examiner.decided_at = ExaminerState.DECLINED, reason, work.now
    record(work, actor, "assignment.declined", row, after={"card": found[1].number or ""}, reason=reason)


def checked_reason(reason: str) -> str:
    """Raises ServiceError `assignment.no_reason`, `assignment.reason_too_long` (`limit`)."""
    return reasons.checked(
        reason,
        most=LONGEST_TEXT * 2,
        missing="assignment.no_reason",
        too_long="assignment.reason_too_long",
    )
