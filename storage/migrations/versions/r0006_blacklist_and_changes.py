"""The blacklist, changes of personal data, and the files that belong to either."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("CREATE SEQUENCE IF NOT EXISTS blacklist_numbers START WITH 101")
    op.execute("CREATE SEQUENCE IF NOT EXISTS change_numbers START WITH 1001")
    _blacklist()
    _changes()
    _attachments()


def _blacklist() -> None:
    op.create_table(
        "blacklist_entries",
        sa.Column(
            "number", sa.Integer(), server_default=sa.text("nextval('blacklist_numbers')"), nullable=False
        ),
        sa.Column("list_key", sa.String(), nullable=False),
        sa.Column("identity_digest", sa.LargeBinary(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("enrolment_id", sa.Uuid(), nullable=True),
        sa.Column("scheme_id", sa.String(), nullable=False),
        sa.Column("scheme_version", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("allegation", sa.String(), nullable=False),
        sa.Column("papers", sa.String(), nullable=False),
        sa.Column("proposed_by", sa.String(), nullable=False),
        sa.Column("proposed_by_name", sa.String(), nullable=False),
        sa.Column("told_at", _TIME, nullable=True),
        sa.Column("told_by", sa.String(), nullable=False),
        sa.Column("heard_until", sa.Date(), nullable=True),
        sa.Column("read_by", postgresql.JSONB(), nullable=False),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_by_name", sa.String(), nullable=True),
        sa.Column("decided_at", _TIME, nullable=True),
        sa.Column("decision_reason", sa.String(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("lift_proposed_by", sa.String(), nullable=True),
        sa.Column("lift_proposed_by_name", sa.String(), nullable=True),
        sa.Column("lift_proposed_at", _TIME, nullable=True),
        sa.Column("lift_reason", sa.String(), nullable=False),
        sa.Column("lifted_by", sa.String(), nullable=True),
        sa.Column("lifted_by_name", sa.String(), nullable=True),
        sa.Column("lifted_at", _TIME, nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["persons.id"], name="fk_blacklist_entries_person_id"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_blacklist_entries_organisation_id"
        ),
        sa.ForeignKeyConstraint(
            ["enrolment_id"], ["enrolments.id"], name="fk_blacklist_entries_enrolment_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_blacklist_entries"),
        sa.UniqueConstraint("number", name="uq_blacklist_entries_number"),
    )
    op.create_index("ix_blacklist_entries_person", "blacklist_entries", ["list_key", "identity_digest"])
    op.create_index("ix_blacklist_entries_person_id", "blacklist_entries", ["person_id"])
    op.create_index("ix_blacklist_entries_organisation_id", "blacklist_entries", ["organisation_id"])
    op.create_index(
        "uq_blacklist_entries_proposed",
        "blacklist_entries",
        ["list_key", "person_id"],
        unique=True,
        postgresql_where=sa.text("state = 'proposed'"),
    )
    op.create_table(
        "blacklist_statements",
        sa.Column("entry_id", sa.Uuid(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("taken_by_name", sa.String(), nullable=False),
        sa.Column("text_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["blacklist_entries.id"], name="fk_blacklist_statements_entry_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_blacklist_statements"),
    )
    op.create_index("ix_blacklist_statements_entry_id", "blacklist_statements", ["entry_id"])


def _changes() -> None:
    op.create_table(
        "change_requests",
        sa.Column(
            "number", sa.Integer(), server_default=sa.text("nextval('change_numbers')"), nullable=False
        ),
        sa.Column("enrolment_id", sa.Uuid(), nullable=False),
        sa.Column("field_key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("old_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("new_cipher", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("filed_by", sa.String(), nullable=False),
        sa.Column("filed_by_name", sa.String(), nullable=False),
        sa.Column("filed_at", _TIME, nullable=True),
        sa.Column("closed_at", _TIME, nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(["enrolment_id"], ["enrolments.id"], name="fk_change_requests_enrolment_id"),
        sa.PrimaryKeyConstraint("id", name="pk_change_requests"),
        sa.UniqueConstraint("number", name="uq_change_requests_number"),
    )
    op.create_index("ix_change_requests_enrolment", "change_requests", ["enrolment_id", "created_at"])
    op.create_index(
        "uq_change_requests_pending",
        "change_requests",
        ["enrolment_id", "field_key"],
        unique=True,
        postgresql_where=sa.text("state = 'pending'"),
    )
    op.create_table(
        "change_steps",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("stage", sa.Integer(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Uuid(), nullable=False),
        sa.Column("entered_at", _TIME, nullable=False),
        sa.Column("decided_at", _TIME, nullable=True),
        sa.Column("decision", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("decided_by_name", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["request_id"], ["change_requests.id"], name="fk_change_steps_request_id"),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name="fk_change_steps_organisation_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_change_steps"),
    )
    op.create_index("uq_change_steps_stage", "change_steps", ["request_id", "stage"], unique=True)
    op.create_index(
        "ix_change_steps_queue",
        "change_steps",
        ["organisation_id"],
        postgresql_where=sa.text("decided_at IS NULL"),
    )


def _attachments() -> None:
    op.create_table(
        "attachments",
        sa.Column("blacklist_entry_id", sa.Uuid(), nullable=True),
        sa.Column("change_request_id", sa.Uuid(), nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("added_by_name", sa.String(), nullable=False),
        sa.Column("media_id", sa.String(), nullable=False),
        sa.Column("file_key", sa.String(), nullable=True),
        sa.Column("media_type", sa.String(), nullable=True),
        sa.Column("sha256", sa.String(), nullable=True),
        sa.Column("refusal", postgresql.JSONB(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.CheckConstraint(
            "num_nonnulls(blacklist_entry_id, change_request_id) = 1", name="ck_attachments_subject"
        ),
        sa.ForeignKeyConstraint(
            ["blacklist_entry_id"], ["blacklist_entries.id"], name="fk_attachments_blacklist_entry_id"
        ),
        sa.ForeignKeyConstraint(
            ["change_request_id"], ["change_requests.id"], name="fk_attachments_change_request_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_attachments"),
    )
    op.create_index(
        "ix_attachments_entry",
        "attachments",
        ["blacklist_entry_id"],
        postgresql_where=sa.text("blacklist_entry_id IS NOT NULL"),
    )
    op.create_index(
        "ix_attachments_change",
        "attachments",
        ["change_request_id"],
        postgresql_where=sa.text("change_request_id IS NOT NULL"),
    )
