"""What a class publishes about its fees, version by version, and which version holds for whom (C5)."""

import uuid
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base, Identified, Timestamped


class FeePublication(Identified, Timestamped, Base):
    """收费公示 of a class; a newer version holds for who joins after it."""

    __tablename__ = "fee_publications"
    __table_args__ = (UniqueConstraint("class_id", "version"),)

    class_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("course_classes.id"))
    version: Mapped[int]
    #: `{item, amount_fen, unit, basis, scope, due_before}`: 收费项目, 标准 (integer fen), 依据, 范围.
    items: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    #: 监督电话
    hotline: Mapped[str]
    published_by: Mapped[str]


class EnrolmentFees(Base):
    """The publication that an enrolment joined under."""

    __tablename__ = "enrolment_fees"

    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolments.id"), primary_key=True)
    publication_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("fee_publications.id"))
