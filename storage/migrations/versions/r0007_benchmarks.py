"""What a sitting is graded by: benchmark snapshots (B5)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "benchmark_snapshots",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sitting_id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("scheme_id", sa.String(), nullable=False),
        sa.Column("scheme_version", sa.String(), nullable=False),
        sa.Column("full", sa.Numeric(7, 2), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("basis", sa.String(), nullable=False),
        sa.Column("pool_count", sa.Integer(), nullable=False),
        sa.Column("mean", sa.Numeric(9, 4), nullable=False),
        sa.Column("deviation", sa.Numeric(9, 4), nullable=False),
        sa.Column("cut", sa.Numeric(9, 4), nullable=False),
        sa.Column("index_score", sa.Numeric(5, 2), nullable=False),
        sa.Column("degenerate", sa.Boolean(), nullable=False),
        sa.Column("pool_sha256", sa.String(), nullable=False),
        sa.Column("parameters", postgresql.JSONB(), nullable=False),
        sa.Column("frozen_by", sa.String(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["sitting_id"], ["sittings.id"], name="fk_benchmark_snapshots_sitting_id"),
        sa.PrimaryKeyConstraint("id", name="pk_benchmark_snapshots"),
    )
    op.create_index(
        "uq_benchmark_snapshots_version", "benchmark_snapshots", ["sitting_id", "version"], unique=True
    )
    op.create_index("ix_benchmark_snapshots_scheme", "benchmark_snapshots", ["scheme_id", "created_at"])
