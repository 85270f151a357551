"""Several pictures for one material, and materials that are left out."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_CURRENT = sa.text("superseded_at IS NULL")


def upgrade() -> None:
    op.add_column(
        "documents", sa.Column("ordinal", sa.Integer(), server_default=sa.text("1"), nullable=False)
    )
    op.drop_index("uq_documents_current", "documents")
    op.create_index(
        "uq_documents_current",
        "documents",
        ["enrolment_id", "material_key", "ordinal"],
        unique=True,
        postgresql_where=_CURRENT,
    )
    op.add_column(
        "enrolments",
        sa.Column(
            "skipped",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'"),
            nullable=False,
        ),
    )
