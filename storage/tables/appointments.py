"""Appointments 聘用, their numbers for ever, business accounts with the login right, what laboratories do, evaluations."""

import uuid
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base, Identified, Timestamped


class AppointmentNumber(Identified, Base):
    """A person's 聘用号 in one series: never changed, never given again (E5)."""

    __tablename__ = "appointment_numbers"
    __table_args__ = (
        Index("uq_appointment_numbers_person", "person_id", "series", unique=True),
        Index("uq_appointment_numbers_number", "series", "number", unique=True),
    )

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"))
    series: Mapped[str]
    number: Mapped[str]
    given_at: Mapped[datetime]


class Appointment(Identified, Timestamped, Base):
    """A person appointed for fields at a laboratory (E4). What happened to it is in the audit log."""

    __tablename__ = "appointments"
    __table_args__ = (
        # One that stands a person and scheme; an ended one stays as it was.
        Index(
            "uq_appointments_standing",
            "person_id",
            "scheme_id",
            unique=True,
            postgresql_where=text("state IN ('active', 'suspended')"),
        ),
        Index("ix_appointments_laboratory", "laboratory_id", "scheme_id", "state"),
        Index("ix_appointments_decider", "organisation_id", "state"),
    )

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    scheme_id: Mapped[str]
    scheme_version: Mapped[str]
    #: The enrolment that led to it last: whose follower is told.
    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolments.id"), index=True)
    laboratory_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    #: Who appointed, and decides about it.
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    number_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("appointment_numbers.id"))
    #: Values of the scheme's field that is covered.
    fields: Mapped[list[str]]
    state: Mapped[str]
    state_reason: Mapped[str] = mapped_column(default="")
    appointed_on: Mapped[date]
    state_changed_at: Mapped[datetime | None]
    ended_on: Mapped[date | None]

    @property
    def scheme_ref(self) -> str:
        """`id@version` under which it was made (B12)."""
        return f"{self.scheme_id}@{self.scheme_version}"


class BusinessAccount(Identified, Timestamped, Base):
    """A person's account, as the sub-centre set it up elsewhere, and the right to log in with it (E1, E5, E6).

    The login may be an identity number (E5), so it is encrypted, and found by keyed digest.
    """

    __tablename__ = "business_accounts"

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"), unique=True)
    origin: Mapped[str]
    login_cipher: Mapped[bytes]
    login_digest: Mapped[bytes] = mapped_column(unique=True)
    created_by: Mapped[str]
    password_mailed_on: Mapped[date | None]
    right: Mapped[str]
    right_changed_at: Mapped[datetime | None]
    requested_at: Mapped[datetime | None]
    #: When staff confirmed that the business system says the same; None while it does not.
    applied_at: Mapped[datetime | None]


class LaboratoryBusiness(Base):
    """Which fields a laboratory does business in: its people together must cover them (E4)."""

    __tablename__ = "laboratory_business"

    laboratory_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    scheme_id: Mapped[str] = mapped_column(primary_key=True)
    fields: Mapped[list[str]]
    updated_at: Mapped[datetime]


class AppointmentEvaluation(Identified, Timestamped, Base):
    """What one department or sub-centre says of a person for one period (E7)."""

    __tablename__ = "appointment_evaluations"
    __table_args__ = (
        Index("uq_appointment_evaluations_once", "appointment_id", "organisation_id", "period", unique=True),
    )

    appointment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("appointments.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    period: Mapped[str]
    mark: Mapped[str]
    remark: Mapped[str]
    evaluated_by: Mapped[str]


class AppointmentDecision(Identified, Timestamped, Base):
    """What was decided after the evaluations of a period (E7)."""

    __tablename__ = "appointment_decisions"
    __table_args__ = (Index("uq_appointment_decisions_once", "appointment_id", "period", unique=True),)

    appointment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("appointments.id"))
    period: Mapped[str]
    decision: Mapped[str]
    reason: Mapped[str]
    decided_by: Mapped[str]
