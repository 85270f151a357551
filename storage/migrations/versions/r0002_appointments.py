"""Appointments with their numbers for ever, business accounts, laboratories' business, evaluations, roster checks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "appointment_numbers",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_appointment_numbers_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment_numbers")),
    )
    op.create_index("uq_appointment_numbers_number", "appointment_numbers", ["series", "number"], unique=True)
    op.create_index(
        "uq_appointment_numbers_person", "appointment_numbers", ["person_id", "series"], unique=True
    )
    op.create_table(
        "business_accounts",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("login_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("login_digest", sa.LargeBinary(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("password_mailed_on", sa.Date(), nullable=True),
        sa.Column("right", sa.String(), nullable=False),
        sa.Column("right_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_business_accounts_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_business_accounts")),
        sa.UniqueConstraint("login_digest", name=op.f("uq_business_accounts_login_digest")),
        sa.UniqueConstraint("person_id", name=op.f("uq_business_accounts_person_id")),
    )
    op.create_table(
        "laboratory_business",
        sa.Column("laboratory_id", sa.Uuid(), nullable=False),
        sa.Column("scheme_id", sa.String(), nullable=False),
        sa.Column("fields", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["laboratory_id"], ["organisations.id"], name=op.f("fk_laboratory_business_laboratory_id")
        ),
        sa.PrimaryKeyConstraint("laboratory_id", "scheme_id", name=op.f("pk_laboratory_business")),
    )
    op.create_table(
        "roster_checks",
        sa.Column("scheme_id", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_roster_checks_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_checks")),
    )
    op.create_table(
        "roster_entries",
        sa.Column("check_id", sa.Uuid(), nullable=False),
        sa.Column("laboratory_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("login_cipher", sa.LargeBinary(), nullable=True),
        sa.Column("login_digest", sa.LargeBinary(), nullable=True),
        sa.Column("has_login", sa.Boolean(), nullable=False),
        sa.Column("still_there", sa.Boolean(), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settlement", sa.String(), nullable=False),
        sa.Column("settled_reason", sa.String(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["check_id"], ["roster_checks.id"], name=op.f("fk_roster_entries_check_id")),
        sa.ForeignKeyConstraint(
            ["laboratory_id"], ["organisations.id"], name=op.f("fk_roster_entries_laboratory_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_roster_entries_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roster_entries")),
    )
    op.create_index(
        "ix_roster_entries_laboratory", "roster_entries", ["check_id", "laboratory_id"], unique=False
    )
    op.create_index(op.f("ix_roster_entries_person_id"), "roster_entries", ["person_id"], unique=False)
    op.create_index(
        "uq_roster_entries_login",
        "roster_entries",
        ["check_id", "login_digest"],
        unique=True,
        postgresql_where=sa.text("login_digest IS NOT NULL"),
    )
    op.create_index(
        "uq_roster_entries_person",
        "roster_entries",
        ["check_id", "person_id"],
        unique=True,
        postgresql_where=sa.text("person_id IS NOT NULL"),
    )
    op.create_table(
        "appointments",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("scheme_id", sa.String(), nullable=False),
        sa.Column("scheme_version", sa.String(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("laboratory_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("number_id", sa.Uuid(), nullable=False),
        sa.Column("fields", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("state_reason", sa.String(), nullable=False),
        sa.Column("appointed_on", sa.Date(), nullable=False),
        sa.Column("state_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolments.id"], name=op.f("fk_appointments_enrolment_id")
        ),
        sa.ForeignKeyConstraint(
            ["laboratory_id"], ["organisations.id"], name=op.f("fk_appointments_laboratory_id")
        ),
        sa.ForeignKeyConstraint(
            ["number_id"], ["appointment_numbers.id"], name=op.f("fk_appointments_number_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_appointments_organisation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_appointments_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointments")),
    )
    op.create_index("ix_appointments_decider", "appointments", ["organisation_id", "state"], unique=False)
    op.create_index(op.f("ix_appointments_enrolment_id"), "appointments", ["enrolment_id"], unique=False)
    op.create_index(
        "ix_appointments_laboratory", "appointments", ["laboratory_id", "scheme_id", "state"], unique=False
    )
    op.create_index(op.f("ix_appointments_person_id"), "appointments", ["person_id"], unique=False)
    op.create_index(
        "uq_appointments_standing",
        "appointments",
        ["person_id", "scheme_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('active', 'suspended')"),
    )
    op.create_table(
        "appointment_decisions",
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name=op.f("fk_appointment_decisions_appointment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment_decisions")),
    )
    op.create_index(
        "uq_appointment_decisions_once", "appointment_decisions", ["appointment_id", "period"], unique=True
    )
    op.create_table(
        "appointment_evaluations",
        sa.Column("appointment_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("mark", sa.String(), nullable=False),
        sa.Column("remark", sa.String(), nullable=False),
        sa.Column("evaluated_by", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["appointment_id"], ["appointments.id"], name=op.f("fk_appointment_evaluations_appointment_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_appointment_evaluations_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointment_evaluations")),
    )
    op.create_index(
        "uq_appointment_evaluations_once",
        "appointment_evaluations",
        ["appointment_id", "organisation_id", "period"],
        unique=True,
    )
