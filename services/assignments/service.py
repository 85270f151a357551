"""What staff do with assignments 派遣: ask for examiners, draw them, check their cards, note problems, finish (D9)."""

from collections.abc import Mapping
from datetime import date
from typing import Final
from uuid import UUID, uuid4

from services import audit
from services.access import ensure_officer, ensure_reader, visible_organisation
from services.assignments import drawing
from services.assignments.models import (
    AssignmentDetail,
    AssignmentView,
    CardCheck,
    DrawView,
    ExaminerView,
    Family,
    OnRecord,
    ProblemView,
)
from services.errors import ConflictError, NotFoundError, ServiceError
from services.models import Actor
from services.notices import NoticeService
from services.rules import drawing as lots
from services.rules.localtime import local_day
from services.rules.text import normalise
from services.unit_of_work import Work
from storage.card_states import AssignmentState, CardState, ExaminerState
from storage.repositories.assignments import COUNTING, AssignmentCount, AssignmentRepository, ExaminerRow
from storage.repositories.cards import STANDING, CardRepository, CardRow
from storage.repositories.certificates import CertificateRepository
from storage.repositories.organisations import OrganisationRepository
from storage.tables import Assignment, AssignmentDraw, AssignmentProblem

LONGEST_TEXT: Final = 60
LONGEST_PROBLEM: Final = 500
MOST_WANTED: Final = 200
#: Days ahead that an assignment may lie.
FARTHEST: Final = 400
_CANCELLED: Final = (CardState.CANCELLED, CardState.CANCELLED_FOR_EVER)


class AssignmentService:
    """Assignments of one unit of work."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.assignments = AssignmentRepository(work.session)

    # ---- planning -------------------------------------------------------------------------------------------

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
                `assignment.place`, `assignment.assessed` (each also when longer than 60), `assignment.wanted` with the
                `maximum`, `assignment.day` when it is past or more than 400 days ahead.
            ForbiddenError: a reader.
        """
        organisation_id = visible_organisation(actor)
        if organisation_id is None:
            raise ServiceError("access.staff_only")
        ensure_officer(actor, organisation_id)
        families = self.families()
        if family not in families:
            raise ServiceError("assignment.family")
        occupation, place, assessed, starts = (
            normalise(text) for text in (occupation, place, assessed, starts)
        )
        if families[family].occupations != bool(occupation) or len(occupation) > LONGEST_TEXT:
            raise ServiceError("assignment.occupation", needed=families[family].occupations)
        for code, text in (("assignment.place", place), ("assignment.assessed", assessed)):
            if not text or len(text) > LONGEST_TEXT:
                raise ServiceError(code, limit=LONGEST_TEXT)
        if not 1 <= wanted <= MOST_WANTED:
            raise ServiceError("assignment.wanted", maximum=MOST_WANTED)
        today = local_day(self.work.now)
        if not 0 <= (held_on - today).days <= FARTHEST:
            raise ServiceError("assignment.day")
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
        self._record(
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
        return self._line(row, 0, 0)

    def families(self) -> Mapping[str, Family]:
        """The families of cards that the schemes have, by key."""
        found: dict[str, Family] = {}
        for scheme in self.work.tools.schemes.values():
            if scheme.card is not None:
                found.setdefault(
                    scheme.card.family,
                    Family(title=scheme.card.title, occupations=bool(scheme.card.occupations)),
                )
        return found

    async def draw(self, actor: Actor, assignment_id: UUID) -> DrawView:
        """Draw for every place that is vacant; who is drawn gets a notice.

        The draw keeps its candidates, who was left out and why, its seed and its result.

        Raises:
            NotFoundError, ForbiddenError: not the actor's organisation's, or a reader.
            ConflictError: `assignment.not_open`; `assignment.full`: no place is vacant; `assignment.past`.
        """
        row = await self._locked(actor, assignment_id)
        if row.held_on < local_day(self.work.now):
            raise ConflictError("assignment.past")
        there = [one for one in await self.assignments.examiners(row.id) if one[0].state in COUNTING]
        if len(there) >= row.wanted:
            raise ConflictError("assignment.full", wanted=row.wanted)
        return _draw_view(await drawing.fill(self.work, actor, row, row.wanted - len(there)))

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
        row = await self._locked(actor, assignment_id)
        if (found := await self.assignments.examiner(examiner_id)) is None:
            raise NotFoundError("access.not_found")
        await decline(self.work, actor, row, found, reason)
        return row.id

    async def cancel(self, actor: Actor, assignment_id: UUID, reason: str) -> None:
        """It does not take place: everybody who was drawn is told. Raises as `draw`, and `assignment.no_reason`."""
        row = await self._locked(actor, assignment_id)
        reason = _reason(reason)
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
        self._record(actor, "assignment.cancelled", row, reason=reason)

    # ---- on the day -----------------------------------------------------------------------------------------

    async def check(self, actor: Actor, assignment_id: UUID, number: str, name: str) -> CardCheck:
        """Look at the card of somebody who comes: `number` from the card, `name` from their identity card (D9).

        A card that is expired, another person's or for another occupation is refused, and which of these is said. One
        that was drawn and may be used is counted as there. Every look is logged.

        Raises: as `draw`; ServiceError `assignment.number` for an empty one.
        """
        row = await self._locked(actor, assignment_id)
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
        self._record(actor, "assignment.card_checked", row, after={"card": number, "problem": problem})
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
        self._record(actor, "assignment.problem", row, after={"card": str(card_id or "")})

    async def finish(self, actor: Actor, assignment_id: UUID) -> None:
        """It is over: whoever was checked was there and it counts for them (D3), the others were absent.

        Raises: as `draw`; ConflictError `assignment.not_yet` before its day.
        """
        row = await self._locked(actor, assignment_id)
        if local_day(self.work.now) < row.held_on:
            raise ConflictError("assignment.not_yet")
        there = 0
        for examiner, _, _, _ in await self.assignments.examiners(row.id):
            there += examiner.state == ExaminerState.ATTENDED
            if examiner.state == ExaminerState.DRAWN:
                examiner.state, examiner.decided_at = ExaminerState.ABSENT, self.work.now
        row.state = AssignmentState.DONE
        self._record(actor, "assignment.done", row, after={"attended": there})

    # ---- reading --------------------------------------------------------------------------------------------

    async def list_lines(
        self, actor: Actor, *, state: AssignmentState | None = None, page: int = 1, per_page: int = 50
    ) -> tuple[int, tuple[AssignmentView, ...]]:
        """How many there are, and one page of the organisation's assignments, the latest day first."""
        total, rows = await self.assignments.page(
            visible_organisation(actor), state=state, offset=(max(page, 1) - 1) * per_page, limit=per_page
        )
        return total, tuple(self._counted(row) for row in rows)

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
            line=self._line(row, drawn, len(problems)),
            examiners=tuple(self._examiner(one) for one in examiners),
            draws=tuple(_draw_view(one) for one in await self.assignments.draws(row.id)),
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

    async def on_record(self, person_id: UUID, family: str) -> OnRecord:
        """What we know of a person's work with a family's cards; the caller has checked who asks (D3)."""
        first = await CardRepository(self.work.session).first_numbered_on(person_id, family)
        return OnRecord(
            assignments_done=await self.assignments.count_done(person_id, family),
            first_card_on=first,
            years_with_card=_full_years(first, local_day(self.work.now)) if first is not None else 0,
        )

    # ---- inside ---------------------------------------------------------------------------------------------

    async def _locked(self, actor: Actor, assignment_id: UUID) -> Assignment:
        row = await self.assignments.find(assignment_id, for_update=True)
        if row is None:
            raise NotFoundError("access.not_found")
        ensure_officer(actor, row.organisation_id)
        if row.state != AssignmentState.OPEN:
            raise ConflictError("assignment.not_open", state=row.state)
        return row

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

    def _counted(self, found: AssignmentCount) -> AssignmentView:
        return self._line(found.assignment, found.drawn, found.problems)

    def _line(self, row: Assignment, drawn: int, problems: int) -> AssignmentView:
        family = self.families().get(row.family)
        return AssignmentView(
            id=row.id,
            number=row.number,
            family=row.family,
            cards=family.title if family is not None else row.family,
            occupation=row.occupation,
            held_on=row.held_on,
            starts=row.starts,
            place=row.place,
            assessed=row.assessed,
            wanted=row.wanted,
            drawn=drawn,
            problems=problems,
            state=AssignmentState(row.state),
            reason=row.reason,
        )

    def _examiner(self, found: ExaminerRow) -> ExaminerView:
        examiner, card, person, enrolment = found
        return ExaminerView(
            id=examiner.id,
            card_id=card.id,
            card_number=card.number or "",
            name=person.name,
            employer=drawing.employer_of(self.work, card, enrolment),
            state=ExaminerState(examiner.state),
            reason=examiner.reason,
        )

    def _record(
        self,
        actor: Actor,
        action: str,
        row: Assignment,
        *,
        after: Mapping[str, object] | None = None,
        reason: str = "",
    ) -> None:
        audit.record(
            self.work, actor, action, "assignment", row.id, after=after, reason=reason,
            organisation_id=row.organisation_id,
        )  # fmt: skip


async def decline(work: Work, actor: Actor, row: Assignment, found: ExaminerRow, reason: str) -> None:
    """One who was drawn cannot come: the place is vacant and can be drawn again. The assignment is locked.

    Raises:
        ServiceError: `assignment.no_reason`, `assignment.reason_too_long`.
        ConflictError: `assignment.not_drawn`: declined before, there already, or released.
    """
    examiner = found[0]
    reason = _reason(reason)
    if examiner.state != ExaminerState.DRAWN:
        raise ConflictError("assignment.not_drawn", state=examiner.state)
    examiner.state, examiner.reason, examiner.decided_at = ExaminerState.DECLINED, reason, work.now
    audit.record(
        work, actor, "assignment.declined", "assignment", row.id, after={"card": found[1].number or ""},
        reason=reason, organisation_id=row.organisation_id,
    )  # fmt: skip


def _reason(reason: str) -> str:
    if not (reason := reason.strip()):
        raise ServiceError("assignment.no_reason")
    if len(reason) > LONGEST_TEXT * 2:
        raise ServiceError("assignment.reason_too_long", limit=LONGEST_TEXT * 2)
    return reason


def _draw_view(row: AssignmentDraw) -> DrawView:
    return DrawView(
        round=row.round,
        drawn_at=row.drawn_at,
        drawn_by=row.drawn_by,
        wanted=row.wanted,
        seed=row.seed,
        candidates=tuple(row.candidates),
        chosen=tuple(row.chosen),
        excluded=drawing.excluded_words(row.excluded),
        holds=lots.draw(row.seed, row.candidates, row.wanted) == tuple(row.chosen),
    )


def _full_years(first: date, day: date) -> int:
    return day.year - first.year - ((day.month, day.day) < (first.month, first.day))
