"""Which organisation decides which stage of an enrolment's review, since when, until when, and how it did."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base, Identified


class StageRecord(Identified, Base):
    """An enrolment at one stage of its chain, before one organisation (D7, E5). Decided rows are never changed."""

    __tablename__ = "review_stages"
    __table_args__ = (
        # An enrolment waits in one place at a time.
        Index(
            "uq_review_stages_present",
            "enrolment_id",
            unique=True,
            postgresql_where=text("decided_at IS NULL"),
        ),
        Index("ix_review_stages_waiting", "organisation_id", postgresql_where=text("decided_at IS NULL")),
        Index("ix_review_stages_reached", "organisation_id", "enrolment_id"),
        Index("ix_review_stages_due", "due_at", postgresql_where=text("decided_at IS NULL")),
    )

    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolments.id"), index=True)
    #: How often it was handed in, this time included, from 1.
    round: Mapped[int]
    #: Index into the chain for the answers of this round.
    index: Mapped[int]
    #: The stage's key in the scheme.
    key: Mapped[str]
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    entered_at: Mapped[datetime]
    #: Time node (时间节点) until which it is to be decided; None where the scheme sets none.
    due_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    #: A `StageDecision`; empty while it waits.
    decision: Mapped[str] = mapped_column(default="")
    #: Who decided.
    actor_id: Mapped[str] = mapped_column(default="")
    actor_name: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    #: Of a return: field or material key → reason.
    items: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: Of a forward: the number of the written request (D2), if there is one.
    reference: Mapped[str] = mapped_column(default="")
    #: When it was last reminded of, and how often.
    reminded_at: Mapped[datetime | None]
    reminders: Mapped[int] = mapped_column(default=0)
