"""What the results of a sitting are graded by: frozen, and published before any grade is (B5)."""

import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Index, Numeric
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base, Identified, Timestamped


class BenchmarkSnapshot(Identified, Timestamped, Base):
    """One version of a sitting's benchmark; the newest counts, and no new one is made after it is published."""

    __tablename__ = "benchmark_snapshots"
    __table_args__ = (
        Index("uq_benchmark_snapshots_version", "sitting_id", "version", unique=True),
        Index("ix_benchmark_snapshots_scheme", "scheme_id", "created_at"),
    )

    sitting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sittings.id"))
    version: Mapped[int]
    scheme_id: Mapped[str]
    scheme_version: Mapped[str]
    #: Full score of the papers that it holds for.
    full: Mapped[Decimal] = mapped_column(Numeric(7, 2))
    method: Mapped[str]
    basis: Mapped[str]
    pool_count: Mapped[int]
    mean: Mapped[Decimal] = mapped_column(Numeric(9, 4))
    deviation: Mapped[Decimal] = mapped_column(Numeric(9, 4))
    cut: Mapped[Decimal] = mapped_column(Numeric(9, 4))
    #: 基准指数: the cut as a standard score.
    index_score: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    degenerate: Mapped[bool]
    pool_sha256: Mapped[str]
    #: The method's parameters, numbers as exact text.
    parameters: Mapped[dict[str, Any]]
    #: Id of the member of staff who froze it: a small pool needs another one to publish.
    frozen_by: Mapped[str]
    published_at: Mapped[datetime | None]
