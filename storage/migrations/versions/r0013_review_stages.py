"""Who decides which stage of a review, since when and until when; filled for what is in review."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# Until now the enrolment's own organisation decided every stage. Which stage it was is in the scheme files of then.
_FILL = """
INSERT INTO review_stages
    (id, enrolment_id, round, index, key, organisation_id, entered_at, decision, actor_id, actor_name, reason, items,
     reference, reminders)
SELECT gen_random_uuid(), id, 1, stage,
    CASE
        WHEN scheme_id LIKE 'metrology-%' THEN 'sub_centre'
        WHEN scheme_id LIKE 'cqc-%'
            THEN (ARRAY['laboratory', 'sub_centre', 'training_centre', 'quality', 'business'])[LEAST(stage, 4) + 1]
        WHEN scheme_id LIKE 'sichuan-%' AND scheme_id <> 'sichuan-supervisor' AND stage = 0 THEN 'institution'
        WHEN scheme_id LIKE 'sichuan-%'
            THEN CASE answers ->> 'channel' WHEN 'provincial' THEN 'province' ELSE 'city' END
        ELSE 'organiser'
    END,
    organisation_id, COALESCE(submitted_at, now()), '', '', '', '', '{}', '', 0
FROM enrolments WHERE state = 'in_review'
"""


def upgrade() -> None:
    op.create_table(
        "review_stages",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("actor_id", sa.String(), nullable=False),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("items", postgresql.JSONB(), nullable=False),
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolments.id"], name="fk_review_stages_enrolment_id"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_review_stages_organisation_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_review_stages"),
    )
    waiting = sa.text("decided_at IS NULL")
    op.create_index("ix_review_stages_enrolment_id", "review_stages", ["enrolment_id"])
    op.create_index("ix_review_stages_reached", "review_stages", ["organisation_id", "enrolment_id"])
    op.create_index(
        "uq_review_stages_present", "review_stages", ["enrolment_id"], unique=True, postgresql_where=waiting
    )
    op.create_index(
        "ix_review_stages_waiting", "review_stages", ["organisation_id"], postgresql_where=waiting
    )
    op.create_index("ix_review_stages_due", "review_stages", ["due_at"], postgresql_where=waiting)
    op.execute(_FILL)
    op.add_column("enrolments", sa.Column("trainer_id", sa.Uuid(), nullable=True))
    op.create_foreign_key("fk_enrolments_trainer_id", "enrolments", "organisations", ["trainer_id"], ["id"])
