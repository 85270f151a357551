"""Certificates and study-hour proofs, their numbers, and who looked."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base, Identified, Timestamped


class NumberSequence(Base):
    """The last number given out, by prefix and year."""

    __tablename__ = "number_sequences"

    prefix: Mapped[str] = mapped_column(primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True)
    last: Mapped[int] = mapped_column(default=0)


class Certificate(Identified, Timestamped, Base):
    """A paper that was issued. Its holder's data stay as they were on the day of issue (E8)."""

    __tablename__ = "certificates"
    __table_args__ = (
        Index(
            "uq_certificates_standing",
            "enrolment_id",
            "kind_key",
            unique=True,
            postgresql_where=text("state IN ('valid', 'suspended')"),
        ),
    )

    number: Mapped[str] = mapped_column(unique=True)
    scheme_id: Mapped[str]
    scheme_version: Mapped[str]
    kind_key: Mapped[str]
    title: Mapped[str]
    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolments.id"), index=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"), index=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    #: Keyed digest of the 100-bit token for look-up; the token itself encrypted, so that its holder can be given the link.
    token_digest: Mapped[bytes] = mapped_column(unique=True)
    token_cipher: Mapped[bytes]
    state: Mapped[str]
    issued_on: Mapped[date]
    expires_on: Mapped[date | None]
    #: Encrypted JSON: name, identity_number, portrait file key.
    holder_cipher: Mapped[bytes]
    #: What the paper says besides: specialty, grade, hours, rule document, issuer, …
    facts: Mapped[dict[str, Any]]
    state_reason: Mapped[str] = mapped_column(default="")
    state_changed_at: Mapped[datetime | None]
    replaced_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("certificates.id"))
    pdf_key: Mapped[str | None]
    png_key: Mapped[str | None]
    #: Its files, and the portrait with them, were deleted when they had been kept long enough (C11).
    purged_at: Mapped[datetime | None]


class CertificateLookup(Base):
    """A look-up by number, kept to limit guessing: five failures in 15 minutes."""

    __tablename__ = "certificate_lookups"
    __table_args__ = (Index("ix_certificate_lookups_recent", "source_digest", "at"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    source_digest: Mapped[bytes]
    at: Mapped[datetime]
    found: Mapped[bool]
