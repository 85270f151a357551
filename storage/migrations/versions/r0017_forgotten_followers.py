"""Followers whose openid was forgotten after they unfollowed, and the digest that they are known again by (C11)."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("followers", sa.Column("openid_digest", sa.LargeBinary(), nullable=True))
    op.add_column("followers", sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_followers_forgotten",
        "followers",
        ["openid_digest"],
        postgresql_where=sa.text("openid_digest IS NOT NULL"),
    )
    op.create_index(
        "ix_followers_to_forget",
        "followers",
        ["unfollowed_at"],
        postgresql_where=sa.text("unfollowed_at IS NOT NULL AND forgotten_at IS NULL"),
    )
