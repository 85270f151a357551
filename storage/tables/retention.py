"""Retention 保存期限: monthly reports of what has been kept long enough, and what became of it (C11)."""

import uuid
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, Sequence
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base, Identified, Timestamped

RETENTION_NUMBERS = Sequence("retention_numbers", start=1, metadata=Base.metadata)


class RetentionReport(Identified, Timestamped, Base):
    """What fell due in one organisation. Its files are deleted by two people, or stay."""

    __tablename__ = "retention_reports"
    __table_args__ = (Index("ix_retention_reports_organisation", "organisation_id", "number"),)

    number: Mapped[int] = mapped_column(server_default=RETENTION_NUMBERS.next_value(), unique=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    made_on: Mapped[date]
    state: Mapped[str]
    proposed_by: Mapped[str | None]
    proposed_by_name: Mapped[str | None]
    proposed_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")
    confirmed_by: Mapped[str | None]
    confirmed_by_name: Mapped[str | None]
    confirmed_at: Mapped[datetime | None]
    purged_at: Mapped[datetime | None]


class RetentionItem(Identified, Base):
    """One row whose files fell due; on one report only."""

    __tablename__ = "retention_items"
    __table_args__ = (
        Index("uq_retention_items_subject", "kind", "subject_id", unique=True),
        Index("ix_retention_items_report", "report_id", "enrolment_id"),
    )

    report_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("retention_reports.id"))
    #: None: a paper of an organisation, or evidence about somebody who never enrolled.
    enrolment_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("enrolments.id"))
    kind: Mapped[str]
    #: The row of its kind's table (`storage.repositories.kept_files`).
    subject_id: Mapped[uuid.UUID]
    #: From this day on it need not be kept.
    due_on: Mapped[date]
    purged_at: Mapped[datetime | None]
