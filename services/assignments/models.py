"""What the assignment services return."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from storage.card_states import AssignmentState, ExaminerState


@dataclass(frozen=True, kw_only=True)
class Family:
    """Cards that may stand in for each other in a draw."""

    title: str
    #: Whether they are for occupations.
    occupations: bool


@dataclass(frozen=True, kw_only=True)
class AssignmentView:
    """An assignment in a list."""

    id: UUID
    number: int
    family: str
    #: What the family's cards are called: 考评员证卡.
    cards: str
    occupation: str
    held_on: date
    starts: str
    place: str
    assessed: str
    wanted: int
    #: How many are drawn and neither declined nor were released.
    drawn: int
    problems: int
    state: AssignmentState
    reason: str

    @property
    def vacant(self) -> int:
        """Places that are to be drawn."""
        return max(0, self.wanted - self.drawn) if self.state is AssignmentState.OPEN else 0


@dataclass(frozen=True, kw_only=True)
class ExaminerView:
    """One who was drawn."""

    id: UUID
    card_id: UUID
    card_number: str
    name: str
    employer: str
    state: ExaminerState
    reason: str


@dataclass(frozen=True, kw_only=True)
class DrawView:
    """One draw with everything that it followed from."""

    round: int
    drawn_at: datetime
    drawn_by: str
    wanted: int
    seed: str
    candidates: tuple[str, ...]
    chosen: tuple[str, ...]
    #: Card number → `expired`, `not_yet`, `suspended`, `occupation`, `own_institution`, `busy` (drawn
    #: elsewhere that day), `drawn_before` (for this one), `other_card` (another card of the person takes part).
    excluded: Mapping[str, str]
    #: Whether seed and candidates give this result when drawn again.
    holds: bool


@dataclass(frozen=True, kw_only=True)
class ProblemView:
    """What was reported."""

    text: str
    card_number: str
    reported_by: str
    reported_at: datetime


@dataclass(frozen=True, kw_only=True)
class AssignmentDetail:
    """One assignment with all that is known of it."""

    line: AssignmentView
    examiners: tuple[ExaminerView, ...]
    draws: tuple[DrawView, ...]
    problems: tuple[ProblemView, ...]


@dataclass(frozen=True, kw_only=True)
class CardCheck:
    """What the look at a card said: `problem` is empty when it may be used here.

    Otherwise `unknown`, `expired`, `not_yet`, `cancelled`, `suspended`, `other_person`, `other_occupation`,
    `other_family`, `own_institution`, `not_drawn` (D9).
    """

    number: str
    problem: str
    #: Of the holder; empty for an unknown card.
    name: str
    occupations: tuple[str, ...]
    valid_until: date | None


@dataclass(frozen=True, kw_only=True)
class ToCome:
    """What one is drawn for, for their own chat."""

    examiner_id: UUID
    number: int
    occupation: str
    held_on: date
    starts: str
    place: str
    assessed: str
    card_number: str


@dataclass(frozen=True, kw_only=True)
class OnRecord:
    """What we know of somebody's work with a family's cards (D3)."""

    assignments_done: int
    #: First day of the first card; None without one.
    first_card_on: date | None
    #: Full years since then.
    years_with_card: int


@dataclass(frozen=True, kw_only=True)
class Compared:
    """What an applicant says of their work beside what we know of it; nothing is decided by it (D3)."""

    label: str
    said: str
    known: str
