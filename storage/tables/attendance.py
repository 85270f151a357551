"""Days of a class, who signed in on them 签到, and what was practised 实操记录 (C8)."""

import uuid
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ForeignKey, Index, Numeric, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base, Identified, Timestamped


class TakenBack:
    """A row that was taken back stays, with when, by whom and why; what stands has none of it."""

    withdrawn_at: Mapped[datetime | None]
    withdrawn_by_name: Mapped[str] = mapped_column(default="")
    withdrawn_reason: Mapped[str] = mapped_column(default="")


class ClassDay(Identified, Timestamped, TakenBack, Base):
    """One day, or half of one, of a class; its hours (学时) are what it counts for."""

    __tablename__ = "class_days"

    class_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("course_classes.id"), index=True)
    #: Behind `sign:` in the scene of its QR code: random, so that nobody guesses the next.
    code: Mapped[str] = mapped_column(unique=True)
    #: `theory` or `practice`.
    kind: Mapped[str]
    title: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    place: Mapped[str] = mapped_column(default="")
    hours: Mapped[Decimal] = mapped_column(Numeric(6, 2))
    #: So many minutes before the start signing in begins; it ends with the day.
    early_minutes: Mapped[int]


class SignIn(Identified, Timestamped, TakenBack, Base):
    """Somebody was there; `created_at` says when they signed."""

    __tablename__ = "sign_ins"
    __table_args__ = (
        Index(
            "uq_sign_ins_standing",
            "class_day_id",
            "enrolment_id",
            unique=True,
            postgresql_where=text("withdrawn_at IS NULL"),
        ),
    )

    class_day_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("class_days.id"))
    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolments.id"), index=True)
    #: `scan` or `hand`; by hand with who did it, and why.
    way: Mapped[str]
    added_by_name: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")


class PracticeRecord(Identified, Timestamped, TakenBack, Base):
    """One exercise of one candidate: instrument, process, result, and the answer sheet if there is one."""

    __tablename__ = "practice_records"

    class_day_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("class_days.id"), index=True)
    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolments.id"), index=True)
    instrument: Mapped[str]
    process: Mapped[str]
    result: Mapped[str]
    recorded_by_name: Mapped[str]
    file_key: Mapped[str | None]
    media_type: Mapped[str | None]
    sha256: Mapped[str | None]
    #: The sheet was deleted when it had been kept long enough (C11).
    purged_at: Mapped[datetime | None]
