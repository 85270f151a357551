"""Organisations, their staff, staff logins, and the scheme versions that were published here."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base, Identified, Timestamped


class Organisation(Identified, Timestamped, Base):
    """An organisation of some kind (association, research_centre, …), in a tree."""

    __tablename__ = "organisations"

    kind: Mapped[str]
    name: Mapped[str] = mapped_column(unique=True)
    parent_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisations.id"), index=True)
    #: Where it stands besides: the centre of the city that a provincial institution is located in (D2).
    located_in_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisations.id"))
    status: Mapped[str] = mapped_column(default="active")
    #: Authorised scope (C3); empty means not restricted.
    scope: Mapped[list[str]] = mapped_column(default=list)
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: Why it is suspended or has ended, and since when.
    status_reason: Mapped[str] = mapped_column(default="", server_default="")
    status_changed_at: Mapped[datetime | None]


class OrganisationEnding(Identified, Base):
    """终止 of an organisation: proposed by one, decided by another."""

    __tablename__ = "organisation_endings"
    __table_args__ = (
        Index(
            "uq_organisation_endings_open",
            "organisation_id",
            unique=True,
            postgresql_where=text("state = 'proposed'"),
        ),
    )

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    #: `proposed`, `confirmed` or `declined`.
    state: Mapped[str]
    reason: Mapped[str]
    proposed_by: Mapped[str]
    proposed_by_name: Mapped[str]
    proposed_at: Mapped[datetime]
    decided_by: Mapped[str] = mapped_column(default="")
    decided_by_name: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None]
    #: Why it was declined.
    decision_reason: Mapped[str] = mapped_column(default="")


class Staff(Identified, Timestamped, Base):
    """One who works in an organisation, and sees only its people (B9)."""

    __tablename__ = "staff"

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    login: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    password_hash: Mapped[str]
    role: Mapped[str]
    active: Mapped[bool] = mapped_column(default=True)
    failed_logins: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]


class StaffLogin(Timestamped, Base):
    """A signed-in browser: only the SHA-256 of its cookie is kept."""

    __tablename__ = "staff_logins"

    token_digest: Mapped[bytes] = mapped_column(primary_key=True)
    staff_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("staff.id"), index=True)
    csrf_token: Mapped[str]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime]


class SchemeVersion(Base):
    """A published scheme version with the hash of its content: it may not change any more (B12)."""

    __tablename__ = "scheme_versions"

    ref: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    published_at: Mapped[datetime]
