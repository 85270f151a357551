"""What stood on a printed form, item by item (E3, E5), and which questions the organisation answers (D2)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "printed_forms",
        sa.Column("items", postgresql.JSONB(), server_default=sa.text("'{}'"), nullable=False),
    )
    op.add_column(
        "enrolments",
        sa.Column("settled", postgresql.JSONB(), server_default=sa.text("'[]'"), nullable=False),
    )
