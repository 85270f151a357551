"""Asking for examiners, drawing them, and noting who cannot come (D9)."""

from datetime import date
from typing import Final
from uuid import UUID, uuid4

from services.access import ensure_officer, visible_organisation
from services.assignments import drawing
from services.assignments.models import AssignmentView, DrawView
from services.assignments.releasing import checked_reason, decline
from services.assignments.rows import LONGEST_TEXT, locked, record
from services.assignments.views import draw_view, families, line
from services.errors import ConflictError, NotFoundError, ServiceError
from services.models import Actor
from services.notices import NoticeService
from services.rules.localtime import local_day
from services.rules.text import fold, normalise
from services.unit_of_work import Work
from storage.card_states import AssignmentState, ExaminerState
from storage.repositories.assignments import COUNTING, AssignmentRepository
from storage.repositories.cards import CardRepository
from storage.repositories.organisations import OrganisationRepository
from storage.tables import Assignment

MOST_WANTED: Final = 200
#: Days ahead that an assignment may lie.
FARTHEST: Final = 400
#: Occupations that a refusal names.
_MOST_NAMED: Final = 20


class PlanningService:
    """Assignments before their day."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.assignments = AssignmentRepository(work.session)

    async def add(
        self,
        actor: Actor,
        *,
        family: str,
        occupation: str,
        held_on: date,
        place: str,
        assessed: str,
        wanted: int,
        starts: str = "",
    ) -> AssignmentView:
        """Ask for `wanted` holders of cards of a family, for an occupation, on a day, to assess one institution's people.

        Raises:
            ServiceError: `assignment.family`, `assignment.occupation` (a family whose cards name occupations needs one),
                `assignment.unknown_occupation` for one that no card is for (`occupation`, `known`: those that there are),
                `assignment.place`, `assignment.assessed` (each also when longer than 60), `assignment.wanted` with the
                `maximum`, `assignment.day` when it is past or more than 400 days ahead.
            ForbiddenError: a reader.
        """
        organisation_id = visible_organisation(actor)
        if organisation_id is None:
            raise ServiceError("access.staff_only")
        ensure_officer(actor, organisation_id)
        known_family = families(self.work).get(family)
        if known_family is None:
            raise ServiceError("assignment.family")
        occupation, place, assessed, starts = (
            normalise(text) for text in (occupation, place, assessed, starts)
        )
        if known_family.occupations != bool(occupation) or len(occupation) > LONGEST_TEXT:
            raise ServiceError("assignment.occupation", needed=known_family.occupations)
        for code, text in (("assignment.place", place), ("assignment.assessed", assessed)):
            if not text or len(text) > LONGEST_TEXT:
                raise ServiceError(code, limit=LONGEST_TEXT)
        if not 1 <= wanted <= MOST_WANTED:
            raise ServiceError("assignment.wanted", maximum=MOST_WANTED)
        today = local_day(self.work.now)
        if not 0 <= (held_on - today).days <= FARTHEST:
            raise ServiceError("assignment.day")
        if occupation:
            occupation = await self._known_occupation(family, occupation, organisation_id)
        known = await OrganisationRepository(self.work.session).find_by_name(assessed)
        row = Assignment(
            id=uuid4(),
            organisation_id=organisation_id,
            family=family,
            occupation=occupation,
            held_on=held_on,
            starts=starts[:20],
            place=place,
            wanted=wanted,
            assessed=assessed,
            assessed_id=known.id if known is not None else None,
            state=AssignmentState.OPEN,
            created_at=self.work.now,
        )
        await self.assignments.add(row)
        await self.work.session.refresh(row, ["number"])
        record(
            self.work,
            actor,
            "assignment.added",
            row,
            after={
                "occupation": occupation,
                "day": held_on.isoformat(),
                "wanted": wanted,
                "assessed": assessed,
            },
        )
        return line(self.work, row, 0, 0)

    async def occupations(self, actor: Actor) -> dict[str, tuple[str, ...]]:
        """Family → the occupations of the cards that the actor's organisation draws among."""
        cards, own = CardRepository(self.work.session), visible_organisation(actor)
        return {
            key: tuple(await cards.occupations_of(key, own))
            for key, family in families(self.work).items()
            if family.occupations
        }

    async def draw(self, actor: Actor, assignment_id: UUID) -> DrawView:
        """Draw for every place that is vacant; who is drawn gets a notice.

        The draw keeps its candidates, who was left out and why, its seed and its result.

        Raises:
            NotFoundError, ForbiddenError: not the actor's organisation's, or a reader.
            ConflictError: `assignment.not_open`; `assignment.full`: no place is vacant; `assignment.past`.
        """
        row = await locked(self.work, actor, assignment_id)
        if row.held_on < local_day(self.work.now):
            raise ConflictError("assignment.past")
        there = [one for one in await self.assignments.examiners(row.id) if one[0].state in COUNTING]
        if len(there) >= row.wanted:
            raise ConflictError("assignment.full", wanted=row.wanted)
        return draw_view(await drawing.fill(self.work, actor, row, row.wanted - len(there)))

    async def draw_again(self, assignment_id: UUID) -> None:
        """Fill what became vacant, for a job; nothing when there is nothing to do or nobody left. Idempotent."""
        row = await self.assignments.find(assignment_id, for_update=True)
        if row is None or row.state != AssignmentState.OPEN or row.held_on < local_day(self.work.now):
            return
        there = sum(one[0].state in COUNTING for one in await self.assignments.examiners(row.id))
        if there < row.wanted:
            await drawing.fill(self.work, Actor.system("assignments"), row, row.wanted - there)

    async def decline(self, actor: Actor, examiner_id: UUID, reason: str) -> UUID:
        """Staff note that one who was drawn cannot come; says for which assignment.

        Raises: as `draw`; ServiceError `assignment.no_reason`, `assignment.reason_too_long`.
        """
        if (assignment_id := await self.assignments.of_examiner(examiner_id)) is None:
            raise NotFoundError("access.not_found")
        row = await locked(self.work, actor, assignment_id)
        if (found := await self.assignments.examiner(examiner_id)) is None:
            raise NotFoundError("access.not_found")
        await decline(self.work, actor, row, found, reason)
        return row.id

    async def _known_occupation(self, family: str, typed: str, organisation_id: UUID) -> str:
        """As it is written on cards: whoever types it with other spaces or widths means the same."""
        known = await CardRepository(self.work.session).occupations_of(family, organisation_id)
        found = next((one for one in known if fold(one) == fold(typed)), None)
        if found is None:
            raise ServiceError(
                "assignment.unknown_occupation", occupation=typed, known="、".join(known[:_MOST_NAMED])
            )
        return found

    async def cancel(self, actor: Actor, assignment_id: UUID, reason: str) -> None:
        """It does not take place: everybody who was drawn is told. Raises as `draw`, and `assignment.no_reason`."""
        row = await locked(self.work, actor, assignment_id)
        reason = checked_reason(reason)
        row.state, row.reason = AssignmentState.CANCELLED, reason
        notices = NoticeService(self.work)
        for examiner, card, _, enrolment in await self.assignments.examiners(row.id):
            if examiner.state not in (ExaminerState.DRAWN, ExaminerState.ATTENDED):
                continue
            examiner.state, examiner.reason = ExaminerState.RELEASED, reason
            await notices.withdraw(f"assignment:{examiner.id}")
            await notices.send(
                enrolment.follower_id,
                "assignment_cancelled",
                cause=str(examiner.id),
                facts=drawing.facts_of(self.work, row, card)
                | {"reason": reason, "hint": "派遣已取消，请勿前往"},
                enrolment_id=enrolment.id,
            )
        record(self.work, actor, "assignment.cancelled", row, reason=reason)
