"""A sub-centre's life: requests, authorisations, findings, self-checks, reports, and the fees that a class publishes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "authorisation_requests",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("society_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("figures", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("wanted", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("assessed", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("paper_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=True),
        sa.Column("experts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("visit_findings", sa.String(), nullable=False),
        sa.Column("agreement_number", sa.String(), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=True),
        sa.Column("agreed_until", sa.Date(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_authorisation_requests_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["society_id"], ["organisations.id"], name=op.f("fk_authorisation_requests_society_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authorisation_requests")),
    )
    op.create_index(
        "ix_authorisation_requests_queue", "authorisation_requests", ["society_id", "state"], unique=False
    )
    op.create_index(
        "uq_authorisation_requests_running",
        "authorisation_requests",
        ["organisation_id"],
        unique=True,
        postgresql_where=sa.text("state NOT IN ('returned', 'failed', 'granted')"),
    )
    op.create_table(
        "authorisations",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("society_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("plaque_number", sa.String(), nullable=False),
        sa.Column("document_number", sa.String(), nullable=False),
        sa.Column("agreement_number", sa.String(), nullable=False),
        sa.Column("agreed_on", sa.Date(), nullable=False),
        sa.Column("agreed_until", sa.Date(), nullable=True),
        sa.Column("authorised_on", sa.Date(), nullable=False),
        sa.Column("state_reason", sa.String(), nullable=False),
        sa.Column("state_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_authorisations_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["society_id"], ["organisations.id"], name=op.f("fk_authorisations_society_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authorisations")),
        sa.UniqueConstraint(
            "society_id", "plaque_number", name=op.f("uq_authorisations_society_id_plaque_number")
        ),
    )
    op.create_index(
        op.f("ix_authorisations_organisation_id"), "authorisations", ["organisation_id"], unique=False
    )
    op.create_index(
        "uq_authorisations_standing",
        "authorisations",
        ["organisation_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'ended'"),
    )
    op.create_table(
        "refused_attempts",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("scheme_id", sa.String(), nullable=False),
        sa.Column("act", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("staff_id", sa.String(), nullable=False),
        sa.Column("staff_name", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_refused_attempts_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refused_attempts")),
    )
    op.create_index(
        op.f("ix_refused_attempts_organisation_id"), "refused_attempts", ["organisation_id"], unique=False
    )
    op.create_table(
        "authorisation_files",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("file_key", sa.String(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_authorisation_files_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["authorisation_requests.id"], name=op.f("fk_authorisation_files_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authorisation_files")),
    )
    op.create_index(
        op.f("ix_authorisation_files_organisation_id"),
        "authorisation_files",
        ["organisation_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_authorisation_files_request_id"), "authorisation_files", ["request_id"], unique=False
    )
    op.create_table(
        "authorisation_findings",
        sa.Column("authorisation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("found_on", sa.Date(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("attempt_id", sa.Uuid(), nullable=True),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["refused_attempts.id"], name=op.f("fk_authorisation_findings_attempt_id")
        ),
        sa.ForeignKeyConstraint(
            ["authorisation_id"],
            ["authorisations.id"],
            name=op.f("fk_authorisation_findings_authorisation_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authorisation_findings")),
        sa.UniqueConstraint("attempt_id", name=op.f("uq_authorisation_findings_attempt_id")),
    )
    op.create_index(
        op.f("ix_authorisation_findings_authorisation_id"),
        "authorisation_findings",
        ["authorisation_id"],
        unique=False,
    )
    op.create_table(
        "authorised_scopes",
        sa.Column("authorisation_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("occupation", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("granted_on", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["authorisation_id"], ["authorisations.id"], name=op.f("fk_authorised_scopes_authorisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["authorisation_requests.id"], name=op.f("fk_authorised_scopes_request_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authorised_scopes")),
        sa.UniqueConstraint(
            "authorisation_id",
            "occupation",
            "level",
            name=op.f("uq_authorised_scopes_authorisation_id_occupation_level"),
        ),
    )
    op.create_table(
        "ending_proposals",
        sa.Column("authorisation_id", sa.Uuid(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["authorisation_id"], ["authorisations.id"], name=op.f("fk_ending_proposals_authorisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ending_proposals")),
        sa.UniqueConstraint(
            "authorisation_id",
            "cause",
            "about",
            name=op.f("uq_ending_proposals_authorisation_id_cause_about"),
        ),
    )
    op.create_index(
        op.f("ix_ending_proposals_authorisation_id"), "ending_proposals", ["authorisation_id"], unique=False
    )
    op.create_table(
        "fee_publications",
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("items", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("hotline", sa.String(), nullable=False),
        sa.Column("published_by", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["class_id"], ["course_classes.id"], name=op.f("fk_fee_publications_class_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_publications")),
        sa.UniqueConstraint("class_id", "version", name=op.f("uq_fee_publications_class_id_version")),
    )
    op.create_table(
        "result_reports",
        sa.Column("sitting_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("society_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("assessors", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_result_reports_organisation_id")
        ),
        sa.ForeignKeyConstraint(["sitting_id"], ["sittings.id"], name=op.f("fk_result_reports_sitting_id")),
        sa.ForeignKeyConstraint(
            ["society_id"], ["organisations.id"], name=op.f("fk_result_reports_society_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result_reports")),
    )
    op.create_index("ix_result_reports_queue", "result_reports", ["society_id", "state"], unique=False)
    op.create_index(
        "uq_result_reports_open",
        "result_reports",
        ["sitting_id"],
        unique=True,
        postgresql_where=sa.text("state = 'reported'"),
    )
    op.create_table(
        "self_checks",
        sa.Column("authorisation_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("counted", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("declared", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("situation", sa.String(), nullable=False),
        sa.Column("problems", sa.String(), nullable=False),
        sa.Column("plan", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("assessors_wanted", sa.String(), nullable=False),
        sa.Column("handed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["authorisation_id"], ["authorisations.id"], name=op.f("fk_self_checks_authorisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_self_checks")),
        sa.UniqueConstraint("authorisation_id", "year", name=op.f("uq_self_checks_authorisation_id_year")),
    )
    op.create_index("ix_self_checks_due", "self_checks", ["state", "due_on"], unique=False)
    op.create_table(
        "authorisation_members",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("occupation", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("certificate_number", sa.String(), nullable=False),
        sa.Column("undertaking_on", sa.Date(), nullable=True),
        sa.Column("undertaking_id", sa.Uuid(), nullable=True),
        sa.Column("left_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_authorisation_members_organisation_id")
        ),
        sa.ForeignKeyConstraint(
            ["undertaking_id"],
            ["authorisation_files.id"],
            name=op.f("fk_authorisation_members_undertaking_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authorisation_members")),
    )
    op.create_index(
        op.f("ix_authorisation_members_organisation_id"),
        "authorisation_members",
        ["organisation_id"],
        unique=False,
    )
    op.create_table(
        "enrolment_fees",
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("publication_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolments.id"], name=op.f("fk_enrolment_fees_enrolment_id")
        ),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["fee_publications.id"], name=op.f("fk_enrolment_fees_publication_id")
        ),
        sa.PrimaryKeyConstraint("enrolment_id", name=op.f("pk_enrolment_fees")),
    )
