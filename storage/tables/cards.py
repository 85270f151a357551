"""Cards 证卡, what cancels them, and assignments 派遣 of those who hold one (D7, D9)."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Sequence, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base, Identified, Timestamped

ASSIGNMENT_NUMBERS = Sequence("assignment_numbers", start=1, metadata=Base.metadata)


class Card(Identified, Timestamped, Base):
    """The card of one who passed. Its paper, number and token are a certificate's, from the numbering on."""

    __tablename__ = "cards"
    __table_args__ = (
        Index("ix_cards_made_by", "made_by_id", "state"),
        Index("ix_cards_numbered_by", "numbered_by_id", "state"),
        Index("ix_cards_family", "person_id", "family"),
        Index("ix_cards_valid_until", "valid_until"),
        Index("ix_cards_wanted", "made_by_id", postgresql_where=text("wanted_cause <> ''")),
    )

    enrolment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("enrolments.id"), unique=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"))
    scheme_id: Mapped[str]
    scheme_version: Mapped[str]
    #: What a cancellation for ever bars from: the schemes that name the same family.
    family: Mapped[str]
    #: Occupations or subjects that it is for, as applied for.
    occupations: Mapped[list[str]] = mapped_column(default=list)
    state: Mapped[str]
    #: Who told that the person passed, and makes the card; who gives the number.
    made_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    numbered_by_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    certificate_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("certificates.id"), unique=True)
    number: Mapped[str | None] = mapped_column(unique=True)
    valid_from: Mapped[date | None]
    #: Last day; None: without end.
    valid_until: Mapped[date | None]
    reported_at: Mapped[datetime]
    numbered_at: Mapped[datetime | None]
    made_at: Mapped[datetime | None]
    handed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    #: Which print of it is good: the first, the second …
    copy: Mapped[int] = mapped_column(default=1, server_default=text("1"))
    #: A new copy is proposed: a CopyCause, why, since when and by whom; empty for none.
    wanted_cause: Mapped[str] = mapped_column(default="", server_default="")
    wanted_reason: Mapped[str] = mapped_column(default="", server_default="")
    wanted_at: Mapped[datetime | None]
    wanted_by_name: Mapped[str] = mapped_column(default="", server_default="")


class VoidCopy(Identified, Base):
    """An earlier print of a card: its QR and its 查验码 lead to the answer that it is void."""

    __tablename__ = "void_copies"

    certificate_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("certificates.id"), index=True)
    copy: Mapped[int]
    cause: Mapped[str]
    reason: Mapped[str]
    voided_at: Mapped[datetime]
    voided_by_name: Mapped[str]
    token_digest: Mapped[bytes] = mapped_column(unique=True)
    token_cipher: Mapped[bytes]
    #: Whom it named, as its certificate's row kept it then (E8).
    holder_cipher: Mapped[bytes]
    #: Its last day; None: without end.
    valid_until: Mapped[date | None]


class CardCancellation(Identified, Base):
    """取消 or 永久取消 of a qualification, with reason and evidence (D9). For ever takes two people."""

    __tablename__ = "card_cancellations"
    __table_args__ = (
        Index(
            "uq_card_cancellations_open", "card_id", unique=True, postgresql_where=text("state = 'proposed'")
        ),
        Index(
            "ix_card_cancellations_bars",
            "person_id",
            "family",
            postgresql_where=text("for_ever AND state = 'confirmed'"),
        ),
    )

    card_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cards.id"), index=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"))
    family: Mapped[str]
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    for_ever: Mapped[bool]
    state: Mapped[str]
    reason: Mapped[str]
    #: What shows it: name and number of a paper; the paper itself may be kept besides.
    evidence: Mapped[str]
    file_key: Mapped[str | None]
    media_type: Mapped[str | None]
    #: The paper was deleted when it had been kept long enough (C11).
    purged_at: Mapped[datetime | None]
    proposed_by: Mapped[str]
    proposed_by_name: Mapped[str]
    proposed_at: Mapped[datetime]
    decided_by: Mapped[str] = mapped_column(default="")
    decided_by_name: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None]
    #: Why it was declined or lifted.
    decision_reason: Mapped[str] = mapped_column(default="")


class Assignment(Identified, Timestamped, Base):
    """Examiners wanted for one day at one place (D9)."""

    __tablename__ = "assignments"
    __table_args__ = (Index("ix_assignments_organisation", "organisation_id", "held_on"),)

    number: Mapped[int] = mapped_column(server_default=text("nextval('assignment_numbers')"), unique=True)
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    #: Cards of this family, for this occupation; empty where the family's cards name none.
    family: Mapped[str]
    occupation: Mapped[str]
    held_on: Mapped[date]
    #: When to be there: 08:30, in words.
    starts: Mapped[str] = mapped_column(default="")
    place: Mapped[str]
    wanted: Mapped[int]
    #: Whose people are assessed, by name, and by row when it is one of ours.
    assessed: Mapped[str]
    assessed_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("organisations.id"))
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")


class AssignmentDraw(Identified, Base):
    """One draw, with everything that it followed from: anybody can draw again and get the same."""

    __tablename__ = "assignment_draws"
    __table_args__ = (Index("uq_assignment_draws_round", "assignment_id", "round", unique=True),)

    assignment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("assignments.id"))
    round: Mapped[int]
    drawn_at: Mapped[datetime]
    drawn_by: Mapped[str]
    wanted: Mapped[int]
    #: 128 random bits, hexadecimal.
    seed: Mapped[str]
    #: Card numbers, ascending, and those that the seed chose, in its order.
    candidates: Mapped[list[str]] = mapped_column(default=list)
    chosen: Mapped[list[str]] = mapped_column(default=list)
    #: Card number → why it was no candidate.
    excluded: Mapped[dict[str, Any]] = mapped_column(default=dict)


class AssignmentExaminer(Identified, Base):
    """One who was drawn."""

    __tablename__ = "assignment_examiners"
    __table_args__ = (
        Index("uq_assignment_examiners_person", "assignment_id", "person_id", unique=True),
        Index("ix_assignment_examiners_person", "person_id", "state"),
    )

    assignment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("assignments.id"))
    card_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("cards.id"))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("persons.id"))
    draw_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("assignment_draws.id"))
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None]


class AssignmentProblem(Identified, Base):
    """What was reported of an assignment (D9)."""

    __tablename__ = "assignment_problems"

    assignment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("assignments.id"), index=True)
    #: None: not about one examiner.
    card_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("cards.id"))
    text: Mapped[str]
    reported_by: Mapped[str]
    reported_at: Mapped[datetime]
