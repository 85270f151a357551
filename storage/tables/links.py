"""One-time links: an address that one person may open once, in one browser."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base, Identified, Timestamped


class OneTimeLink(Identified, Timestamped, Base):
    """A link that was given to a follower. Neither its token nor the browser's secret is kept, only keyed digests."""

    __tablename__ = "one_time_links"

    token_digest: Mapped[bytes] = mapped_column(unique=True)
    #: What it opens (`services.links.LinkPurpose`).
    purpose: Mapped[str]
    follower_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("followers.id"), index=True)
    #: What it is about, where that is an enrolment.
    enrolment_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("enrolments.id"), index=True)
    #: What else its purpose needs; nothing personal.
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: The browser that opened it first: no other one may use it.
    browser_digest: Mapped[bytes | None]
    opened_at: Mapped[datetime | None]
    expires_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    #: Why it was closed: `done`, `left`, `withdrawn`.
    closed_by: Mapped[str] = mapped_column(default="")
