"""No table with a file or identity data is forgotten: each is on the report, passes, or stays for a reason (C11)."""

from sqlalchemy import Column, LargeBinary

from services.retention.schedule import SCHEDULE, Reported, columns
from storage.repositories.kept_files import KEPT
from storage.retention_states import RetainedKind
from storage.tables import Base

#: Where a file is named, and columns that hold what somebody can be known by; ciphers and digests go by their type.
_FILES = ("file_key", "voucher_key", "pdf_key", "png_key")
_IDENTITY = frozenset(
    (
        "name",
        "openid",
        "birth_on",
        "sex",
        "login",
        "answers",
        "chat_memory",
        "media_id",
        "facts",
        "password_hash",
    )
)


def telling(column: Column[object]) -> bool:
    return isinstance(column.type, LargeBinary) or column.name.endswith(_FILES) or column.name in _IDENTITY


def test_every_table_and_every_file_cipher_and_identity_column_is_in_the_schedule_c11() -> None:
    tables = Base.metadata.tables
    assert set(SCHEDULE) == set(tables), (
        "another table: say in services/retention/schedule.py what becomes of it"
    )
    for name, table in tables.items():
        found = {column.name for column in table.columns if telling(column)}
        assert found == columns(SCHEDULE[name]), f"{name}: say what becomes of these columns"


def test_every_kind_of_the_report_names_a_table_whose_files_are_all_deleted_with_it_c11() -> None:
    reported = {entry.kind: (name, entry) for name, entry in SCHEDULE.items() if isinstance(entry, Reported)}
    assert set(reported) == set(RetainedKind) == set(KEPT)
    for kind, kept in KEPT.items():
        name, entry = reported[kind]
        assert kept.table.__tablename__ == name
        assert entry.files <= set(kept.cleared), f"{name}: a purged row would name a file that is gone"
        assert "purged_at" in kept.table.__table__.columns
        assert len(kept.keys) >= len(entry.files)


def test_no_other_table_holds_a_file_that_the_report_does_not_know_c11() -> None:
    with_files = {
        name
        for name, table in Base.metadata.tables.items()
        if any(column.name.endswith(_FILES) for column in table.columns)
    }
    assert with_files - {"doomed_files"} == {
        name for name, entry in SCHEDULE.items() if isinstance(entry, Reported)
    }
