"""Every kind of file comes onto the retention report: sheets, attachments, evidence, papers, older vouchers (C11)."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("practice_records", "attachments", "card_cancellations", "authorisation_files"):
        op.add_column(table, sa.Column("purged_at", sa.DateTime(timezone=True), nullable=True))
    op.alter_column("authorisation_files", "file_key", nullable=True)
    op.create_table(
        "superseded_vouchers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("file_key", sa.String(), nullable=True),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("purged_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name="fk_superseded_vouchers_payment_id"),
        sa.PrimaryKeyConstraint("id", name="pk_superseded_vouchers"),
    )
    op.create_index("ix_superseded_vouchers_payment_id", "superseded_vouchers", ["payment_id"])
    op.alter_column("retention_items", "enrolment_id", nullable=True)
