"""Followers (an openid within an account) and persons (an identity number)."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
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
    __table_args__ = (UniqueConstraint("account", "openid"),)

    account: Mapped[str]
    openid: Mapped[str]
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    followed_at: Mapped[datetime | None]
    unfollowed_at: Mapped[datetime | None]
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
