"""Requests to delete one's own data 删除申请, who opened what is restricted, and files that are to go (C11)."""

import uuid
from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, Sequence, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base, Identified, Timestamped

ERASURE_NUMBERS = Sequence("erasure_numbers", start=1, metadata=Base.metadata)


class ErasureRequest(Identified, Timestamped, Base):
    """What one follower asked one organisation to delete."""

    __tablename__ = "erasure_requests"
    __table_args__ = (
        Index("ix_erasure_requests_organisation", "organisation_id", "state"),
        Index("ix_erasure_requests_follower", "follower_id"),
    )

    #: What people read out on the phone.
    number: Mapped[int] = mapped_column(server_default=text("nextval('erasure_numbers')"), unique=True)
    follower_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("followers.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    state: Mapped[str]
    proposed_by: Mapped[str | None]
    proposed_by_name: Mapped[str | None]
    proposed_at: Mapped[datetime | None]
    #: Why it is proposed, or refused.
    reason: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[str | None]
    decided_by_name: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    #: When everything was carried out and the person told.
    finished_at: Mapped[datetime | None]


class ErasureItem(Identified, Base):
    """One enrolment in a request, with what was said of it when it was asked for."""

    __tablename__ = "erasure_items"
    __table_args__ = (
        Index("uq_erasure_items_enrolment", "request_id", "enrolment_id", unique=True),
        Index("ix_erasure_items_enrolment", "enrolment_id"),
    )

    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("erasure_requests.id"))
    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolments.id"))
    #: `erase` or `keep` (`services.rules.erasure.Fate`).
    fate: Mapped[str]
    #: Why it is kept (`services.rules.erasure.Duty`), and the first day on which it need not be; None while that is not known.
    duties: Mapped[list[str]] = mapped_column(default=list)
    kept_until: Mapped[date | None]
    #: How many pictures were deleted, and when.
    erased_files: Mapped[int] = mapped_column(default=0)
    erased_at: Mapped[datetime | None]


class RestrictedOpening(Identified, Base):
    """One of the staff opened a restricted enrolment, for a reason, and for a while."""

    __tablename__ = "restricted_openings"
    __table_args__ = (Index("ix_restricted_openings_enrolment", "enrolment_id", "staff_id"),)

    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolments.id"))
    staff_id: Mapped[str]
    staff_name: Mapped[str]
    reason: Mapped[str]
    opened_at: Mapped[datetime]
    until: Mapped[datetime]


class DoomedFile(Base):
    """A file that no row names any more: a job takes it out of the store, and its row away."""

    __tablename__ = "doomed_files"

    file_key: Mapped[str] = mapped_column(primary_key=True)
    doomed_at: Mapped[datetime]
