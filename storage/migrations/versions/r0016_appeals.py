"""Appeals about results, what both sides said, and who approved a result (B7)."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

# Until now only the log knew who had approved a version of a result.
_FILL = """
UPDATE results SET approved_by = (
    SELECT log.actor_id FROM audit_log AS log
    WHERE log.action = 'result.approved' AND log.subject_id = results.enrolment_id::text
        AND log.at <= results.approved_at
    ORDER BY log.at DESC, log.id DESC LIMIT 1
)
WHERE approved_at IS NOT NULL
"""


def upgrade() -> None:
    op.add_column("results", sa.Column("approved_by", sa.String(), nullable=True))
    op.execute(_FILL)
    op.execute(sa.schema.CreateSequence(sa.Sequence("appeal_numbers", start=1001)))
    op.create_table(
        "appeals",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "number", sa.Integer(), server_default=sa.text("nextval('appeal_numbers')"), nullable=False
        ),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("result_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("lodged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("disclosed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disclosed_by_name", sa.String(), nullable=False),
        sa.Column("remark_raw", sa.Numeric(7, 2), nullable=True),
        sa.Column("remark_grade", sa.String(), nullable=False),
        sa.Column("remark_passed", sa.Boolean(), nullable=True),
        sa.Column("remark_note", sa.String(), nullable=False),
        sa.Column("remarked_by", sa.String(), nullable=True),
        sa.Column("remarked_by_name", sa.String(), nullable=False),
        sa.Column("remarked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("decision_reason", sa.String(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_by_name", sa.String(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("new_result_id", sa.Uuid(), nullable=True),
        sa.Column("certificate_id", sa.Uuid(), nullable=True),
        sa.Column("certificate_state", sa.String(), nullable=False),
        sa.Column("certificate_reason", sa.String(), nullable=False),
        sa.Column("certificate_decided_by_name", sa.String(), nullable=False),
        sa.Column("certificate_decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolments.id"], name="fk_appeals_enrolment_id"),
        sa.ForeignKeyConstraint(["result_id"], ["results.id"], name="fk_appeals_result_id"),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name="fk_appeals_organisation_id"),
        sa.ForeignKeyConstraint(["new_result_id"], ["results.id"], name="fk_appeals_new_result_id"),
        sa.ForeignKeyConstraint(["certificate_id"], ["certificates.id"], name="fk_appeals_certificate_id"),
        sa.PrimaryKeyConstraint("id", name="pk_appeals"),
        sa.UniqueConstraint("number", name="uq_appeals_number"),
    )
    op.create_index("ix_appeals_enrolment_id", "appeals", ["enrolment_id"])
    op.create_index("ix_appeals_queue", "appeals", ["organisation_id", "state", "due_on"])
    op.create_index("ix_appeals_certificate", "appeals", ["certificate_id"])
    op.create_index(
        "uq_appeals_result",
        "appeals",
        ["result_id"],
        unique=True,
        postgresql_where=sa.text("state <> 'withdrawn'"),
    )
    op.create_table(
        "appeal_notes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("said_by", sa.String(), nullable=False),
        sa.Column("said_by_name", sa.String(), nullable=False),
        sa.Column("text_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["appeal_id"], ["appeals.id"], name="fk_appeal_notes_appeal_id"),
        sa.PrimaryKeyConstraint("id", name="pk_appeal_notes"),
    )
    op.create_index("ix_appeal_notes_appeal", "appeal_notes", ["appeal_id", "created_at"])
