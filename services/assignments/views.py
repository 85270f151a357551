"""Assignments, those who were drawn, and draws, as staff see them."""

from collections.abc import Mapping

from services.assignments import drawing
from services.assignments.models import AssignmentView, DrawView, ExaminerView, Family
from services.rules import drawing as lots
from services.unit_of_work import Work
from storage.card_states import AssignmentState, ExaminerState
from storage.repositories.assignments import ExaminerRow
from storage.tables import Assignment, AssignmentDraw


def families(work: Work) -> Mapping[str, Family]:
    """The families of cards that the schemes have, by key."""
    found: dict[str, Family] = {}
    for scheme in work.tools.schemes.values():
        if scheme.card is not None:
            found.setdefault(
                scheme.card.family,
                Family(title=scheme.card.title, occupations=bool(scheme.card.occupations)),
            )
    return found


def line(work: Work, row: Assignment, drawn: int, problems: int) -> AssignmentView:
    """One, with how many count for it and what was reported."""
    family = families(work).get(row.family)
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


def examiner(work: Work, found: ExaminerRow) -> ExaminerView:
    """One who was drawn."""
    row, card, person, enrolment = found
    return ExaminerView(
        id=row.id,
        card_id=card.id,
        card_number=card.number or "",
        name=person.name,
        employer=drawing.employer_of(work, card, enrolment),
        state=ExaminerState(row.state),
        reason=row.reason,
    )


def draw_view(row: AssignmentDraw) -> DrawView:
    """One draw; `holds` is whether its seed gives its result."""
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
