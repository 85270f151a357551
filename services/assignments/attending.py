"""What one who was drawn does in the chat: see what is to come, and say that they cannot (D9)."""

from uuid import UUID

from services.assignments.models import ToCome
from services.assignments.releasing import decline
from services.errors import ConflictError, NotFoundError
from services.jobs import Task, defer
from services.models import Actor
from services.unit_of_work import Work
from storage.card_states import AssignmentState
from storage.repositories.assignments import AssignmentRepository


class AttendingService:
    """Assignments of a follower."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.assignments = AssignmentRepository(work.session)

    async def to_come(self, follower_id: UUID) -> tuple[ToCome, ...]:
        """What they are drawn for and is not over, the earliest first."""
        return tuple(
            ToCome(
                examiner_id=examiner.id,
                number=assignment.number,
                occupation=assignment.occupation,
                held_on=assignment.held_on,
                starts=assignment.starts,
                place=assignment.place,
                assessed=assignment.assessed,
                card_number=card.number or "",
            )
            for examiner, assignment, card in await self.assignments.open_of_follower(follower_id)
        )

    async def decline(self, actor: Actor, examiner_id: UUID, reason: str, *, follower_id: UUID) -> None:
        """They cannot come; a job draws somebody else.

        Raises:
            ServiceError: `assignment.no_reason`, `assignment.reason_too_long`.
            ConflictError: `assignment.not_open`, `assignment.not_drawn`.
            NotFoundError: not theirs.
        """
        found = await self.assignments.examiner(examiner_id)
        if found is None or found[3].follower_id != follower_id:
            raise NotFoundError("access.not_found")
        row = await self.assignments.find(found[0].assignment_id)
        if row is None or row.state != AssignmentState.OPEN:
            raise ConflictError("assignment.not_open")
        await decline(self.work, actor, row, found, reason)
        await defer(self.work, Task.DRAW_AGAIN, lock=f"assignment:{row.id}", assignment_id=str(row.id))
