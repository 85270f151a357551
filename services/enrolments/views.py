"""What staff see of an enrolment: frozen, masked, and made from rows and answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.printing.checking import FormCheck
from services.schemes.models import FieldKind, Scheme
from storage.review_states import StageDecision
from storage.states import DocumentState, EnrolmentState
from storage.tables import Document


@dataclass(frozen=True, kw_only=True)
class EnrolmentLine:
    """One line of the queue."""

    id: UUID
    number: int
    scheme_id: str
    scheme: str
    name: str
    identity_masked: str
    mobile_masked: str
    state: EnrolmentState
    attempt: int
    submitted_at: datetime | None
    #: Through which organisation; while in review at which stage, before whom, and until when.
    organisation: str
    stage: str
    waits_at: str
    due_at: datetime | None
    overdue: bool


@dataclass(frozen=True, kw_only=True)
class QueuePage:
    """One page of the queue; pages count from 1."""

    items: tuple[EnrolmentLine, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, kw_only=True)
class FieldView:
    """One answer; `value` is masked when sensitive."""

    key: str
    label: str
    value: str
    sensitive: bool
    returned_reason: str
    #: Of a table (E3): its column labels, the first of them for the row's name, and its rows; else nothing.
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, kw_only=True)
class DocumentView:
    """One document; its picture is fetched by `ReviewService.picture`."""

    id: UUID
    key: str
    #: Its place among the pictures of this material, from 1.
    place: int
    label: str
    state: DocumentState
    width: int | None
    height: int | None
    warnings: Mapping[str, Mapping[str, object]]
    refusal: Mapping[str, object]
    returned_reason: str
    #: Of a printed form: whether its answers have changed since it was printed.
    form: FormCheck | None = None
    #: When its picture was deleted, having been kept long enough or for its person's asking (C11).
    purged_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class HistoryLine:
    """One entry of the audit log about this enrolment."""

    at: datetime
    actor: str
    #: `staff`, `applicant` or `system`.
    actor_kind: str
    action: str
    reason: str
    before: Mapping[str, object]
    after: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class ConsentView:
    """What was agreed to (A12)."""

    title: str
    text: str
    sha256: str
    agreed_at: datetime


@dataclass(frozen=True, kw_only=True)
class StageView:
    """One stage that an enrolment reached, or has before it."""

    key: str
    label: str
    #: Empty for a stage that is not reached yet.
    organisation: str
    organisation_id: UUID | None
    #: How often it was handed in, this time included; 0 for a stage that is not reached yet.
    round: int
    entered_at: datetime | None
    due_at: datetime | None
    overdue: bool
    reminders: int
    decided_at: datetime | None
    #: None while it waits.
    decision: StageDecision | None
    actor: str
    reason: str
    #: Of a return: label of the field or material → reason.
    items: Mapping[str, str]
    reference: str


@dataclass(frozen=True, kw_only=True)
class EnrolmentDetail:
    """One enrolment before its reviewer."""

    id: UUID
    number: int
    scheme: Scheme
    state: EnrolmentState
    #: Name of the organisation through which it was enrolled.
    organisation: str
    #: The stage that waits to be decided, by its label; empty when none does.
    stage: str
    present: StageView | None
    #: The stages that it reached, as they were entered, and those before it.
    chain: tuple[StageView, ...]
    #: This reader's organisation decides now.
    may_decide: bool
    attempt: int
    #: Give it back with a decision, so that one made on an outdated page is refused.
    revision: int
    name: str
    submitted_at: datetime | None
    decision_reason: str
    fields: tuple[FieldView, ...]
    documents: tuple[DocumentView, ...]
    consents: tuple[ConsentView, ...]
    history: tuple[HistoryLine, ...]


def name_in(scheme: Scheme, answers: Mapping[str, str]) -> str:
    """The name among the answers; empty when it is not there."""
    field = scheme.field_of_kind(FieldKind.NAME)
    return answers.get(field.key, "") if field is not None else ""


def document_views(
    scheme: Scheme,
    documents: Sequence[Document],
    returned: Mapping[str, str],
    forms: Mapping[str, FormCheck],
) -> tuple[DocumentView, ...]:
    """The pictures in the order of the scheme's materials; of several for one material each says which it is."""
    views = []
    for material in scheme.materials:
        rows = sorted(
            (row for row in documents if row.material_key == material.key), key=lambda row: row.ordinal
        )
        views += [
            DocumentView(
                id=row.id,
                key=row.material_key,
                place=row.ordinal,
                label=material.label if len(rows) == 1 else f"{material.label}（第{row.ordinal}张）",
                state=DocumentState(row.state),
                width=row.width if row.purged_at is None else None,
                height=row.height,
                warnings=row.warnings,
                refusal=row.refusal,
                returned_reason=returned.get(material.key, ""),
                form=forms.get(material.key),
                purged_at=row.purged_at,
            )
            for row in rows
        ]
    return tuple(views)
