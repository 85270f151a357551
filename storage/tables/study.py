"""Training classes, study records (学时记录), and the runs that imported them."""

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Numeric, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base, Identified, Timestamped


class CourseClass(Identified, Timestamped, Base):
    """A class with its notice 开班通知 (A5, A7)."""

    __tablename__ = "course_classes"

    code: Mapped[str] = mapped_column(unique=True)
    scheme_id: Mapped[str]
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    title: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    form: Mapped[str]
    place: Mapped[str] = mapped_column(default="")
    #: Training fee of this class in fen, and where it goes: name, bank, account_number.
    training_fee_fen: Mapped[int | None]
    payee: Mapped[dict[str, Any]] = mapped_column(default=dict)
    capacity: Mapped[int | None]
    state: Mapped[str]


class StudyRecord(Identified, Timestamped, Base):
    """Some hours of study of one enrolment, from an import or from an accepted proof (A4, B1)."""

    __tablename__ = "study_records"
    __table_args__ = (UniqueConstraint("enrolment_id", "source", "reference"),)

    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolments.id"), index=True)
    #: `import`, `proof`, `attendance` or `practice`.
    source: Mapped[str]
    #: What makes it the same record when it comes again: course and date, or the id of the document or class day.
    reference: Mapped[str]
    course: Mapped[str]
    studied_on: Mapped[date | None]
    hours: Mapped[Decimal] = mapped_column(Numeric(6, 2))
    import_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("import_runs.id"))


class ImportRun(Identified, Timestamped, Base):
    """One file that was imported for real, with what it did."""

    __tablename__ = "import_runs"

    kind: Mapped[str]
    filename: Mapped[str]
    sha256: Mapped[str]
    staff_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("staff.id"))
    counts: Mapped[dict[str, Any]]
    finished_at: Mapped[datetime]
