"""Results as others see them: a line before staff, counts, and what its owner reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from services.models import ResultState, SeatState


@dataclass(frozen=True, kw_only=True)
class ResultLine:
    """One candidate of a sitting before staff; the figures are None until a score is imported."""

    enrolment_id: UUID
    enrolment_number: int
    seat_number: int | None
    ticket: str | None
    name: str
    seat_state: SeatState
    result_id: UUID | None
    score: Decimal | None
    full: Decimal | None
    grade: str | None
    passed: bool | None
    state: ResultState | None
    #: From 1; higher when a score was corrected.
    version: int | None
    approved_at: datetime | None
    published_at: datetime | None
    #: Scores of knowledge areas as they were imported, by key.
    areas: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class ResultCounts:
    """How many results of a sitting wait for approval and for publication."""

    sitting_id: UUID
    code: str
    #: Short title of the scheme.
    scheme: str
    starts_at: datetime
    scored: int
    approved: int
    published: int


@dataclass(frozen=True, kw_only=True)
class ResultView:
    """A published result as its owner sees it: the raw score and how it was decided (B7)."""

    id: UUID
    enrolment_id: UUID
    sitting_id: UUID
    #: Short title of the scheme.
    scheme: str
    score: Decimal
    full: Decimal
    grade: str
    passed: bool
    #: For a result against a benchmark: its standard score and the benchmark index 基准指数 (B5); None for bands.
    standard_score: Decimal | None
    index: Decimal | None
    #: From best to worst: grade, and from which percentage of the full score on it is reached; none for a benchmark.
    bands: tuple[tuple[str, str], ...]
    #: Whether the bands are this installation's proposal, not the source's.
    bands_proposed: bool
    version: int
    published_at: datetime
    #: There is a diagnosis by knowledge area (B11).
    diagnosed: bool
