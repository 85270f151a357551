"""What staff see of authorisations: frozen, without a database behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.rules.authorisation import Figures, Unmet
from storage.authorisation_states import (
    Act,
    AuthorisationState,
    EndingCause,
    FileKind,
    FindingKind,
    MemberKind,
    ProposalState,
    ReportState,
    RequestState,
    SelfCheckState,
)


@dataclass(frozen=True, kw_only=True)
class ScopeView:
    """An occupation at a level."""

    occupation: str
    occupation_label: str
    level: str
    level_label: str

    @property
    def key(self) -> str:
        """`occupation/level`, as it is kept and typed."""
        return f"{self.occupation}/{self.level}"


@dataclass(frozen=True, kw_only=True)
class FileView:
    """One paper."""

    id: UUID
    kind: FileKind
    filename: str
    size: int
    added_at: datetime
    #: When it was deleted, having been kept long enough (C11).
    purged_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class MemberView:
    """A teacher or assessor."""

    id: UUID
    kind: MemberKind
    name: str
    occupation: str
    occupation_label: str
    title: str
    certificate_number: str
    undertaking_on: date | None
    undertaking_file: UUID | None


@dataclass(frozen=True, kw_only=True)
class RequestView:
    """One application with everything that was said and found. `figures` is None before the first were given."""

    id: UUID
    organisation_id: UUID
    organisation: str
    state: RequestState
    figures: Figures | None
    wanted: tuple[ScopeView, ...]
    files: tuple[FileView, ...]
    members: tuple[MemberView, ...]
    unmet: tuple[Unmet, ...]
    submitted_at: datetime | None
    reason: str
    visited_on: date | None
    experts: tuple[str, ...]
    visit_findings: str
    agreement_number: str
    agreed_on: date | None
    agreed_until: date | None
    revision: int


@dataclass(frozen=True, kw_only=True)
class RequestLine:
    """One application in a list."""

    id: UUID
    organisation: str
    state: RequestState
    submitted_at: datetime | None
    wanted: tuple[ScopeView, ...]


@dataclass(frozen=True, kw_only=True)
class FindingView:
    """What the society found."""

    id: UUID
    kind: FindingKind
    found_on: date
    text: str
    recorded_by: str


@dataclass(frozen=True, kw_only=True)
class AttemptView:
    """What staff of a sub-centre tried and were refused."""

    id: UUID
    scheme: str
    act: Act
    #: The refusal's code, `authorisation.…`.
    code: str
    staff: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class ProposalView:
    """A proposed ending."""

    id: UUID
    authorisation_id: UUID
    organisation: str
    cause: EndingCause
    about: str
    facts: Mapping[str, object]
    state: ProposalState
    reason: str
    decided_by: str
    decided_at: datetime | None
    proposed_at: datetime


@dataclass(frozen=True, kw_only=True)
class AuthorisationLine:
    """One authorisation in a list."""

    id: UUID
    organisation_id: UUID
    organisation: str
    state: AuthorisationState
    plaque_number: str
    authorised_on: date
    scope: tuple[ScopeView, ...]


@dataclass(frozen=True, kw_only=True)
class AuthorisationView:
    """One authorisation."""

    id: UUID
    organisation_id: UUID
    organisation: str
    society_id: UUID
    society: str
    state: AuthorisationState
    plaque_number: str
    document_number: str
    agreement_number: str
    agreed_on: date
    agreed_until: date | None
    authorised_on: date
    ended_on: date | None
    cause: str
    state_reason: str
    scope: tuple[ScopeView, ...]
    findings: tuple[FindingView, ...]
    attempts: tuple[AttemptView, ...]
    proposals: tuple[ProposalView, ...]
    self_checks: tuple["SelfCheckLine", ...]
    revision: int


@dataclass(frozen=True, kw_only=True)
class TrainingLine:
    """How many people of an occupation at a level were trained, examined, and passed in a year."""

    occupation: str
    level: str
    label: str
    trained: int
    examined: int
    passed: int


@dataclass(frozen=True, kw_only=True)
class PlanLine:
    """How many people of an occupation at a level are to be trained next year, and when."""

    occupation: str
    level: str
    label: str
    people: int
    times: str


@dataclass(frozen=True, kw_only=True)
class SelfCheckLine:
    """A self-check in a list."""

    id: UUID
    organisation: str
    year: int
    due_on: date
    state: SelfCheckState
    #: How many reminders are due already, of how many.
    reminders: int
    handed_in_at: datetime | None
    trained: int


@dataclass(frozen=True, kw_only=True)
class SelfCheckView:
    """年度自查 in full."""

    id: UUID
    authorisation_id: UUID
    organisation_id: UUID
    organisation: str
    year: int
    due_on: date
    state: SelfCheckState
    counted: tuple[TrainingLine, ...]
    declared: tuple[TrainingLine, ...]
    note: str
    situation: str
    problems: str
    plan: tuple[PlanLine, ...]
    assessors_wanted: str
    handed_in_at: datetime | None
    decision: str
    decided_by: str
    decided_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class ReportedPerson:
    """One who passed, in a report."""

    enrolment_id: UUID
    enrolment_number: int
    name: str
    grade: str
    class_code: str
    #: A certificate's number; empty while there is none.
    certificate: str


@dataclass(frozen=True, kw_only=True)
class ReportView:
    """上报 of a sitting's results."""

    id: UUID
    society_id: UUID
    sitting_code: str
    scheme: str
    organisation: str
    state: ReportState
    assessors: tuple[str, ...]
    note: str
    reason: str
    reported_at: datetime
    decided_by: str
    people: Sequence[ReportedPerson]
    examined: int
