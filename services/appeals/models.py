"""What the services of appeals return: frozen."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from services.rules.benchmark import Benchmark
from services.rules.benchmark_steps import Step
from services.rules.diagnosis import AreaProfile
from storage.appeal_states import AppealOutcome, AppealState, NamedCertificate


@dataclass(frozen=True, kw_only=True)
class Appealable:
    """A published result before its owner, and until when it may be objected to."""

    result_id: UUID
    scheme: str
    enrolment_number: int
    grade: str
    score: Decimal
    published_at: datetime
    #: The last day, in Shanghai.
    until: date
    #: Why not: empty, `over`, `decided`.
    obstacle: str = ""


@dataclass(frozen=True, kw_only=True)
class OwnAppeal:
    """An appeal as the person sees it."""

    id: UUID
    number: int
    scheme: str
    state: AppealState
    outcome: AppealOutcome | None
    due_on: date | None
    lodged_at: datetime | None
    decision_reason: str
    #: What the result says now.
    grade: str
    #: The person's own words; only of a draft, for a second look.
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class AppealLine:
    """One line of the queue."""

    id: UUID
    number: int
    name: str
    enrolment_id: UUID
    enrolment_number: int
    scheme: str
    sitting: str
    grade: str
    state: AppealState
    outcome: AppealOutcome | None
    lodged_at: datetime
    due_on: date
    overdue: bool


@dataclass(frozen=True, kw_only=True)
class AppealPage:
    """One page of the queue; pages count from 1."""

    items: tuple[AppealLine, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, kw_only=True)
class NoteView:
    """What one side said."""

    by_applicant: bool
    name: str
    text: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Frozen:
    """The snapshot that a result was graded by, as it was published (B5)."""

    version: int
    method: str
    frozen_at: datetime
    published_at: datetime | None
    #: Over every figure of it: whoever has the published ones can compute it again.
    sha256: str
    benchmark: Benchmark


@dataclass(frozen=True, kw_only=True)
class Pack:
    """What the organiser gives to whoever objects (B7): raw score, benchmark, how the one follows from the other."""

    appeal_number: int
    name: str
    scheme: str
    #: The rule that applies: cited.
    rule: str
    enrolment_number: int
    sitting: str
    starts_at: datetime
    organisation: str
    score: Decimal
    full: Decimal
    grade: str
    passed: bool
    version: int
    #: None for results that are graded by bands.
    frozen: Frozen | None
    bands: tuple[tuple[str, str], ...]
    #: Whether bands or parameters are this installation's proposal, not the source's.
    proposed: bool
    steps: tuple[Step, ...]
    #: By knowledge area, where that is known (B11).
    areas: tuple[AreaProfile, ...]


@dataclass(frozen=True, kw_only=True)
class Remark:
    """The one paper, marked again."""

    score: Decimal
    grade: str
    passed: bool
    note: str
    by: str
    at: datetime
    #: Score or grade differ from the result's.
    differs: bool


@dataclass(frozen=True, kw_only=True)
class Named:
    """A certificate that stands though its result no longer passes."""

    certificate_id: UUID
    number: str
    state: NamedCertificate
    reason: str
    decided_by: str
    decided_at: datetime | None
    #: Another organisation issued it, and decides.
    issuer: str = ""


@dataclass(frozen=True, kw_only=True)
class NamedLine:
    """One certificate that waits for a decision, in the list of whoever issued it."""

    appeal_id: UUID
    appeal_number: int
    certificate_id: UUID
    number: str
    title: str
    grade: str


@dataclass(frozen=True, kw_only=True)
class AppealDetail:
    """One appeal before the staff."""

    line: AppealLine
    pack: Pack
    notes: tuple[NoteView, ...]
    disclosed_at: datetime | None
    disclosed_by: str
    remark: Remark | None
    decision_reason: str
    decided_by: str
    decided_at: datetime | None
    new_grade: str
    named: Named | None
    #: Codes of why this actor may not re-mark, and not decide; empty when they may.
    may_not_remark: str
    may_not_decide: str
