"""Broadcasts 群发: what is sent to many, one durable row a recipient, one a batch; and what they are chosen by."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Sequence, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base, Identified, Timestamped

BROADCAST_NUMBERS = Sequence("broadcast_numbers", start=1, metadata=Base.metadata)


class Broadcast(Identified, Timestamped, Base):
    """One broadcast of an organisation to followers of one account."""

    __tablename__ = "broadcasts"
    __table_args__ = (
        Index("ix_broadcasts_organisation", "organisation_id", "number"),
        Index("ix_broadcasts_due", "due_at", postgresql_where=text("state = 'approved'")),
        Index("ix_broadcasts_running", "id", postgresql_where=text("state = 'running'")),
    )

    number: Mapped[int] = mapped_column(server_default=text("nextval('broadcast_numbers')"), unique=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    account: Mapped[str]
    kind: Mapped[str]
    #: For staff; recipients don't see it.
    title: Mapped[str]
    #: `services.broadcasts.models.Content` and `Audience` as JSON.
    content: Mapped[dict[str, Any]]
    audience: Mapped[dict[str, Any]]
    #: File key of the picture (of a picture, or an article's cover).
    picture_key: Mapped[str] = mapped_column(default="")
    state: Mapped[str]
    #: Counts changes of text and audience.
    revision: Mapped[int] = mapped_column(default=1)
    created_by: Mapped[str]
    created_by_name: Mapped[str]
    submitted_by: Mapped[str] = mapped_column(default="")
    submitted_by_name: Mapped[str] = mapped_column(default="")
    submitted_at: Mapped[datetime | None]
    #: SHA-256 over text and recipients; what the second person approves.
    fingerprint: Mapped[str] = mapped_column(default="")
    recipients: Mapped[int] = mapped_column(default=0)
    #: Why others were left out: reason → how many.
    left_out: Mapped[dict[str, Any]] = mapped_column(default=dict)
    approved_by: Mapped[str] = mapped_column(default="")
    approved_by_name: Mapped[str] = mapped_column(default="")
    approved_at: Mapped[datetime | None]
    #: Why it was refused, paused or cancelled last.
    reason: Mapped[str] = mapped_column(default="")
    #: Starts by itself then; None: by hand.
    due_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    #: WeChat's id of the uploaded picture or article; uploaded anew when it is gone.
    material_id: Mapped[str] = mapped_column(default="")


class BroadcastRecipient(Base):
    """One follower of a frozen audience.

    A million of these are written by one statement out of `followers` and `enrolments`, whose rows are never deleted or
    not missed here; a check of each reference would take longer than the writing.
    """

    __tablename__ = "broadcast_recipients"
    __table_args__ = (
        Index(
            "ix_broadcast_recipients_pending",
            "broadcast_id",
            "follower_id",
            postgresql_where=text("state = 'pending'"),
        ),
        Index("ix_broadcast_recipients_queued", "broadcast_id", postgresql_where=text("state = 'queued'")),
        Index("ix_broadcast_recipients_chunk", "chunk_id", postgresql_where=text("chunk_id IS NOT NULL")),
        Index(
            "ix_broadcast_recipients_sent",
            "follower_id",
            "sent_at",
            postgresql_where=text("sent_at IS NOT NULL"),
        ),
    )

    broadcast_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    follower_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    #: By which enrolment it was found; its fields fill a personal message.
    enrolment_id: Mapped[uuid.UUID | None]
    state: Mapped[str]
    #: Which time it is tried, from 0; another message each.
    tries: Mapped[int] = mapped_column(default=0)
    chunk_id: Mapped[uuid.UUID | None]
    #: When it was handed over to be sent.
    sent_at: Mapped[datetime | None]
    errcode: Mapped[int | None]
    reason: Mapped[str | None]


class BroadcastChunk(Identified, Timestamped, Base):
    """One call of the mass-send API under an id of its own; the claim is committed before anything leaves."""

    __tablename__ = "broadcast_chunks"
    __table_args__ = (
        UniqueConstraint("broadcast_id", "number", name="uq_broadcast_chunks_number"),
        # One under way at a time, so that a pause lets at most one more leave.
        Index(
            "uq_broadcast_chunks_open",
            "broadcast_id",
            unique=True,
            postgresql_where=text("state IN ('waiting', 'sending')"),
        ),
        Index("ix_broadcast_chunks_msgid", "account", "msgid"),
        Index("ix_broadcast_chunks_asking", "accepted_at", postgresql_where=text("state = 'accepted'")),
    )

    broadcast_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("broadcasts.id"))
    account: Mapped[str]
    number: Mapped[int]
    size: Mapped[int]
    state: Mapped[str]
    #: At most 63 bytes; WeChat sends one id once within a day (45065).
    client_msg_id: Mapped[str]
    #: A try under this id may have left, so nobody gets another one before that is known.
    may_have_left: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(default=0)
    owner: Mapped[str] = mapped_column(default="")
    epoch: Mapped[int] = mapped_column(default=0)
    #: By the database's clock.
    lease_until: Mapped[datetime | None]
    due_at: Mapped[datetime]
    first_sent_at: Mapped[datetime | None]
    msgid: Mapped[str | None]
    errcode: Mapped[int | None]
    errmsg: Mapped[str | None]
    accepted_at: Mapped[datetime | None]
    #: When WeChat was asked last what became of it.
    asked_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    #: MASSSENDJOBFINISH; None until it comes, or when WeChat only said that it is over.
    total: Mapped[int | None]
    filtered: Mapped[int | None]
    sent: Mapped[int | None]
    errors: Mapped[int | None]


class MassSendReceipt(Timestamped, Base):
    """MASSSENDJOBFINISH, kept by msgid even before our own commit."""

    __tablename__ = "mass_receipts"

    account: Mapped[str] = mapped_column(primary_key=True)
    msgid: Mapped[str] = mapped_column(primary_key=True)
    status: Mapped[str]
    total: Mapped[int]
    filtered: Mapped[int]
    sent: Mapped[int]
    errors: Mapped[int]


class BroadcastName(Base):
    """One enrolment out of a file of names."""

    __tablename__ = "broadcast_names"

    broadcast_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("broadcasts.id"), primary_key=True)
    enrolment_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("enrolments.id", ondelete="CASCADE"), primary_key=True
    )


class BroadcastTest(Identified, Timestamped, Base):
    """A broadcast sent to one of the staff, at their own WeChat."""

    __tablename__ = "broadcast_tests"
    __table_args__ = (
        Index(
            "ix_broadcast_tests_open",
            "created_at",
            postgresql_where=text("state IN ('waiting', 'sending')"),
        ),
        Index("ix_broadcast_tests_broadcast", "broadcast_id", "created_at"),
    )

    broadcast_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("broadcasts.id"))
    staff_id: Mapped[str]
    staff_name: Mapped[str]
    follower_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("followers.id"))
    state: Mapped[str]
    owner: Mapped[str] = mapped_column(default="")
    lease_until: Mapped[datetime | None]
    errcode: Mapped[int | None]
    errmsg: Mapped[str | None]
    finished_at: Mapped[datetime | None]


class FollowerTag(Base):
    """A label that an organisation gave some of its own people; no other sees it (B9)."""

    __tablename__ = "follower_tags"
    __table_args__ = (Index("ix_follower_tags_tag", "organisation_id", "tag"),)

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"), primary_key=True)
    follower_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("followers.id"), primary_key=True)
    tag: Mapped[str] = mapped_column(primary_key=True)


class StaffWeChat(Base):
    """Which follower of an account one of the staff is, shown by scanning a code in the console."""

    __tablename__ = "staff_wechats"

    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id"), primary_key=True)
    account: Mapped[str] = mapped_column(primary_key=True)
    follower_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("followers.id"))
    bound_at: Mapped[datetime]


class StaffBinding(Base):
    """A code that waits to be scanned: only its SHA-256 is kept, for ten minutes, and it holds once."""

    __tablename__ = "staff_bindings"

    token_digest: Mapped[bytes] = mapped_column(primary_key=True)
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id"))
    account: Mapped[str]
    expires_at: Mapped[datetime]
