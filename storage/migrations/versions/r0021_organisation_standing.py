"""An organisation is suspended and resumed with a reason, and ended by two people."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("organisations", sa.Column("status_reason", sa.String(), nullable=False, server_default=""))
    op.add_column("organisations", sa.Column("status_changed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "organisation_endings",
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("proposed_by_name", sa.String(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=False),
        sa.Column("decided_by_name", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_organisation_endings_organisation_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_organisation_endings"),
    )
    op.create_index("ix_organisation_endings_organisation_id", "organisation_endings", ["organisation_id"])
    op.create_index(
        "uq_organisation_endings_open",
        "organisation_endings",
        ["organisation_id"],
        unique=True,
        postgresql_where=sa.text("state = 'proposed'"),
    )
