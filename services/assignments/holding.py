"""On the day of an assignment: cards are checked, problems noted, and it is finished (D9)."""

from typing import Final
from uuid import UUID, uuid4

from services.access import ensure_officer
from services.assignments import drawing
from services.assignments.models import CardCheck
from services.assignments.rows import locked, record
from services.errors import ConflictError, NotFoundError, ServiceError
from services.models import Actor
from services.rules.localtime import local_day
from services.rules.text import normalise
from services.unit_of_work import Work
from storage.card_states import AssignmentState, CardState, ExaminerState
from storage.repositories.assignments import COUNTING, AssignmentRepository
from storage.repositories.cards import STANDING, CardRepository, CardRow
from storage.repositories.certificates import CertificateRepository
from storage.tables import Assignment, AssignmentProblem

LONGEST_PROBLEM: Final = 500
_CANCELLED: Final = (CardState.CANCELLED, CardState.CANCELLED_FOR_EVER)


class HoldingService:
    """Assignments on their day and afterwards."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.assignments = AssignmentRepository(work.session)

    async def check(self, actor: Actor, assignment_id: UUID, number: str, name: str) -> CardCheck:
        """Look at the card of somebody who comes: `number` from the card, `name` from their identity card (D9).

        A card that is expired, another person's or for another occupation is refused, and which of these is said. One
        that was drawn and may be used is counted as there. Every look is logged.

        Raises: as `draw`; ServiceError `assignment.number` for an empty one.
        """
        row = await locked(self.work, actor, assignment_id)
        number = "".join(number.split()).upper()[:40]
        if not number or not name.strip():
            raise ServiceError("assignment.number")
        found = await CardRepository(self.work.session).find_by_number(number)
        drawn = await self.assignments.examiners(row.id)
        own = next((one[0] for one in drawn if found is not None and one[1].id == found[0].id), None)
        problem = await self._problem(row, found, normalise(name))
        if not problem and (own is None or own.state not in COUNTING):
            problem = "not_drawn"
        if not problem and own is not None:
            own.state, own.decided_at = ExaminerState.ATTENDED, self.work.now
        record(self.work, actor, "assignment.card_checked", row, after={"card": number, "problem": problem})
        return CardCheck(
            number=number,
            problem=problem,
            name=found[1].name if found is not None and problem != "other_person" else "",
            occupations=tuple(found[0].occupations) if found is not None else (),
            valid_until=found[0].valid_until if found is not None else None,
        )

    async def report_problem(
        self, actor: Actor, assignment_id: UUID, text: str, *, examiner_id: UUID | None = None
    ) -> None:
        """Keep what happened, about one examiner or in general; also after it is over.

        Raises:
            ServiceError: `assignment.no_problem`, `assignment.problem_too_long` with the `limit`.
            NotFoundError, ForbiddenError: as `draw`.
        """
        row = await self.assignments.find(assignment_id)
        if row is None:
            raise NotFoundError("access.not_found")
        ensure_officer(actor, row.organisation_id)
        if not (text := text.strip()):
            raise ServiceError("assignment.no_problem")
        if len(text) > LONGEST_PROBLEM:
            raise ServiceError("assignment.problem_too_long", limit=LONGEST_PROBLEM)
        card_id = None
        if examiner_id is not None:
            found = await self.assignments.examiner(examiner_id)
            if found is None or found[0].assignment_id != row.id:
                raise NotFoundError("access.not_found")
            card_id = found[0].card_id
        await self.assignments.add(
            AssignmentProblem(
                id=uuid4(), assignment_id=row.id, card_id=card_id, text=text,
                reported_by=actor.name, reported_at=self.work.now,
            )
        )  # fmt: skip
        record(self.work, actor, "assignment.problem", row, after={"card": str(card_id or "")})

    async def finish(self, actor: Actor, assignment_id: UUID) -> None:
        """It is over: whoever was checked was there and it counts for them (D3), the others were absent.

        Raises: as `draw`; ConflictError `assignment.not_yet` before its day.
        """
        row = await locked(self.work, actor, assignment_id)
        if local_day(self.work.now) < row.held_on:
            raise ConflictError("assignment.not_yet")
        there = 0
        for examiner, _, _, _ in await self.assignments.examiners(row.id):
            there += examiner.state == ExaminerState.ATTENDED
            if examiner.state == ExaminerState.DRAWN:
                examiner.state, examiner.decided_at = ExaminerState.ABSENT, self.work.now
        row.state = AssignmentState.DONE
        record(self.work, actor, "assignment.done", row, after={"attended": there})

    async def _problem(self, row: Assignment, found: CardRow | None, name: str) -> str:
        """Why this card may not be used here by somebody of this name; empty when it may (D9)."""
        if found is None or found[0].state == CardState.AWAITING_NUMBER:
            return "unknown"
        card, person, enrolment = found
        if card.state in _CANCELLED or card.state not in STANDING:
            return "cancelled"
        if person.name != name:
            return "other_person"
        if card.family != row.family:
            return "other_family"
        ids = {card.certificate_id} if card.certificate_id else set()
        suspended = await CertificateRepository(self.work.session).list_suspended(ids)
        if problem := drawing.why_not_on(card, local_day(self.work.now), suspended):
            return problem
        if not drawing.is_for(card, row.occupation):
            return "other_occupation"
        return "own_institution" if drawing.is_own_institution(self.work, row, card, enrolment) else ""
