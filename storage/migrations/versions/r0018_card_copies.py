"""A card is printed anew under its number; the copy before is void. What is proposed stands on the card."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("cards", sa.Column("copy", sa.Integer(), nullable=False, server_default="1"))
    for name in ("wanted_cause", "wanted_reason", "wanted_by_name"):
        op.add_column("cards", sa.Column(name, sa.String(), nullable=False, server_default=""))
    op.add_column("cards", sa.Column("wanted_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_cards_valid_until", "cards", ["valid_until"])
    op.create_index(
        "ix_cards_wanted", "cards", ["made_by_id"], postgresql_where=sa.text("wanted_cause <> ''")
    )
    op.create_table(
        "void_copies",
        sa.Column("certificate_id", sa.Uuid(), nullable=False),
        sa.Column("copy", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("voided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("voided_by_name", sa.String(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("token_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("holder_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificates.id"], name="fk_void_copies_certificate_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_void_copies"),
        sa.UniqueConstraint("token_digest", name="uq_void_copies_token_digest"),
    )
    op.create_index("ix_void_copies_certificate_id", "void_copies", ["certificate_id"])
