"""Requests to delete one's own data, restricted enrolments, and files that are to go (C11)."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateSequence, Sequence

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("enrolments", sa.Column("restricted_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(CreateSequence(Sequence("erasure_numbers", start=1)))
    op.create_table(
        "erasure_requests",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "number", sa.Integer(), server_default=sa.text("nextval('erasure_numbers')"), nullable=False
        ),
        sa.Column("follower_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=True),
        sa.Column("proposed_by_name", sa.String(), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_by_name", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["follower_id"], ["followers.id"], name="fk_erasure_requests_follower_id"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_erasure_requests_organisation_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_erasure_requests"),
        sa.UniqueConstraint("number", name="uq_erasure_requests_number"),
    )
    op.create_index("ix_erasure_requests_organisation", "erasure_requests", ["organisation_id", "state"])
    op.create_index("ix_erasure_requests_follower", "erasure_requests", ["follower_id"])
    op.create_table(
        "erasure_items",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("fate", sa.String(), nullable=False),
        sa.Column("duties", postgresql.JSONB(), nullable=False),
        sa.Column("kept_until", sa.Date(), nullable=True),
        sa.Column("erased_files", sa.Integer(), nullable=False),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["request_id"], ["erasure_requests.id"], name="fk_erasure_items_request_id"),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolments.id"], name="fk_erasure_items_enrolment_id"),
        sa.PrimaryKeyConstraint("id", name="pk_erasure_items"),
    )
    op.create_index(
        "uq_erasure_items_enrolment", "erasure_items", ["request_id", "enrolment_id"], unique=True
    )
    op.create_index("ix_erasure_items_enrolment", "erasure_items", ["enrolment_id"])
    op.create_table(
        "restricted_openings",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("staff_id", sa.String(), nullable=False),
        sa.Column("staff_name", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolments.id"], name="fk_restricted_openings_enrolment_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_restricted_openings"),
    )
    op.create_index("ix_restricted_openings_enrolment", "restricted_openings", ["enrolment_id", "staff_id"])
    op.create_table(
        "doomed_files",
        sa.Column("file_key", sa.String(), nullable=False),
        sa.Column("doomed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("file_key", name="pk_doomed_files"),
    )
