"""A sub-centre's life: requests with their papers and visits, authorisations with their scope, findings, proposals."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from storage.tables.base import Base, Identified, Timestamped


class AuthorisationRequest(Identified, Timestamped, Base):
    """An organisation's application 申请 to a society: its figures, and what the society found (C1, C2)."""

    __tablename__ = "authorisation_requests"
    __table_args__ = (
        # One request of an organisation is under way at a time.
        Index(
            "uq_authorisation_requests_running",
            "organisation_id",
            unique=True,
            postgresql_where=text("state NOT IN ('returned', 'failed', 'granted')"),
        ),
        Index("ix_authorisation_requests_queue", "society_id", "state"),
    )

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    society_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    state: Mapped[str]
    #: The figures, by the names of `services.rules.authorisation.Figures`.
    figures: Mapped[dict[str, Any]] = mapped_column(default=dict)
    #: Pairs `occupation/level`.
    wanted: Mapped[list[str]] = mapped_column(default=list)
    #: Who taught and assessed when it was handed in: `{"members": [{"kind", "name", "occupation", "title"}]}`.
    assessed: Mapped[dict[str, Any]] = mapped_column(default=dict)
    submitted_at: Mapped[datetime | None]
    paper_at: Mapped[datetime | None]
    #: Why it was returned or failed.
    reason: Mapped[str] = mapped_column(default="")
    visited_on: Mapped[date | None]
    experts: Mapped[list[str]] = mapped_column(default=list)
    visit_findings: Mapped[str] = mapped_column(default="")
    agreement_number: Mapped[str] = mapped_column(default="")
    agreed_on: Mapped[date | None]
    agreed_until: Mapped[date | None]
    revision: Mapped[int] = mapped_column(default=0)

    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012 - SQLAlchemy reads a plain dict here


class AuthorisationFile(Identified, Timestamped, Base):
    """A paper of an organisation, encrypted in the file store; taken away it is only marked so."""

    __tablename__ = "authorisation_files"

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    request_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("authorisation_requests.id"), index=True)
    kind: Mapped[str]
    filename: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str]
    file_key: Mapped[str | None]
    removed_at: Mapped[datetime | None]
    #: The paper was deleted when it had been kept long enough (C11).
    purged_at: Mapped[datetime | None]


class AuthorisationMember(Identified, Timestamped, Base):
    """A teacher or assessor of an organisation, for one occupation (C1, C9)."""

    __tablename__ = "authorisation_members"

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    kind: Mapped[str]
    name: Mapped[str]
    occupation: Mapped[str]
    #: Professional title: a value of the measures' scale.
    title: Mapped[str]
    certificate_number: Mapped[str] = mapped_column(default="")
    undertaking_on: Mapped[date | None]
    undertaking_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("authorisation_files.id"))
    left_on: Mapped[date | None]


class Authorisation(Identified, Timestamped, Base):
    """授权: agreement, plaque and scope of one organisation (C2)."""

    __tablename__ = "authorisations"
    __table_args__ = (
        Index(
            "uq_authorisations_standing",
            "organisation_id",
            unique=True,
            postgresql_where=text("state <> 'ended'"),
        ),
        UniqueConstraint("society_id", "plaque_number"),
    )

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    society_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    state: Mapped[str]
    plaque_number: Mapped[str]
    #: The paper by which the society announced the scope.
    document_number: Mapped[str]
    agreement_number: Mapped[str]
    agreed_on: Mapped[date]
    agreed_until: Mapped[date | None]
    authorised_on: Mapped[date]
    state_reason: Mapped[str] = mapped_column(default="")
    state_changed_at: Mapped[datetime | None]
    #: Cause of its ending.
    cause: Mapped[str] = mapped_column(default="")
    ended_on: Mapped[date | None]
    revision: Mapped[int] = mapped_column(default=0)

    __mapper_args__ = {"version_id_col": revision}  # noqa: RUF012 - SQLAlchemy reads a plain dict here


class AuthorisedScope(Identified, Timestamped, Base):
    """An occupation at a level that an authorisation covers (C2, C3)."""

    __tablename__ = "authorised_scopes"
    __table_args__ = (UniqueConstraint("authorisation_id", "occupation", "level"),)

    authorisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("authorisations.id"))
    request_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("authorisation_requests.id"))
    occupation: Mapped[str]
    level: Mapped[str]
    granted_on: Mapped[date]


class RefusedAttempt(Identified, Timestamped, Base):
    """Staff tried what their organisation is not authorised for, and were refused; the society may take it up (C3)."""

    __tablename__ = "refused_attempts"

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"), index=True)
    scheme_id: Mapped[str]
    act: Mapped[str]
    code: Mapped[str]
    staff_id: Mapped[str]
    staff_name: Mapped[str]


class AuthorisationFinding(Identified, Timestamped, Base):
    """查处: what the society found (C3, C4)."""

    __tablename__ = "authorisation_findings"

    authorisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("authorisations.id"), index=True)
    kind: Mapped[str]
    found_on: Mapped[date]
    text: Mapped[str]
    attempt_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("refused_attempts.id"), unique=True)
    recorded_by: Mapped[str]


class EndingProposal(Identified, Timestamped, Base):
    """A proposed ending, for a person to decide (C3, C13)."""

    __tablename__ = "ending_proposals"
    __table_args__ = (
        # What was decided once for a year is not proposed for it again.
        UniqueConstraint("authorisation_id", "cause", "about"),
    )

    authorisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("authorisations.id"), index=True)
    cause: Mapped[str]
    #: What makes it the same proposal: the year, or how many findings there were.
    about: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None]


class SelfCheck(Identified, Timestamped, Base):
    """年度自查 of a year, with the plan of the next (C12)."""

    __tablename__ = "self_checks"
    __table_args__ = (
        UniqueConstraint("authorisation_id", "year"),
        Index("ix_self_checks_due", "state", "due_on"),
    )

    authorisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("authorisations.id"))
    year: Mapped[int]
    due_on: Mapped[date]
    state: Mapped[str]
    #: How many of the measures' reminders are due already.
    reminders: Mapped[int] = mapped_column(default=0)
    #: Lines `{occupation, level, trained, examined, passed}`: what our data say, and what the sub-centre says.
    counted: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    declared: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    note: Mapped[str] = mapped_column(default="")
    situation: Mapped[str] = mapped_column(default="")
    problems: Mapped[str] = mapped_column(default="")
    #: Lines `{occupation, level, people, times}`.
    plan: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    assessors_wanted: Mapped[str] = mapped_column(default="")
    handed_in_at: Mapped[datetime | None]
    decision: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None]


class ResultReport(Identified, Timestamped, Base):
    """上报: the results of a sitting, for the society to review and to issue for (C10)."""

    __tablename__ = "result_reports"
    __table_args__ = (
        Index(
            "uq_result_reports_open",
            "sitting_id",
            unique=True,
            postgresql_where=text("state = 'reported'"),
        ),
        Index("ix_result_reports_queue", "society_id", "state"),
    )

    sitting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("sittings.id"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    society_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisations.id"))
    state: Mapped[str]
    #: The assessors who report, by name.
    assessors: Mapped[list[str]] = mapped_column(default=list)
    note: Mapped[str] = mapped_column(default="")
    reason: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[str] = mapped_column(default="")
    decided_at: Mapped[datetime | None]
