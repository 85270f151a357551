"""Enrolments, their documents, consents and payments."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, Sequence, func, text
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.tables.base import Base, Identified, Timestamped

ENROLMENT_NUMBERS = Sequence("enrolment_numbers", start=10001, metadata=Base.metadata)


class Enrolment(Identified, Timestamped, Base):
    """A person in a scheme version, through an organisation (B2, B12)."""

    __tablename__ = "enrolments"
    __table_args__ = (
        Index("ix_enrolments_queue", "organisation_id", "state", "submitted_at"),
        # One running enrolment a person and scheme.
        Index(
            "uq_enrolments_running",
            "person_id",
            "scheme_id",
            unique=True,
            postgresql_where=text("state IN ('in_review', 'returned', 'admitted')"),
        ),
        # One draft a follower and scheme.
        Index(
            "uq_enrolments_draft",
            "follower_id",
            "scheme_id",
            unique=True,
            postgresql_where=text("state = 'draft'"),
        ),
    )

    #: What people read out on the phone: a short running number.
    number: Mapped[int] = mapped_column(server_default=text("nextval('enrolment_numbers')"), unique=True)
    scheme_id: Mapped[str]
    scheme_version: Mapped[str]
    follower_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("followers.id"), index=True)
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("persons.id"), index=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    #: Who trains and examines, where that is not the organisation it goes through (D2); set at the admission.
    trainer_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisations.id"))
    class_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("course_classes.id"), index=True)
    state: Mapped[str]
    #: Index into the scheme's review chain while in review.
    stage: Mapped[int] = mapped_column(default=0)
    #: Which attempt of this person in this scheme (B2), from 1.
    attempt: Mapped[int] = mapped_column(default=1)
    #: Field key → value; values of sensitive kinds are encrypted (base64 of the cipher text).
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: Field or material key → reason: sent back and not yet corrected.
    returned: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: Keys that staff reopened with the last return; they stay open until the next submission.
    reopened: Mapped[list[str]] = mapped_column(default=list)
    #: Keys of questions that the organisation it goes through answers: they are not asked (D2).
    settled: Mapped[list[str]] = mapped_column(default=list, server_default=text("'[]'"))
    #: Keys of optional materials that were left out.
    skipped: Mapped[list[str]] = mapped_column(default=list, server_default=text("'[]'"))
    #: SHA-256 of the consent texts that were agreed to; when and by whom is in `consents`.
    agreed: Mapped[list[str]] = mapped_column(default=list)
    decision_reason: Mapped[str] = mapped_column(default="")
    submitted_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    last_activity_at: Mapped[datetime]
    #: Its applicant asked for its deletion, and a duty keeps it (C11): in no list, and opened for a reason only.
    restricted_at: Mapped[datetime | None]
    #: How often an unfinished draft was nudged: once after a day, once after three.
    nudges: Mapped[int] = mapped_column(default=0)
    #: Counts changes by people, so that a page that is out of date is noticed.
    revision: Mapped[int] = mapped_column(default=0)

    #: The current pictures, where `EnrolmentRepository` has read or given them; elsewhere asking for them is an error.
    documents: Mapped[list["Document"]] = relationship(
        primaryjoin="and_(Document.enrolment_id == Enrolment.id, Document.superseded_at.is_(None))",
        lazy="raise",
        viewonly=True,
    )

    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012 - SQLAlchemy reads a plain dict here

    @hybrid_property
    def trained_by(self) -> uuid.UUID:
        """The organisation whose classes and sittings are this enrolment's."""
        return self.trainer_id or self.organisation_id

    @trained_by.inplace.expression
    @classmethod
    def _trained_by(cls) -> ColumnElement[uuid.UUID]:
        return func.coalesce(cls.trainer_id, cls.organisation_id)

    @property
    def scheme_ref(self) -> str:
        """`id@version` of the scheme that it stays with (B12)."""
        return f"{self.scheme_id}@{self.scheme_version}"


#: Among the facts of the warning `ratio_off`: the crop that is offered, with its `file_key`.
CROP = "crop"


class Document(Identified, Timestamped, Base):
    """A picture handed in for one material. A newer one in the same place supersedes it; nothing is overwritten."""

    __tablename__ = "documents"
    __table_args__ = (
        Index(
            "uq_documents_current",
            "enrolment_id",
            "material_key",
            "ordinal",
            unique=True,
            postgresql_where=text("superseded_at IS NULL"),
        ),
    )

    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolments.id"))
    material_key: Mapped[str]
    #: Its place among the pictures of this material, from 1.
    ordinal: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    state: Mapped[str]
    media_id: Mapped[str] = mapped_column(default="")
    file_key: Mapped[str | None]
    media_type: Mapped[str | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    original_sha256: Mapped[str | None]
    pixels_sha256: Mapped[str | None]
    #: Of a printed form: the code of what was printed last before it was photographed.
    printed_code: Mapped[str | None]
    #: Code and facts of a refusal, by machine (`picture.…`) or by staff (`reason`).
    refusal: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: Warnings for staff, each a code with facts.
    warnings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    superseded_at: Mapped[datetime | None]
    #: Its picture was deleted when it had been kept long enough (C11).
    purged_at: Mapped[datetime | None]

    @property
    def crop_key(self) -> str | None:
        """File key of the crop that was offered for this picture."""
        crop = self.warnings.get("ratio_off", {}).get(CROP)
        return crop["file_key"] if crop is not None else None


class ConsentText(Base):
    """A text that somebody agreed to, by its SHA-256 (A12)."""

    __tablename__ = "consent_texts"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    text: Mapped[str]


class Consent(Identified, Base):
    """Who agreed to which text, when (A12)."""

    __tablename__ = "consents"
    __table_args__ = (Index("uq_consents_once", "enrolment_id", "consent_key", unique=True),)

    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolments.id"))
    consent_key: Mapped[str]
    sha256: Mapped[str] = mapped_column(ForeignKey("consent_texts.sha256"))
    agreed_at: Mapped[datetime]


class Payment(Identified, Timestamped, Base):
    """One fee of one enrolment (A7). Amounts are integer fen."""

    __tablename__ = "payments"
    __table_args__ = (
        Index("uq_payments_fee", "enrolment_id", "fee_key", unique=True),
        CheckConstraint("amount_fen >= 0", name="amount"),
    )

    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolments.id"))
    fee_key: Mapped[str]
    amount_fen: Mapped[int]
    state: Mapped[str]
    #: What the candidate says was written as the transfer remark, and the voucher's picture.
    remark: Mapped[str] = mapped_column(default="")
    voucher_key: Mapped[str | None]
    #: The voucher was deleted when it had been kept long enough (C11).
    purged_at: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]
    paid_fen: Mapped[int | None]
    confirmed_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(default="")


class SupersededVoucher(Identified, Base):
    """A voucher in whose place a newer one came: what somebody may have judged by is kept as long as the newer one."""

    __tablename__ = "superseded_vouchers"

    payment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("payments.id"), index=True)
    file_key: Mapped[str | None]
    superseded_at: Mapped[datetime]
    #: It was deleted when it had been kept long enough (C11).
    purged_at: Mapped[datetime | None]
