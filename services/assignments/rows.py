"""An assignment as the verbs of staff find it, and how they leave it in the audit log."""

from collections.abc import Mapping
from typing import Final
from uuid import UUID

from services import audit
from services.access import ensure_officer
from services.errors import ConflictError, NotFoundError
from services.models import Actor
from services.unit_of_work import Work
from storage.card_states import AssignmentState
from storage.repositories.assignments import AssignmentRepository
from storage.tables import Assignment

LONGEST_TEXT: Final = 60


async def locked(work: Work, actor: Actor, assignment_id: UUID) -> Assignment:
    """The open assignment, of an officer's own organisation. Raises NotFoundError, ForbiddenError, ConflictError."""
    row = await AssignmentRepository(work.session).find(assignment_id, for_update=True)
    if row is None:
        raise NotFoundError("access.not_found")
    ensure_officer(actor, row.organisation_id)
    if row.state != AssignmentState.OPEN:
        raise ConflictError("assignment.not_open", state=row.state)
    return row


def record(
    work: Work,
    actor: Actor,
    action: str,
    row: Assignment,
    *,
    after: Mapping[str, object] | None = None,
    reason: str = "",
) -> None:
    """Into the audit log of the assignment's organisation."""
    audit.record(
        work, actor, action, "assignment", row.id, after=after, reason=reason,
        organisation_id=row.organisation_id,
    )  # fmt: skip
