"""Which scheduled tick has run, so that two schedulers never run one twice."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base


class TickRun(Base):
    """One tick of one job."""

    __tablename__ = "tick_runs"

    job: Mapped[str] = mapped_column(primary_key=True)
    scheduled_for: Mapped[datetime] = mapped_column(primary_key=True)
    started_at: Mapped[datetime]
