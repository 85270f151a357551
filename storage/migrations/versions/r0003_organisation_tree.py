"""Organisations stand in a tree, and a provincial institution names its city."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("organisations", sa.Column("located_in_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        "fk_organisations_located_in_id", "organisations", "organisations", ["located_in_id"], ["id"]
    )
    op.create_index("ix_organisations_parent_id", "organisations", ["parent_id"])
