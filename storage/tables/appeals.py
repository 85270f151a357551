"""Appeals 申诉 about published results, and what both sides said of them (B7)."""

import uuid
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, Numeric, Sequence, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base, Identified, Timestamped

APPEAL_NUMBERS = Sequence("appeal_numbers", start=1001, metadata=Base.metadata)


class Appeal(Identified, Timestamped, Base):
    """One objection to one version of a result, from what the person wrote to the decision."""

    __tablename__ = "appeals"
    __table_args__ = (
        # One appeal about one version of a result; who took theirs back may lodge another.
        Index("uq_appeals_result", "result_id", unique=True, postgresql_where=text("state <> 'withdrawn'")),
        Index("ix_appeals_queue", "organisation_id", "state", "due_on"),
        Index("ix_appeals_certificate", "certificate_id"),
    )

    #: What people read out on the phone.
    number: Mapped[int] = mapped_column(server_default=text("nextval('appeal_numbers')"), unique=True)
    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolments.id"), index=True)
    #: The version that it is about; it stays as it is.
    result_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("results.id"))
    #: Which organisation held the sitting, and decides.
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    state: Mapped[str]
    lodged_at: Mapped[datetime | None]
    #: By which day it is to be decided; None before it is lodged.
    due_on: Mapped[date | None]
    disclosed_at: Mapped[datetime | None]
    disclosed_by_name: Mapped[str] = mapped_column(default="")
    #: The one paper, marked again: raw score, and what follows from it by the frozen benchmark or the bands.
    remark_raw: Mapped[Decimal | None] = mapped_column(Numeric(7, 2))
    remark_grade: Mapped[str] = mapped_column(default="")
    remark_passed: Mapped[bool | None]
    remark_note: Mapped[str] = mapped_column(default="")
    #: Staff id and name; who marked and who decides may have to be two.
    remarked_by: Mapped[str | None]
    remarked_by_name: Mapped[str] = mapped_column(default="")
    remarked_at: Mapped[datetime | None]
    outcome: Mapped[str] = mapped_column(default="")
    decision_reason: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[str | None]
    decided_by_name: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None]
    #: The version that the decision made, where it changed the result.
    new_result_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("results.id"))
    #: A certificate that stood when its result no longer passed, and what a person decided about it.
    certificate_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("certificates.id"))
    certificate_state: Mapped[str] = mapped_column(default="")
    certificate_reason: Mapped[str] = mapped_column(default="")
    certificate_decided_by_name: Mapped[str] = mapped_column(default="")
    certificate_decided_at: Mapped[datetime | None]


class AppealNote(Identified, Timestamped, Base):
    """What the person wrote, or what staff answered; encrypted, bound to this row."""

    __tablename__ = "appeal_notes"
    __table_args__ = (Index("ix_appeal_notes_appeal", "appeal_id", "created_at"),)

    appeal_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("appeals.id"))
    #: `applicant` or `staff`.
    said_by: Mapped[str]
    #: Of the one of the staff; empty for the person.
    said_by_name: Mapped[str] = mapped_column(default="")
    text_cipher: Mapped[bytes]
