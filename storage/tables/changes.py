"""Changes of personal data 资料变更 after the submission, and the stages that decide them (E8)."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index, Sequence, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base, Identified, Timestamped

CHANGE_NUMBERS = Sequence("change_numbers", start=1001, metadata=Base.metadata)


class ChangeRequest(Identified, Timestamped, Base):
    """One field of one enrolment, from an old value to a new one; both encrypted, bound to this row."""

    __tablename__ = "change_requests"
    __table_args__ = (
        # One request at a time for a field.
        Index(
            "uq_change_requests_pending",
            "enrolment_id",
            "field_key",
            unique=True,
            postgresql_where=text("state = 'pending'"),
        ),
        Index("ix_change_requests_enrolment", "enrolment_id", "created_at"),
    )

    #: What people read out on the phone.
    number: Mapped[int] = mapped_column(server_default=text("nextval('change_numbers')"), unique=True)
    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolments.id"))
    field_key: Mapped[str]
    #: `a` done by the person at once, `b` important, `c` qualification.
    kind: Mapped[str]
    state: Mapped[str]
    old_cipher: Mapped[bytes]
    new_cipher: Mapped[bytes]
    reason: Mapped[str] = mapped_column(default="")
    #: `applicant` or `staff`, with the name of the one of the staff.
    filed_by: Mapped[str]
    filed_by_name: Mapped[str] = mapped_column(default="")
    filed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class ChangeStep(Identified, Base):
    """One stage of a request's chain: which organisation has it, since when, and what it decided."""

    __tablename__ = "change_steps"
    __table_args__ = (
        Index("uq_change_steps_stage", "request_id", "stage", unique=True),
        Index("ix_change_steps_queue", "organisation_id", postgresql_where=text("decided_at IS NULL")),
    )

    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("change_requests.id"))
    #: Index into the scheme's chain of changes.
    stage: Mapped[int]
    label: Mapped[str]
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    entered_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    #: `approved`, `refused`, or `withdrawn` when the person took it back.
    decision: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    decided_by_name: Mapped[str] = mapped_column(default="")
