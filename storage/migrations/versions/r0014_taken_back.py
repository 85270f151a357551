"""A day of class, a sign-in and a record of practice can be taken back: the row stays, with when, by whom and why."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_TABLES = ("class_days", "sign_ins", "practice_records")


def upgrade() -> None:
    for table in _TABLES:
        op.add_column(table, sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
        for name in ("withdrawn_by_name", "withdrawn_reason"):
            op.add_column(table, sa.Column(name, sa.String(), nullable=False, server_default=""))
            op.alter_column(table, name, server_default=None)
    op.drop_constraint("uq_sign_ins_class_day_id_enrolment_id", "sign_ins", type_="unique")
    op.create_index(
        "uq_sign_ins_standing",
        "sign_ins",
        ["class_day_id", "enrolment_id"],
        unique=True,
        postgresql_where=sa.text("withdrawn_at IS NULL"),
    )
