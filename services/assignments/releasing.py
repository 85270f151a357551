"""Whoever loses the qualification is not expected any more (D9)."""

from collections.abc import Collection
from uuid import UUID

from services import audit
from services.models import Actor
from services.notices import NoticeService
from services.unit_of_work import Work
from storage.card_states import ExaminerState
from storage.repositories.assignments import AssignmentRepository


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
