"""Roster checks 登录人员核查 with a deadline, and what laboratories answer for each of their people (E6)."""

import uuid
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base, Identified, Timestamped


class RosterCheck(Identified, Timestamped, Base):
    """One check of who may log in."""

    __tablename__ = "roster_checks"

    scheme_id: Mapped[str]
    #: Who checks, and decides what is purged.
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    title: Mapped[str]
    #: The last day for answers, in Shanghai.
    due_on: Mapped[date]
    closed_at: Mapped[datetime | None]


class RosterEntry(Identified, Timestamped, Base):
    """One person of one laboratory in a check. Whether they are appointed is looked up, never kept here."""

    __tablename__ = "roster_entries"
    __table_args__ = (
        Index(
            "uq_roster_entries_person",
            "check_id",
            "person_id",
            unique=True,
            postgresql_where=text("person_id IS NOT NULL"),
        ),
        Index(
            "uq_roster_entries_login",
            "check_id",
            "login_digest",
            unique=True,
            postgresql_where=text("login_digest IS NOT NULL"),
        ),
        Index("ix_roster_entries_laboratory", "check_id", "laboratory_id"),
    )

    check_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("roster_checks.id"))
    laboratory_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    #: None while the name is known only from the list of logins.
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    name: Mapped[str]
    #: Encrypted, because it may be an identity number, and its keyed digest.
    login_cipher: Mapped[bytes | None]
    login_digest: Mapped[bytes | None]
    has_login: Mapped[bool]
    #: The laboratory's answer; None: not yet.
    still_there: Mapped[bool | None]
    answered_by: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None]
    settlement: Mapped[str] = mapped_column(default="")
    settled_reason: Mapped[str] = mapped_column(default="")
    settled_at: Mapped[datetime | None]
