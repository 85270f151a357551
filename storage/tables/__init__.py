"""Every table, one module a noun. Importing this package registers them all with `Base.metadata`."""

from storage.tables.appeals import Appeal, AppealNote
from storage.tables.appointments import (
    Appointment,
    AppointmentDecision,
    AppointmentEvaluation,
    AppointmentNumber,
    BusinessAccount,
    LaboratoryBusiness,
)
from storage.tables.attachments import Attachment
from storage.tables.attendance import ClassDay, PracticeRecord, SignIn
from storage.tables.audit import AuditEntry
from storage.tables.authorisation import (
    Authorisation,
    AuthorisationFile,
    AuthorisationFinding,
    AuthorisationMember,
    AuthorisationRequest,
    AuthorisedScope,
    EndingProposal,
    RefusedAttempt,
    ResultReport,
    SelfCheck,
)
from storage.tables.base import Base
from storage.tables.benchmarks import BenchmarkSnapshot
from storage.tables.blacklist import BlacklistEntry, BlacklistStatement
from storage.tables.broadcasts import (
    Broadcast,
    BroadcastChunk,
    BroadcastName,
    BroadcastRecipient,
    BroadcastTest,
    FollowerTag,
    MassSendReceipt,
    StaffBinding,
    StaffWeChat,
)
from storage.tables.cards import (
    Assignment,
    AssignmentDraw,
    AssignmentExaminer,
    AssignmentProblem,
    Card,
    CardCancellation,
    VoidCopy,
)
from storage.tables.certificates import Certificate, CertificateLookup, NumberSequence
from storage.tables.changes import ChangeRequest, ChangeStep
from storage.tables.class_fees import EnrolmentFees, FeePublication
from storage.tables.enrolments import (
    CROP,
    Consent,
    ConsentText,
    Document,
    Enrolment,
    Payment,
    SupersededVoucher,
)
from storage.tables.erasures import DoomedFile, ErasureItem, ErasureRequest, RestrictedOpening
from storage.tables.exams import Result, Seat, Sitting
from storage.tables.grants import SubscriptionGrant
from storage.tables.links import OneTimeLink
from storage.tables.messages import InboundMessage, OutboxMessage, Receipt
from storage.tables.organisations import Organisation, OrganisationEnding, SchemeVersion, Staff, StaffLogin
from storage.tables.people import Follower, Person
from storage.tables.printed_forms import PrintedForm
from storage.tables.regrades import Regrade
from storage.tables.retention import RetentionItem, RetentionReport
from storage.tables.review_stages import StageRecord
from storage.tables.rosters import RosterCheck, RosterEntry
from storage.tables.sending import ApiCount, ApiRest, Circuit, SendBucket
from storage.tables.study import CourseClass, ImportRun, StudyRecord
from storage.tables.ticks import TickRun
from storage.tables.tokens import AccessTokenRow

__all__ = [
    "CROP",
    "AccessTokenRow",
    "ApiCount",
    "ApiRest",
    "Appeal",
    "AppealNote",
    "Appointment",
    "AppointmentDecision",
    "AppointmentEvaluation",
    "AppointmentNumber",
    "Assignment",
    "AssignmentDraw",
    "AssignmentExaminer",
    "AssignmentProblem",
    "Attachment",
    "AuditEntry",
    "Authorisation",
    "AuthorisationFile",
    "AuthorisationFinding",
    "AuthorisationMember",
    "AuthorisationRequest",
    "AuthorisedScope",
    "Base",
    "BenchmarkSnapshot",
    "BlacklistEntry",
    "BlacklistStatement",
    "Broadcast",
    "BroadcastChunk",
    "BroadcastName",
    "BroadcastRecipient",
    "BroadcastTest",
    "BusinessAccount",
    "Card",
    "CardCancellation",
    "Certificate",
    "CertificateLookup",
    "ChangeRequest",
    "ChangeStep",
    "Circuit",
    "ClassDay",
    "Consent",
    "ConsentText",
    "CourseClass",
    "Document",
    "DoomedFile",
    "EndingProposal",
    "Enrolment",
    "EnrolmentFees",
    "ErasureItem",
    "ErasureRequest",
    "FeePublication",
    "Follower",
    "FollowerTag",
    "ImportRun",
    "InboundMessage",
    "LaboratoryBusiness",
    "MassSendReceipt",
    "NumberSequence",
    "OneTimeLink",
    "Organisation",
    "OrganisationEnding",
    "OutboxMessage",
    "Payment",
    "Person",
    "PracticeRecord",
    "PrintedForm",
    "Receipt",
    "RefusedAttempt",
    "Regrade",
    "RestrictedOpening",
    "Result",
    "ResultReport",
    "RetentionItem",
    "RetentionReport",
    "RosterCheck",
    "RosterEntry",
    "SchemeVersion",
    "Seat",
    "SelfCheck",
    "SendBucket",
    "SignIn",
    "Sitting",
    "Staff",
    "StaffBinding",
    "StaffLogin",
    "StaffWeChat",
    "StageRecord",
    "StudyRecord",
    "SubscriptionGrant",
    "SupersededVoucher",
    "TickRun",
    "VoidCopy",
]
