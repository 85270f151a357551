"""How long files are kept, and their deletion by two people (C11)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import CreateSequence, Sequence

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(CreateSequence(Sequence("retention_numbers", start=1)))
    op.create_table(
        "retention_reports",
        sa.Column(
            "number", sa.Integer(), server_default=sa.text("nextval('retention_numbers')"), nullable=False
        ),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("made_on", sa.Date(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=True),
        sa.Column("proposed_by_name", sa.String(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("confirmed_by", sa.String(), nullable=True),
        sa.Column("confirmed_by_name", sa.String(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("purged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_retention_reports_organisation_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_retention_reports"),
        sa.UniqueConstraint("number", name="uq_retention_reports_number"),
    )
    op.create_index("ix_retention_reports_organisation", "retention_reports", ["organisation_id", "number"])
    op.create_table(
        "retention_items",
        sa.Column("report_id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("purged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["retention_reports.id"], name="fk_retention_items_report_id"),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolments.id"], name="fk_retention_items_enrolment_id"),
        sa.PrimaryKeyConstraint("id", name="pk_retention_items"),
    )
    op.create_index("uq_retention_items_subject", "retention_items", ["kind", "subject_id"], unique=True)
    op.create_index("ix_retention_items_report", "retention_items", ["report_id", "enrolment_id"])
    for table in ("documents", "payments", "certificates"):
        op.add_column(table, sa.Column("purged_at", sa.DateTime(timezone=True), nullable=True))
