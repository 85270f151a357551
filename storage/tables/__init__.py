"""Every table, one module a noun. Importing this package registers them all with `Base.metadata`."""

from storage.tables.appointments import (
    Appointment,
    AppointmentDecision,
    AppointmentEvaluation,
    AppointmentNumber,
    BusinessAccount,
    LaboratoryBusiness,
)
from storage.tables.audit import AuditEntry
from storage.tables.base import Base
from storage.tables.certificates import Certificate, CertificateLookup, NumberSequence
from storage.tables.enrolments import Consent, ConsentText, Document, Enrolment, Payment
from storage.tables.exams import Result, Seat, Sitting
from storage.tables.messages import InboundMessage, OutboxMessage, Receipt
from storage.tables.organisations import Organisation, SchemeVersion, Staff, StaffLogin
from storage.tables.people import Follower, Person
from storage.tables.rosters import RosterCheck, RosterEntry
from storage.tables.study import CourseClass, ImportRun, StudyRecord
from storage.tables.ticks import TickRun
from storage.tables.tokens import AccessTokenRow

__all__ = [
    "AccessTokenRow",
    "Appointment",
    "AppointmentDecision",
    "AppointmentEvaluation",
    "AppointmentNumber",
    "AuditEntry",
    "Base",
    "BusinessAccount",
    "Certificate",
    "CertificateLookup",
    "Consent",
    "ConsentText",
    "CourseClass",
    "Document",
    "Enrolment",
    "Follower",
    "ImportRun",
    "InboundMessage",
    "LaboratoryBusiness",
    "NumberSequence",
    "Organisation",
    "OutboxMessage",
    "Payment",
    "Person",
    "Receipt",
    "Result",
    "RosterCheck",
    "RosterEntry",
    "SchemeVersion",
    "Seat",
    "Sitting",
    "Staff",
    "StaffLogin",
    "StudyRecord",
    "TickRun",
]
