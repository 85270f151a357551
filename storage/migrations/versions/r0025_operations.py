"""Small indexes by which the status page and the metrics count what was sent and what came back."""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_SUMMARISED = {"autosummarize": "on", "pages_per_range": "32"}


def upgrade() -> None:
    op.create_index(
        "ix_outbox_finished", "outbox", ["finished_at"], postgresql_using="brin", postgresql_with=_SUMMARISED
    )
    op.create_index(
        "ix_receipts_created",
        "receipts",
        ["created_at"],
        postgresql_using="brin",
        postgresql_with=_SUMMARISED,
    )
