"""Followers (an openid within an account) and persons (an identity number)."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base, Identified, Timestamped


class Person(Identified, Timestamped, Base):
    """A natural person. The number is encrypted; equality is by keyed HMAC (`identity_digest`)."""

    __tablename__ = "persons"

    identity_cipher: Mapped[bytes]
    identity_digest: Mapped[bytes] = mapped_column(unique=True)
    name: Mapped[str]
    birth_on: Mapped[date]
    sex: Mapped[str]


class Follower(Identified, Timestamped, Base):
    """One who follows an official account, with where the conversation stands and what may be sent."""

    __tablename__ = "followers"
    __table_args__ = (
        UniqueConstraint("account", "openid"),
        Index("ix_followers_forgotten", "openid_digest", postgresql_where=text("openid_digest IS NOT NULL")),
        Index(
            "ix_followers_to_forget",
            "unfollowed_at",
            postgresql_where=text("unfollowed_at IS NOT NULL AND forgotten_at IS NULL"),
        ),
    )

    account: Mapped[str]
    openid: Mapped[str]
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    followed_at: Mapped[datetime | None]
    unfollowed_at: Mapped[datetime | None]
    #: They left long ago: the openid is forgotten (it says `forgotten:…`), and only known again by this digest (C11).
    forgotten_at: Mapped[datetime | None]
    openid_digest: Mapped[bytes | None]
    #: The platform says that this openid cannot be reached (40003, 43019).
    unreachable_code: Mapped[int | None]

    #: Name of the conversation's state (`handlers.chat.states`), empty when idle, and what it remembers.
    chat_state: Mapped[str] = mapped_column(default="")
    chat_memory: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: Answers in a row that were not understood.
    chat_failures: Mapped[int] = mapped_column(default=0)
    last_inbound_at: Mapped[datetime | None]

    #: Customer-service window: until when, and how many messages are left in it.
    window_until: Mapped[datetime | None]
    window_left: Mapped[int] = mapped_column(default=0)
