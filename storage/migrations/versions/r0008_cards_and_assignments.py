"""Cards, what cancels them, and assignments of those who hold one."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("CREATE SEQUENCE IF NOT EXISTS assignment_numbers START WITH 1")
    op.create_table(
        "assignments",
        sa.Column(
            "number", sa.Integer(), server_default=sa.text("nextval('assignment_numbers')"), nullable=False
        ),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("family", sa.String(), nullable=False),
        sa.Column("occupation", sa.String(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("starts", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("assessed", sa.String(), nullable=False),
        sa.Column("assessed_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["assessed_id"], ["organisations.id"], name=op.f("fk_assignments_assessed_id")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_assignments_organisation_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignments")),
        sa.UniqueConstraint("number", name=op.f("uq_assignments_number")),
    )
    op.create_index(
        "ix_assignments_organisation", "assignments", ["organisation_id", "held_on"], unique=False
    )
    op.create_table(
        "assignment_draws",
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drawn_by", sa.String(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("seed", sa.String(), nullable=False),
        sa.Column("candidates", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("chosen", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("excluded", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignments.id"], name=op.f("fk_assignment_draws_assignment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment_draws")),
    )
    op.create_index("uq_assignment_draws_round", "assignment_draws", ["assignment_id", "round"], unique=True)
    op.create_table(
        "cards",
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("scheme_id", sa.String(), nullable=False),
        sa.Column("scheme_version", sa.String(), nullable=False),
        sa.Column("family", sa.String(), nullable=False),
        sa.Column("occupations", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("made_by_id", sa.Uuid(), nullable=False),
        sa.Column("numbered_by_id", sa.Uuid(), nullable=False),
        sa.Column("certificate_id", sa.Uuid(), nullable=True),
        sa.Column("number", sa.String(), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("numbered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificates.id"], name=op.f("fk_cards_certificate_id")
        ),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolments.id"], name=op.f("fk_cards_enrolment_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["organisations.id"], name=op.f("fk_cards_made_by_id")),
        sa.ForeignKeyConstraint(
            ["numbered_by_id"], ["organisations.id"], name=op.f("fk_cards_numbered_by_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_cards_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cards")),
        sa.UniqueConstraint("certificate_id", name=op.f("uq_cards_certificate_id")),
        sa.UniqueConstraint("enrolment_id", name=op.f("uq_cards_enrolment_id")),
        sa.UniqueConstraint("number", name=op.f("uq_cards_number")),
    )
    op.create_index("ix_cards_family", "cards", ["person_id", "family"], unique=False)
    op.create_index("ix_cards_made_by", "cards", ["made_by_id", "state"], unique=False)
    op.create_index("ix_cards_numbered_by", "cards", ["numbered_by_id", "state"], unique=False)
    op.create_table(
        "assignment_examiners",
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("card_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("draw_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignments.id"], name=op.f("fk_assignment_examiners_assignment_id")
        ),
        sa.ForeignKeyConstraint(["card_id"], ["cards.id"], name=op.f("fk_assignment_examiners_card_id")),
        sa.ForeignKeyConstraint(
            ["draw_id"], ["assignment_draws.id"], name=op.f("fk_assignment_examiners_draw_id")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["persons.id"], name=op.f("fk_assignment_examiners_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment_examiners")),
    )
    op.create_index(
        "ix_assignment_examiners_person", "assignment_examiners", ["person_id", "state"], unique=False
    )
    op.create_index(
        "uq_assignment_examiners_person", "assignment_examiners", ["assignment_id", "person_id"], unique=True
    )
    op.create_table(
        "assignment_problems",
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("card_id", sa.Uuid(), nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("reported_by", sa.String(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignments.id"], name=op.f("fk_assignment_problems_assignment_id")
        ),
        sa.ForeignKeyConstraint(["card_id"], ["cards.id"], name=op.f("fk_assignment_problems_card_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment_problems")),
    )
    op.create_index(
        op.f("ix_assignment_problems_assignment_id"), "assignment_problems", ["assignment_id"], unique=False
    )
    op.create_table(
        "card_cancellations",
        sa.Column("card_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("family", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("for_ever", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("evidence", sa.String(), nullable=False),
        sa.Column("file_key", sa.String(), nullable=True),
        sa.Column("media_type", sa.String(), nullable=True),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("proposed_by_name", sa.String(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_by_name", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["card_id"], ["cards.id"], name=op.f("fk_card_cancellations_card_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_card_cancellations_organisation_id")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name=op.f("fk_card_cancellations_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_cancellations")),
    )
    op.create_index(
        "ix_card_cancellations_bars",
        "card_cancellations",
        ["person_id", "family"],
        unique=False,
        postgresql_where=sa.text("for_ever AND state = 'confirmed'"),
    )
    op.create_index(op.f("ix_card_cancellations_card_id"), "card_cancellations", ["card_id"], unique=False)
    op.create_index(
        "uq_card_cancellations_open",
        "card_cancellations",
        ["card_id"],
        unique=True,
        postgresql_where=sa.text("state = 'proposed'"),
    )
