"""Days of a class, sign-ins, and records of practice (C8)."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "class_days",
        sa.Column("class_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("hours", sa.Numeric(precision=6, scale=2), nullable=False),
        sa.Column("early_minutes", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["class_id"], ["course_classes.id"], name=op.f("fk_class_days_class_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_class_days")),
        sa.UniqueConstraint("code", name=op.f("uq_class_days_code")),
    )
    op.create_index(op.f("ix_class_days_class_id"), "class_days", ["class_id"])
    op.create_table(
        "sign_ins",
        sa.Column("class_day_id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("added_by_name", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["class_day_id"], ["class_days.id"], name=op.f("fk_sign_ins_class_day_id")),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolments.id"], name=op.f("fk_sign_ins_enrolment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_ins")),
        sa.UniqueConstraint(
            "class_day_id", "enrolment_id", name=op.f("uq_sign_ins_class_day_id_enrolment_id")
        ),
    )
    op.create_index(op.f("ix_sign_ins_enrolment_id"), "sign_ins", ["enrolment_id"])
    op.create_table(
        "practice_records",
        sa.Column("class_day_id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("instrument", sa.String(), nullable=False),
        sa.Column("process", sa.String(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("recorded_by_name", sa.String(), nullable=False),
        sa.Column("file_key", sa.String(), nullable=True),
        sa.Column("media_type", sa.String(), nullable=True),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["class_day_id"], ["class_days.id"], name=op.f("fk_practice_records_class_day_id")
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolments.id"], name=op.f("fk_practice_records_enrolment_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_practice_records")),
    )
    op.create_index(op.f("ix_practice_records_class_day_id"), "practice_records", ["class_day_id"])
    op.create_index(op.f("ix_practice_records_enrolment_id"), "practice_records", ["enrolment_id"])
