"""Each person's line in the outbox, receipts that find their message from both sides, and what staff decide about."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _outbox()
    _receipts()


def _outbox() -> None:
    op.add_column("outbox", sa.Column("account", sa.String(), nullable=True))
    op.execute("UPDATE outbox o SET account = f.account FROM followers f WHERE f.id = o.follower_id")
    op.alter_column("outbox", "account", nullable=False)
    # Whoever writes a message names its follower, and a follower's account never changes.
    op.execute(
        """
        CREATE FUNCTION outbox_account() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            SELECT account INTO NEW.account FROM followers WHERE id = NEW.follower_id;
            RETURN NEW;
        END
        $$
        """
    )
    op.execute(
        "CREATE TRIGGER outbox_account BEFORE INSERT ON outbox FOR EACH ROW"
        " WHEN (NEW.account IS NULL) EXECUTE FUNCTION outbox_account()"
    )
    for name in ("first_sent_at", "surfaced_at", "decided_at"):
        op.add_column("outbox", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.add_column("outbox", sa.Column("decision", sa.String(), nullable=True))
    op.add_column("outbox", sa.Column("again_of", sa.Uuid(), nullable=True))
    # Until now `due_at` said when the first send of a claimed message began.
    op.execute("UPDATE outbox SET first_sent_at = due_at WHERE state IN ('sending', 'unknown')")
    op.execute("UPDATE outbox SET surfaced_at = now() WHERE state = 'unknown'")
    op.drop_index("ix_outbox_due", "outbox")
    op.create_index(
        "ix_outbox_due", "outbox", ["account", "due_at"], postgresql_where=sa.text("state = 'queued'")
    )
    op.create_index(
        "uq_outbox_on_its_way",
        "outbox",
        ["follower_id"],
        unique=True,
        postgresql_where=sa.text("state IN ('sending', 'unknown') AND surfaced_at IS NULL"),
    )
    op.create_index(
        "ix_outbox_undecided",
        "outbox",
        ["created_at"],
        postgresql_where=sa.text("state IN ('unknown', 'dead') AND decided_at IS NULL"),
    )


def _receipts() -> None:
    op.alter_column("receipts", "status", nullable=True)
    op.add_column("receipts", sa.Column("message_id", sa.Uuid(), nullable=True))
    op.add_column("receipts", sa.Column("follower_id", sa.Uuid(), nullable=True))
    op.add_column("receipts", sa.Column("received_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE receipts SET received_at = created_at")
    op.execute(
        """
        INSERT INTO receipts AS r (account, msgid, message_id, created_at)
        SELECT DISTINCT ON (account, msgid) account, msgid, id, created_at
        FROM outbox
        WHERE msgid IS NOT NULL
        ORDER BY account, msgid, created_at DESC
        ON CONFLICT (account, msgid) DO UPDATE SET message_id = excluded.message_id
        """
    )
    op.create_index(
        "ix_receipts_unmatched",
        "receipts",
        ["follower_id"],
        postgresql_where=sa.text("message_id IS NULL AND follower_id IS NOT NULL"),
    )
    op.drop_index("ix_outbox_msgid", "outbox")
