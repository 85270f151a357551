"""What the services of changes return: frozen, sensitive values masked."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.attachments import AttachmentView
from services.schemes.models import FormField, Scheme
from storage.states import ChangeState, EnrolmentState


@dataclass(frozen=True, kw_only=True)
class Changeable:
    """An enrolment whose data can be changed now."""

    enrolment_id: UUID
    number: int
    scheme: Scheme
    #: Each field that applies, with its kind (`a`, `b`, `c`), in the order of the form.
    fields: tuple[tuple[FormField, str], ...]
    #: The state in which only how to reach the person can be changed; None where everything is open.
    limited: EnrolmentState | None
    #: The answers in the clear: for the question that is asked, never for a page.
    answers: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class ChangeLine:
    """One change as its person and the queue see it."""

    id: UUID
    number: int
    enrolment_id: UUID
    enrolment_number: int
    scheme: str
    name: str
    field: str
    kind: str
    state: ChangeState
    #: What the open stage is called; empty when none is open.
    stage: str
    old: str
    new: str
    filed_at: datetime | None
    #: Why it was refused; empty else.
    refusal: str


@dataclass(frozen=True, kw_only=True)
class ChangePage:
    """One page of the queue; pages count from 1."""

    items: tuple[ChangeLine, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, kw_only=True)
class StepView:
    """One stage that the request has reached."""

    label: str
    organisation: str
    entered_at: datetime
    decided_at: datetime | None
    decision: str
    reason: str
    decided_by: str


@dataclass(frozen=True, kw_only=True)
class ChangeDetail:
    """One request before its stage."""

    line: ChangeLine
    sensitive: bool
    reason: str
    #: Who filed it: the person, or one of the staff by name.
    filed_by: str
    steps: tuple[StepView, ...]
    proofs: tuple[AttachmentView, ...]
    #: The actor's organisation has the open stage, and they may decide it.
    may_decide: bool
    #: Certificates that show the old value and can be replaced: (id, number).
    outdated: tuple[tuple[UUID, str], ...]


@dataclass(frozen=True, kw_only=True)
class Askable:
    """For whom staff may file, and which fields with their kinds (`b`, `c`)."""

    enrolment_id: UUID
    number: int
    scheme: str
    name: str
    fields: tuple[tuple[FormField, str], ...]


@dataclass(frozen=True, kw_only=True)
class Begun:
    """A request that was begun and not handed in."""

    line: ChangeLine
    #: Empty while it is not written.
    reason: str
    proofs: int


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a new value: applied at once (class a), or a request that is begun."""

    field: FormField
    applied: bool
    shown: str
    #: Of the request that is begun; None when applied.
    request_id: UUID | None
    #: Other enrolments of the person whose data were changed with it, by short title.
    also: tuple[str, ...] = ()
