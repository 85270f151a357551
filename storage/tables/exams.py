"""Sittings, seats, results."""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, Numeric, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base, Identified, Timestamped


class Sitting(Identified, Timestamped, Base):
    """An exam at one time (A5)."""

    __tablename__ = "sittings"

    code: Mapped[str] = mapped_column(unique=True)
    scheme_id: Mapped[str]
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    form: Mapped[str]
    #: Where: an address, or the platform's name and link when online.
    place: Mapped[str]
    #: What to bring, in order.
    bring: Mapped[list[str]] = mapped_column(default=list)
    capacity: Mapped[int]
    state: Mapped[str]
    #: Why it is not on the calendar rule's day (the official notice overrides), or why it was cancelled.
    reason: Mapped[str] = mapped_column(default="")
    #: Counts changes; reminders carry it, so that those of an earlier plan are withdrawn.
    plan: Mapped[int] = mapped_column(default=1)


class Seat(Identified, Timestamped, Base):
    """A candidate's place in a sitting."""

    __tablename__ = "seats"
    __table_args__ = (
        Index("uq_seats_enrolment", "enrolment_id", unique=True, postgresql_where=text("state <> 'void'")),
        Index(
            "uq_seats_number",
            "sitting_id",
            "number",
            unique=True,
            postgresql_where=text("state NOT IN ('void', 'waitlisted')"),
        ),
    )

    sitting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sittings.id"))
    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolments.id"))
    #: From 1; None while on the waiting list.
    number: Mapped[int | None]
    state: Mapped[str]
    #: Admission ticket number (准考证号): sitting code and seat.
    ticket: Mapped[str | None]


class Result(Identified, Timestamped, Base):
    """One version of the one result of an enrolment (B2). Never updated in its figures: a correction is a new version."""

    __tablename__ = "results"
    __table_args__ = (
        Index("uq_results_version", "enrolment_id", "version", unique=True),
        Index(
            "uq_results_current", "enrolment_id", unique=True, postgresql_where=text("state <> 'superseded'")
        ),
    )

    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolments.id"))
    sitting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sittings.id"), index=True)
    version: Mapped[int] = mapped_column(default=1)
    raw: Mapped[Decimal] = mapped_column(Numeric(7, 2))
    full: Mapped[Decimal] = mapped_column(Numeric(7, 2))
    grade: Mapped[str]
    passed: Mapped[bool]
    #: Method and its parameters as they were (an appeal needs them, B7).
    method: Mapped[dict[str, Any]]
    #: Knowledge area → its score, as exact text; None: not known. For the diagnosis alone, no grade follows from it (B11).
    areas: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    state: Mapped[str]
    import_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("import_runs.id"))
    approved_at: Mapped[datetime | None]
    #: Id of the member of staff; who approved it does not alone decide an appeal about it.
    approved_by: Mapped[str | None]
    published_at: Mapped[datetime | None]
