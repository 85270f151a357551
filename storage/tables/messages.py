"""What came in from WeChat, what is to go out, and the platform's receipts."""

import uuid
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, FetchedValue, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base, Identified, Timestamped

#: A tiny index that is kept up by the way.
_SUMMARISED: Final = {"autosummarize": "on", "pages_per_range": "32"}


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
        Index("ix_outbox_due", "account", "due_at", postgresql_where=text("state = 'queued'")),
        Index("ix_outbox_leases", "lease_until", postgresql_where=text("state = 'sending'")),
        #: What waits for its receipt.
        Index(
            "ix_outbox_outstanding",
            "first_sent_at",
            postgresql_where=text("state = 'accepted' AND channel IN ('template', 'subscription')"),
        ),
        Index("ix_outbox_group", "group_key", postgresql_where=text("state = 'queued'")),
        #: A person has one message on its way at most: so theirs keep their order, and a receipt is whose it is.
        Index(
            "uq_outbox_on_its_way",
            "follower_id",
            unique=True,
            postgresql_where=text("state IN ('sending', 'unknown') AND surfaced_at IS NULL"),
        ),
        Index(
            "ix_outbox_undecided",
            "created_at",
            postgresql_where=text("state IN ('unknown', 'dead') AND decided_at IS NULL"),
        ),
        #: What was sent in the last hour is counted; rows that finish together lie together, or nearly.
        Index("ix_outbox_finished", "finished_at", postgresql_using="brin", postgresql_with=_SUMMARISED),
    )

    #: The follower's; a trigger puts it in where it is not given.
    account: Mapped[str] = mapped_column(server_default=FetchedValue())
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
    #: Database time at which the first send under its id began that may have left; None when none may have.
    first_sent_at: Mapped[datetime | None]
    channel: Mapped[str | None]
    client_msg_id: Mapped[str]
    msgid: Mapped[str | None]
    errcode: Mapped[int | None]
    errmsg: Mapped[str | None]
    finished_at: Mapped[datetime | None]
    #: Database time at which nothing more was to be waited for, and staff were shown an `unknown` one.
    surfaced_at: Mapped[datetime | None]
    #: What staff decided about an `unknown` or `dead` one (`storage.states.DeliveryDecision`), and when.
    decision: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    #: The message that this one was knowingly sent again for.
    again_of: Mapped[uuid.UUID | None]


class Receipt(Timestamped, Base):
    """Where a msgid of WeChat's and what became of it meet: the send writes one half, the receipt the other.

    Whichever comes second finds the first; so a receipt that arrives before our own commit is joined after it.
    """

    __tablename__ = "receipts"
    __table_args__ = (
        Index(
            "ix_receipts_unmatched",
            "follower_id",
            postgresql_where=text("message_id IS NULL AND follower_id IS NOT NULL"),
        ),
        Index("ix_receipts_created", "created_at", postgresql_using="brin", postgresql_with=_SUMMARISED),
    )

    account: Mapped[str] = mapped_column(primary_key=True)
    msgid: Mapped[str] = mapped_column(primary_key=True)
    #: The outbox message; None while no send is known that was given this msgid.
    message_id: Mapped[uuid.UUID | None]
    #: Of a receipt without a message: whose it is.
    follower_id: Mapped[uuid.UUID | None]
    #: WeChat's words (`success`, `failed:user block`), and when they came by the database's clock; None until then.
    status: Mapped[str | None]
    received_at: Mapped[datetime | None]
