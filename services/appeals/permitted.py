"""Who of the staff may mark again and who may decide: nobody judges their own work alone (B7)."""

from services.models import Actor, StaffRole
from storage.appeal_states import AppealOutcome, AppealState
from storage.repositories.appeals import OPEN, AppealRow

_WRITERS = (StaffRole.ADMIN, StaffRole.OFFICER)


def may_not_remark(actor: Actor, row: AppealRow) -> str:
    """Why not, as a code; empty when they may. Who approved the result does not mark it again."""
    if row.appeal.state not in OPEN:
        return "appeal.closed"
    if actor.kind == "staff" and actor.role not in _WRITERS:
        return "access.read_only"
    return "appeal.approver_remarks" if _approved(actor, row) else ""


def may_not_decide(actor: Actor, row: AppealRow, outcome: AppealOutcome | None = None) -> str:
    """Why not, as a code; empty when they may. `outcome` None: whether there is anything that they may decide.

    A change takes two people: one marks again, another decides. Who approved the result decides only upon another's
    marking.
    """
    appeal = row.appeal
    if appeal.state not in OPEN:
        return "appeal.closed"
    if actor.kind == "staff" and actor.role not in _WRITERS:
        return "access.read_only"
    if appeal.state != AppealState.DISCLOSED:
        return "appeal.not_disclosed"
    if _approved(actor, row) and appeal.remarked_by in (None, actor.id):
        return "appeal.approver_decides"
    changes = outcome is AppealOutcome.CHANGED or (outcome is None and _differs(row))
    return "appeal.same_person" if changes and appeal.remarked_by == actor.id else ""


def _approved(actor: Actor, row: AppealRow) -> bool:
    return actor.kind == "staff" and row.result.approved_by == actor.id


def _differs(row: AppealRow) -> bool:
    appeal = row.appeal
    return appeal.remark_raw is not None and (appeal.remark_raw, appeal.remark_grade) != (
        row.result.raw,
        row.result.grade,
    )
