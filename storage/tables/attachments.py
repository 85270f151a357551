"""Attachments 附件: pictures and papers that belong to a blacklist entry or to a change of personal data."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base, Identified, Timestamped


class Attachment(Identified, Timestamped, Base):
    """One encrypted file. What belongs to what is a foreign key, so nothing hangs in the air."""

    __tablename__ = "attachments"
    __table_args__ = (
        CheckConstraint("num_nonnulls(blacklist_entry_id, change_request_id) = 1", name="subject"),
        Index(
            "ix_attachments_entry",
            "blacklist_entry_id",
            postgresql_where=text("blacklist_entry_id IS NOT NULL"),
        ),
        Index(
            "ix_attachments_change",
            "change_request_id",
            postgresql_where=text("change_request_id IS NOT NULL"),
        ),
    )

    blacklist_entry_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("blacklist_entries.id"))
    change_request_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("change_requests.id"))
    #: `evidence` (staff, against), `statement` (the person, for), `proof` (of a change).
    role: Mapped[str]
    state: Mapped[str]
    #: As its sender called it; empty for a picture from the chat.
    title: Mapped[str] = mapped_column(default="")
    added_by_name: Mapped[str] = mapped_column(default="")
    media_id: Mapped[str] = mapped_column(default="")
    file_key: Mapped[str | None]
    media_type: Mapped[str | None]
    sha256: Mapped[str | None]
    #: The file was deleted when it had been kept long enough (C11).
    purged_at: Mapped[datetime | None]
    #: Code and facts when it could not be taken (`services.notices.picture_texts`).
    refusal: Mapped[dict[str, Any]] = mapped_column(default=dict)
