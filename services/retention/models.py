"""What staff see of a retention report."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from storage.retention_states import RetentionState


@dataclass(frozen=True, kw_only=True)
class RetentionLine:
    """One report."""

    id: UUID
    number: int
    made_on: date
    state: RetentionState
    people: int
    items: int
    proposed_by: str | None
    proposed_at: datetime | None
    reason: str
    confirmed_by: str | None
    confirmed_at: datetime | None
    purged_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class RetentionPage:
    """Some of the reports."""

    items: tuple[RetentionLine, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, kw_only=True)
class RetentionPerson:
    """One enrolment on a report, with how many of its rows have files."""

    enrolment_id: UUID
    number: int
    name: str
    scheme: str
    due_on: date
    documents: int
    vouchers: int
    certificates: int
    #: False: something has come since that it must be kept for; it is left out when the report is confirmed.
    due: bool


@dataclass(frozen=True, kw_only=True)
class RetentionDetail:
    """One report with everything on it."""

    line: RetentionLine
    people: tuple[RetentionPerson, ...]
    #: How many rows would lose their files now: what the second look is compared with.
    due_items: int
