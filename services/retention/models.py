"""What staff see of a retention report."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from storage.retention_states import RetainedKind, RetentionState


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
    """One enrolment on a report, with how many of its rows have files, by their kind."""

    enrolment_id: UUID
    number: int
    #: Empty for one whose person asked for the deletion of their data: the list names them by number only.
    name: str
    scheme: str
    due_on: date
    files: Mapping[RetainedKind, int]
    #: False: something has come since that it must be kept for; it is left out when the report is confirmed.
    due: bool


@dataclass(frozen=True, kw_only=True)
class RetentionOther:
    """A file of no enrolment: a paper of an organisation, or evidence about somebody who never enrolled."""

    kind: RetainedKind
    label: str
    due_on: date
    due: bool


@dataclass(frozen=True, kw_only=True)
class RetentionDetail:
    """One report with everything on it."""

    line: RetentionLine
    people: tuple[RetentionPerson, ...]
    others: tuple[RetentionOther, ...]
    #: How many rows would lose their files now, in all and by kind: what the second look is compared with.
    due_items: int
    due_files: Mapping[RetainedKind, int]
