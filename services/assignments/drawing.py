"""The draw 抽派: who is a candidate, who is not and why, and the lots (D9)."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID, uuid4

from services import audit
from services.cards.models import is_expired
from services.models import Actor
from services.notices import NoticeService
from services.notices.outbox import Addressed
from services.rules.drawing import SEED_BITS, draw, seed_of
from services.rules.localtime import local_date
from services.rules.text import fold
from services.unit_of_work import Work
from storage.card_states import ExaminerState
from storage.repositories.assignments import AssignmentRepository
from storage.repositories.cards import CardRepository, CardRow
from storage.repositories.certificates import CertificateRepository
from storage.tables import Assignment, AssignmentDraw, AssignmentExaminer, Card, Enrolment


def employer_of(work: Work, card: Card, enrolment: Enrolment) -> str:
    """Where the holder works, as the enrolment has it now."""
    terms = work.scheme(f"{card.scheme_id}@{card.scheme_version}").card
    return str(enrolment.answers.get(terms.employer, "")) if terms is not None else ""


def is_own_institution(work: Work, assignment: Assignment, card: Card, enrolment: Enrolment) -> bool:
    """Whether the holder works where people are assessed: by the institution that enrolled them, or by its name."""
    if assignment.assessed_id is not None and assignment.assessed_id == enrolment.organisation_id:
        return True
    return _same(employer_of(work, card, enrolment), assignment.assessed)


def is_for(card: Card, occupation: str) -> bool:
    """Whether the card is for this occupation; a card that names none is for all of its family."""
    return not card.occupations or any(_same(one, occupation) for one in card.occupations)


def why_not_on(card: Card, day: date, suspended: set[UUID]) -> str:
    """Why a standing card may not be used on a day: `expired`, `not_yet`, `suspended`; empty when it may."""
    if is_expired(card, day):
        return "expired"
    if card.valid_from is None or card.valid_from > day:
        return "not_yet"
    return "suspended" if card.certificate_id in suspended else ""


async def fill(work: Work, actor: Actor, assignment: Assignment, vacant: int) -> AssignmentDraw:
    """Draw for the places that are vacant, keep the draw with all that it followed from, and tell who was drawn."""
    repository = AssignmentRepository(work.session)
    await repository.lock_day(assignment.held_on)
    before = await repository.examiners(assignment.id)
    busy = await repository.busy(assignment.held_on)
    rows = await CardRepository(work.session).list_standing(assignment.family, assignment.organisation_id)
    suspended = await CertificateRepository(work.session).list_suspended(
        {card.certificate_id for card, _, _ in rows if card.certificate_id}
    )
    drawn_before = {examiner.person_id for examiner, _, _, _ in before}
    candidates: dict[str, CardRow] = {}
    excluded: dict[str, str] = {}
    taken: set[UUID] = set()
    for row in rows:
        card, person, enrolment = row
        number = card.number or ""
        reason = why_not_on(card, assignment.held_on, suspended)
        if not reason and not is_for(card, assignment.occupation):
            reason = "occupation"
        if not reason and is_own_institution(work, assignment, card, enrolment):
            reason = "own_institution"
        if not reason and person.id in drawn_before:
            reason = "drawn_before"
        if not reason and person.id in busy:
            reason = "busy"
        if not reason and person.id in taken:
            reason = "other_card"  # one lot a person, however many cards
        if reason:
            excluded[number] = reason
        else:
            candidates[number] = row
            taken.add(person.id)
    seed = seed_of(work.tools.entropy.bits(SEED_BITS))
    chosen = draw(seed, list(candidates), vacant)
    made = AssignmentDraw(
        id=uuid4(),
        assignment_id=assignment.id,
        round=len(await repository.draws(assignment.id)) + 1,
        drawn_at=work.now,
        drawn_by=actor.name,
        wanted=vacant,
        seed=seed,
        candidates=sorted(candidates),
        chosen=list(chosen),
        excluded=excluded,
    )
    await repository.add(made)
    await _keep(work, assignment, made, [candidates[number] for number in chosen])
    audit.record(
        work, actor, "assignment.drawn", "assignment", assignment.id,
        after={"round": made.round, "candidates": len(candidates), "chosen": list(chosen), "seed": seed},
        organisation_id=assignment.organisation_id,
    )  # fmt: skip
    return made


async def _keep(work: Work, assignment: Assignment, made: AssignmentDraw, chosen: Sequence[CardRow]) -> None:
    messages = []
    for card, person, enrolment in chosen:
        examiner = AssignmentExaminer(
            id=uuid4(),
            assignment_id=assignment.id,
            card_id=card.id,
            person_id=person.id,
            draw_id=made.id,
            state=ExaminerState.DRAWN,
        )
        work.session.add(examiner)
        messages.append(
            Addressed(
                follower_id=enrolment.follower_id,
                notice="assignment_drawn",
                cause=str(examiner.id),
                facts=facts_of(work, assignment, card),
                enrolment_id=enrolment.id,
                group=f"assignment:{examiner.id}",
            )
        )
    await work.session.flush()
    await NoticeService(work).send_many(messages)


def facts_of(work: Work, assignment: Assignment, card: Card) -> dict[str, str]:
    """What a notice about an assignment says."""
    starts = f" {assignment.starts}" if assignment.starts else ""
    return {
        "scheme": work.scheme(f"{card.scheme_id}@{card.scheme_version}").short_title,
        "occupation": f"\n职业（工种）：{assignment.occupation}" if assignment.occupation else "",
        "when": f"{local_date(assignment.held_on)}{starts}",
        "time": f"{local_date(assignment.held_on)}{starts}",
        "place": assignment.place,
        "place_short": assignment.place[:20],
        "assessed": assignment.assessed,
        "number": card.number or "",
        "hint": "不能参加请回复 派遣",
    }


def excluded_words(excluded: Mapping[str, object]) -> dict[str, str]:
    """Card number → reason, as kept."""
    return {number: str(reason) for number, reason in excluded.items()}


def _same(one: str, other: str) -> bool:
    """Width, case, spaces and brackets of two kinds aside."""
    return bool(one.strip()) and fold(one) == fold(other)
