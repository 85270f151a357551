"""What people have agreed to be sent as a subscription notice."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "subscription_grants",
        sa.Column("follower_id", sa.Uuid(), nullable=False),
        sa.Column("template_id", sa.String(), nullable=False),
        sa.Column("grants", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["follower_id"], ["followers.id"], name="fk_subscription_grants_follower_id"),
        sa.PrimaryKeyConstraint("follower_id", "template_id", name="pk_subscription_grants"),
    )
