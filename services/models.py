"""What crosses the border between services and their callers: frozen, without a database behind it."""

from dataclasses import dataclass
from uuid import UUID

from storage.appointment_states import AccountOrigin, AppointmentState, Decision, LoginRight, Settlement
from storage.review_states import StageDecision
from storage.states import (
    AttachmentState,
    BlacklistState,
    CertificateState,
    ChangeState,
    ClassState,
    DeliveryDecision,
    DeliveryState,
    DocumentState,
    EnrolmentState,
    OrganisationStatus,
    PaymentState,
    ResultState,
    SeatState,
    SittingState,
    StaffRole,
)

__all__ = [
    "AccountOrigin",
    "Actor",
    "AppointmentState",
    "AttachmentState",
    "BlacklistState",
    "CertificateState",
    "ChangeState",
    "ClassState",
    "Decision",
    "DeliveryDecision",
    "DeliveryState",
    "DocumentState",
    "EnrolmentState",
    "LoginRight",
    "OrganisationStatus",
    "PaymentState",
    "ResultState",
    "SeatState",
    "Settlement",
    "SittingState",
    "StaffRole",
    "StageDecision",
]


@dataclass(frozen=True, kw_only=True)
class Actor:
    """Who does something: it stands on every command and in the audit log."""

    #: `staff`, `applicant`, `system`, `stranger`.
    kind: str
    id: str
    name: str
    #: Staff only: the organisation whose people they see (B9), and their role.
    organisation_id: UUID | None = None
    role: StaffRole | None = None

    @classmethod
    def system(cls, name: str) -> "Actor":
        """A tick or a job."""
        return cls(kind="system", id=name, name=name)
