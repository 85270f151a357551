"""Assignments 派遣 as staff look at them (D9); what they do is in `planning` and `holding`."""

from uuid import UUID

from services.access import ensure_reader, visible_organisation
from services.assignments.models import AssignmentDetail, AssignmentView, ProblemView
from services.assignments.views import draw_view, examiner, line
from services.errors import NotFoundError
from services.models import Actor
from services.rules.localtime import local_day
from services.unit_of_work import Work
from storage.card_states import AssignmentState
from storage.repositories.assignments import COUNTING, AssignmentRepository


class AssignmentService:
    """Assignments of one unit of work."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.assignments = AssignmentRepository(work.session)

    async def list_lines(
        self, actor: Actor, *, state: AssignmentState | None = None, page: int = 1, per_page: int = 50
    ) -> tuple[int, tuple[AssignmentView, ...]]:
        """How many there are, and one page of the organisation's assignments, the latest day first."""
        total, rows = await self.assignments.page(
            visible_organisation(actor), state=state, offset=(max(page, 1) - 1) * per_page, limit=per_page
        )
        return total, tuple(line(self.work, row.assignment, row.drawn, row.problems) for row in rows)

    async def vacant(self, actor: Actor) -> int:
        """How many of the organisation's assignments to come lack somebody; 0 for others than staff."""
        own = visible_organisation(actor)
        if own is None:
            return 0
        return await self.assignments.count_vacant(own, since=local_day(self.work.now))

    async def show(self, actor: Actor, assignment_id: UUID) -> AssignmentDetail:
        """One, with who was drawn, the draws, and what was reported. Raises NotFoundError."""
        row = await self.assignments.find(assignment_id)
        if row is None:
            raise NotFoundError("access.not_found")
        ensure_reader(actor, row.organisation_id)
        examiners = await self.assignments.examiners(row.id)
        problems = await self.assignments.problems(row.id)
        drawn = sum(one[0].state in COUNTING for one in examiners)
        return AssignmentDetail(
            line=line(self.work, row, drawn, len(problems)),
            examiners=tuple(examiner(self.work, one) for one in examiners),
            draws=tuple(draw_view(one) for one in await self.assignments.draws(row.id)),
            problems=tuple(
                ProblemView(
                    text=one.text, card_number=number or "", reported_by=one.reported_by,
                    reported_at=one.reported_at,
                )
                for one, number in problems
            ),
        )  # fmt: skip

    async def find_by_number(self, actor: Actor, number: int) -> UUID:
        """The assignment of this running number. Raises NotFoundError."""
        row = await self.assignments.find_by_number(number)
        if row is None:
            raise NotFoundError("access.not_found")
        ensure_reader(actor, row.organisation_id)
        return row.id
