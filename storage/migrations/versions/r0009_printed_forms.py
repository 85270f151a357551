"""Forms that are printed, signed and photographed: which content was printed, and which one a photo shows."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "printed_forms",
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("material_key", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("printed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolments.id"], name=op.f("fk_printed_forms_enrolment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printed_forms")),
    )
    op.create_index(
        "ix_printed_forms_newest", "printed_forms", ["enrolment_id", "material_key", "printed_at"]
    )
    op.add_column("documents", sa.Column("printed_code", sa.String(), nullable=True))
