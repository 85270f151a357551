"""What came in from WeChat, what is to go out, and the platform's receipts."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base, Identified, Timestamped


class InboundMessage(Base):
    """A callback that was taken, with its reply: a repeat gets the same reply. No content is kept."""

    __tablename__ = "inbound_messages"
    __table_args__ = (UniqueConstraint("account", "dedupe_key"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    account: Mapped[str]
    dedupe_key: Mapped[str]
    kind: Mapped[str]
    received_at: Mapped[datetime] = mapped_column(index=True)
    #: The reply as encrypted JSON (`handlers.chat.messages`), None until answered.
    reply_cipher: Mapped[bytes | None]


class OutboxMessage(Identified, Timestamped, Base):
    """One message to one follower; written in the transaction that gives cause for it."""

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_due", "due_at", postgresql_where=text("state = 'queued'")),
        Index("ix_outbox_leases", "lease_until", postgresql_where=text("state = 'sending'")),
        Index("ix_outbox_msgid", "msgid"),
        Index("ix_outbox_group", "group_key", postgresql_where=text("state = 'queued'")),
    )

    follower_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("followers.id"), index=True)
    enrolment_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("enrolments.id"))
    #: Which notice it is (`services.notices`), and its facts.
    notice: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: The same cause gives the same key: written once.
    dedupe_key: Mapped[str] = mapped_column(unique=True)
    #: What it belongs to, so that it can be withdrawn together (`sitting:<id>:<plan>`).
    group_key: Mapped[str | None]
    state: Mapped[str]
    #: Not before this time.
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)
    #: Who has claimed it, until when, and the how-manieth claim it is: a finish with another epoch is void.
    owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    epoch: Mapped[int] = mapped_column(default=0)
    channel: Mapped[str | None]
    client_msg_id: Mapped[str]
    msgid: Mapped[str | None]
    errcode: Mapped[int | None]
    errmsg: Mapped[str | None]
    finished_at: Mapped[datetime | None]


class Receipt(Timestamped, Base):
    """TEMPLATESENDJOBFINISH and its kin, kept by msgid even before our own commit."""

    __tablename__ = "receipts"

    account: Mapped[str] = mapped_column(primary_key=True)
    msgid: Mapped[str] = mapped_column(primary_key=True)
    status: Mapped[str]
