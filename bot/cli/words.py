"""Chinese words for states and refusals: the console's, taken when they are needed, because they bring a web server along."""

from collections.abc import Mapping
from enum import Enum

from services.assignments import AssignmentState, ExaminerState
from services.cards import CancellationState, CardState
from services.certificates.models import PaperState
from services.diagnosis.analysis import Grouping
from services.errors import ServiceError
from services.models import (
    AppointmentState,
    BlacklistState,
    CertificateState,
    ChangeState,
    ClassState,
    Decision,
    DocumentState,
    EnrolmentState,
    LoginRight,
    OrganisationStatus,
    PaymentState,
    ResultState,
    SeatState,
    Settlement,
    SittingState,
    StaffRole,
    StageDecision,
)
from services.organisations import OrganisationKind
from services.rules.authorisation import Unmet
from services.rules.errors import InvalidValueError
from services.rules.roster import Action, Case
from storage.appeal_states import AppealOutcome, AppealState, NamedCertificate
from storage.broadcast_states import BroadcastKind, BroadcastState, ContentKind, RecipientState
from storage.erasure_states import ErasureState
from storage.regrade_states import RegradeState
from storage.retention_states import RetentionState

_KINDS: dict[type[Enum], str] = {
    AppealOutcome: "appeal_outcome",
    AppealState: "appeal",
    NamedCertificate: "named",
    Grouping: "grouping",
    RegradeState: "regrade",
    BroadcastKind: "broadcast_kind",
    BroadcastState: "broadcast",
    ContentKind: "broadcast_content",
    RecipientState: "recipient",
    AssignmentState: "assignment",
    CancellationState: "cancellation",
    CardState: "card",
    ExaminerState: "examiner",
    AppointmentState: "appointment",
    Settlement: "settlement",
    LoginRight: "right",
    Decision: "decision",
    Case: "case",
    Action: "todo",
    BlacklistState: "blacklist",
    CertificateState: "certificate",
    ChangeState: "change",
    ClassState: "class",
    DocumentState: "document",
    ErasureState: "erasure",
    EnrolmentState: "enrolment",
    OrganisationKind: "organisation_kind",
    OrganisationStatus: "organisation",
    PaymentState: "payment",
    PaperState: "certificate_paper",
    ResultState: "result",
    SeatState: "seat",
    RetentionState: "retention",
    SittingState: "sitting",
    StaffRole: "role",
    StageDecision: "stage",
}


def label(value: Enum) -> str:
    """The word for a state or role; of another enumeration its value."""
    from handlers.console import texts

    kind = _KINDS.get(type(value))
    return texts.label(value, kind) if kind is not None else str(value.value)


def word(value: Enum | str, kind: str) -> str:
    """The word for a value of this kind of the console's labels."""
    from handlers.console import texts

    return texts.label(value, kind)


def condition(unmet: Unmet, occupations: Mapping[str, str]) -> str:
    """An unmet condition of an application (C1), with what would meet it."""
    from handlers.console import authorisation_texts

    return authorisation_texts.condition(unmet, occupations)


def problem(code: str, **facts: object) -> str:
    """The sentence for a code that came as data, or the code."""
    from handlers.console import refusals

    return refusals.problem(code, **facts)


def refusal(error: ServiceError | InvalidValueError) -> str:
    """The sentence for a refusal; where there is none for its code, one for its kind, with the code behind."""
    from handlers.console import refusals

    told = refusals.problem(error.code, **error.facts)
    return told if told != error.code else f"{refusals.error(error)}（{error.code}）"
