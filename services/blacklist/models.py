"""What the blacklist's services return: frozen, and without an identity number in full."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.attachments import AttachmentView
from services.enrolments.views import HistoryLine
from services.schemes.models import Contact
from storage.states import BlacklistState


@dataclass(frozen=True, kw_only=True)
class Bar:
    """That somebody is barred: all that others than those who decided it may know (B9)."""

    entry_id: UUID
    since: date
    #: The last day, included.
    until: date
    #: What the reason is called; for the person and for those who decided.
    reason: str
    #: Whom to ask.
    organisation_id: UUID
    organisation: str
    phone: str
    contacts: tuple[Contact, ...]
    #: The list's own name of its person.
    name: str


@dataclass(frozen=True, kw_only=True)
class BlacklistLine:
    """One entry in the list."""

    id: UUID
    number: int
    name: str
    organisation: str
    reason: str
    state: BlacklistState
    #: Past its last day; never stored as a state.
    expired: bool
    proposed_at: datetime
    heard_until: date | None
    starts_on: date | None
    last_on: date | None
    lift_waits: bool


@dataclass(frozen=True, kw_only=True)
class BlacklistPage:
    """One page; pages count from 1."""

    items: tuple[BlacklistLine, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, kw_only=True)
class StatementView:
    """What the person said."""

    at: datetime
    #: `chat` or `paper`.
    channel: str
    taken_by: str
    text: str


@dataclass(frozen=True, kw_only=True)
class BlacklistDetail:
    """One entry before those who may decide it."""

    line: BlacklistLine
    organisation_id: UUID
    identity_masked: str
    scheme: str
    enrolment_id: UUID | None
    allegation: str
    papers: str
    proposed_by: str
    told_at: datetime | None
    told_by: str
    years: int
    hearing_days: int
    statements: tuple[StatementView, ...]
    evidence: tuple[AttachmentView, ...]
    statement_files: tuple[AttachmentView, ...]
    decided_by: str
    decided_at: datetime | None
    decision_reason: str
    lift_proposed_by: str
    lift_reason: str
    lifted_by: str
    lifted_at: datetime | None
    #: Why it cannot be confirmed by this actor now: an error code with facts, empty when it can.
    obstacle: str
    obstacle_facts: Mapping[str, object]
    #: The lift was proposed by somebody else, so that this actor may decide it.
    may_lift: bool
    history: tuple[HistoryLine, ...]
