"""The blacklist 黑名单: who may not apply for years, what they said of it, and who decided (C7)."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Sequence, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base, Identified, Timestamped

BLACKLIST_NUMBERS = Sequence("blacklist_numbers", start=101, metadata=Base.metadata)


class BlacklistEntry(Identified, Timestamped, Base):
    """One person on one list, from the proposal to its end. Nobody is deleted from it: it keeps its history."""

    __tablename__ = "blacklist_entries"
    __table_args__ = (
        Index("ix_blacklist_entries_person", "list_key", "identity_digest"),
        Index(
            "uq_blacklist_entries_proposed",
            "list_key",
            "person_id",
            unique=True,
            postgresql_where=text("state = 'proposed'"),
        ),
    )

    #: What staff read out on the phone.
    number: Mapped[int] = mapped_column(server_default=text("nextval('blacklist_numbers')"), unique=True)
    #: Which list: all schemes that name it share it.
    list_key: Mapped[str]
    #: Keyed HMAC of the identity number, under a context of its own: the number is not in this table.
    identity_digest: Mapped[bytes]
    #: Whose it is; from the person's own row the digest is made anew when the keys change.
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    #: The organisation that proposed it, and the enrolment that gave cause.
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    enrolment_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("enrolments.id"))
    scheme_id: Mapped[str]
    scheme_version: Mapped[str]
    state: Mapped[str]
    #: Key of one of the list's reasons, and what staff say happened.
    reason: Mapped[str]
    allegation: Mapped[str]
    #: References to papers that are evidence (编号), beside the files.
    papers: Mapped[str] = mapped_column(default="")
    #: Staff id and name of who did which step; two of them are never the same.
    proposed_by: Mapped[str]
    proposed_by_name: Mapped[str]
    #: When and how (`chat`, `paper`) the person was told, and the last day of the hearing. None: not told yet.
    told_at: Mapped[datetime | None]
    told_by: Mapped[str] = mapped_column(default="")
    heard_until: Mapped[date | None]
    #: Staff id → when they last read what the person said (ISO 8601).
    read_by: Mapped[dict[str, Any]] = mapped_column(default=dict)
    decided_by: Mapped[str | None]
    decided_by_name: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str] = mapped_column(default="")
    #: First and last day on which nothing is accepted; both None until confirmed.
    starts_on: Mapped[date | None]
    last_on: Mapped[date | None]
    lift_proposed_by: Mapped[str | None]
    lift_proposed_by_name: Mapped[str | None]
    lift_proposed_at: Mapped[datetime | None]
    lift_reason: Mapped[str] = mapped_column(default="")
    lifted_by: Mapped[str | None]
    lifted_by_name: Mapped[str | None]
    lifted_at: Mapped[datetime | None]


class BlacklistStatement(Identified, Timestamped, Base):
    """What the person said of it: in the chat, or on paper that staff took in."""

    __tablename__ = "blacklist_statements"

    entry_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("blacklist_entries.id"), index=True)
    #: `chat` or `paper`.
    channel: Mapped[str]
    #: Who took it in; the applicant's own words have nobody.
    taken_by_name: Mapped[str] = mapped_column(default="")
    #: The text, encrypted and bound to this row; empty text with a picture alone.
    text_cipher: Mapped[bytes]
