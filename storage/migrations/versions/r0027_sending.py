"""What all processes that send go by: rests, circuits, counts, token buckets; and which receipts are waited for."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "api_rests",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("api", sa.String(), nullable=False),
        sa.Column("until", moment, nullable=False),
        sa.Column("errcode", sa.Integer(), nullable=False),
        sa.Column("since", moment, nullable=False),
        sa.PrimaryKeyConstraint("account", "api", name="pk_api_rests"),
    )
    op.create_table(
        "circuits",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("opened_at", moment, nullable=False),
        sa.Column("errcode", sa.Integer(), nullable=False),
        sa.Column("errmsg", sa.String(), nullable=False),
        sa.Column("probe_at", moment, nullable=False),
        sa.Column("probes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account", name="pk_circuits"),
    )
    op.create_table(
        "api_counts",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("api", sa.String(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account", "api", "on", name="pk_api_counts"),
    )
    op.create_table(
        "send_buckets",
        sa.Column("account", sa.String(), nullable=False),
        sa.Column("tokens", sa.Float(), nullable=False),
        sa.Column("rate", sa.Float(), nullable=False),
        sa.Column("filled_at", moment, nullable=False),
        sa.Column("granted", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("account", name="pk_send_buckets"),
    )
    op.create_index(
        "ix_outbox_outstanding",
        "outbox",
        ["first_sent_at"],
        postgresql_where=sa.text("state = 'accepted' AND channel IN ('template', 'subscription')"),
    )
