"""What a paper came to by knowledge area (B11)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("results", sa.Column("areas", postgresql.JSONB(), nullable=True))
