"""Forms that were printed from a draft's answers."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base, Identified


class PrintedForm(Identified, Base):
    """One printing: which content it was, never the content itself."""

    __tablename__ = "printed_forms"
    __table_args__ = (Index("ix_printed_forms_newest", "enrolment_id", "material_key", "printed_at"),)

    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolments.id"))
    material_key: Mapped[str]
    #: The code at the foot of the paper (`services.printing.content`).
    code: Mapped[str]
    #: Field key, or the photo's material key → keyed digest of what stood there: which items differ later, not what they were.
    items: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    printed_at: Mapped[datetime]
