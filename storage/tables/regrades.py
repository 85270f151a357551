"""A sitting marked anew for everybody, after a wrong answer key (B5)."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base, Identified, Timestamped


class Regrade(Identified, Timestamped, Base):
    """What one of the staff proposes, and another carries out or drops."""

    __tablename__ = "regrades"
    __table_args__ = (
        Index("uq_regrades_proposed", "sitting_id", unique=True, postgresql_where=text("state = 'proposed'")),
        Index("ix_regrades_sitting", "sitting_id", "created_at"),
    )

    sitting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sittings.id"))
    #: `proposed`, `carried_out`, `dropped`.
    state: Mapped[str]
    #: What was wrong with the key; everybody reads it.
    reason: Mapped[str]
    filename: Mapped[str]
    sha256: Mapped[str]
    #: Enrolment id → `score` by the right key as exact text, and `areas` by knowledge area where the file has them.
    scores: Mapped[dict[str, Any]]
    proposed_by: Mapped[str]
    proposed_by_name: Mapped[str]
    decided_by: Mapped[str | None]
    decided_by_name: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None]
    #: Why it was dropped.
    decision_reason: Mapped[str] = mapped_column(default="")
    #: The snapshot that it made; None for results by bands.
    snapshot_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("benchmark_snapshots.id"))
