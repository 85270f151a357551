"""The schedule 保存期限表: for every table whether its files and identity data come onto the report, pass, or stay, and why.

A test reads the tables' columns and fails for a table, a file or a cipher that is not in here: a new one cannot be
forgotten (C11).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from storage.retention_states import RetainedKind


@dataclass(frozen=True)
class Reported:
    """Its files come onto the monthly report, as these kinds, when the years of C11 are over."""

    kind: RetainedKind
    files: frozenset[str]
    #: Identity data that stay with the row, and why.
    stays: Mapping[str, str]


@dataclass(frozen=True)
class Passing:
    """It is forgotten by itself."""

    how: str
    columns: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Lasting:
    """It stays, and why."""

    why: str
    columns: frozenset[str] = frozenset()


def _reported(kind: RetainedKind, *files: str, **stays: str) -> Reported:
    return Reported(kind, frozenset(files), stays)


def _passing(how: str, *columns: str) -> Passing:
    return Passing(how, frozenset(columns))


def _lasting(why: str, *columns: str) -> Lasting:
    return Lasting(why, frozenset(columns))


_RECORD: Final = "a record of what was decided, with names of staff only"
_ORGANISATIONS: Final = "about organisations, not about persons"

SCHEDULE: Final[Mapping[str, Reported | Passing | Lasting]] = {
    # ---- on the report --------------------------------------------------------------------------------------
    "documents": _reported(
        RetainedKind.DOCUMENT, "file_key", media_id="WeChat's, dead after three days; emptied with the file"
    ),
    "payments": _reported(RetainedKind.VOUCHER, "voucher_key"),
    "superseded_vouchers": _reported(RetainedKind.OLDER_VOUCHER, "file_key"),
    "practice_records": _reported(RetainedKind.PRACTICE_SHEET, "file_key"),
    "attachments": _reported(
        RetainedKind.ATTACHMENT, "file_key", media_id="WeChat's, dead after three days; emptied with the file"
    ),
    "card_cancellations": _reported(RetainedKind.CANCELLATION, "file_key"),
    "authorisation_files": _reported(RetainedKind.AUTHORISATION_PAPER, "file_key"),
    "certificates": _reported(
        RetainedKind.CERTIFICATE,
        "pdf_key",
        "png_key",
        token_digest="the holder's link and the QR on paper keep verifying",  # noqa: S106
        token_cipher="the holder's link and the QR on paper keep verifying",  # noqa: S106
        holder_cipher="whom a stranger's verification names, masked, for as long as somebody holds the paper",
        facts="what the paper says, which a verification repeats",
    ),
    # ---- forgotten by themselves ----------------------------------------------------------------------------
    "access_tokens": _passing("WeChat's, replaced every two hours", "token"),
    "certificate_lookups": _passing("a keyed digest of an address, to slow guessing", "source_digest"),
    "doomed_files": _passing("a job deletes the file and the row", "file_key"),
    "inbound_messages": _passing("after seven days (housekeeping)", "reply_cipher"),
    "one_time_links": _passing(
        "a day after they ran out (housekeeping)", "token_digest", "browser_digest", "facts"
    ),
    "receipts": _passing("a message's id and what WeChat said of it"),
    "staff_bindings": _passing("ten minutes, and then when the next one is made", "token_digest"),
    "mass_receipts": _passing("a broadcast's msgid and WeChat's counts, without anybody's name"),
    "staff_logins": _passing("when they run out (housekeeping)", "token_digest"),
    "subscription_grants": _passing("counts by follower and template, nothing about a person"),
    "api_rests": _passing("when it is over; about an account, not about persons"),
    "circuits": _passing("when it is closed; about an account, not about persons"),
    "api_counts": _passing("counts of a day, not about persons"),
    "send_buckets": _passing("about an account, not about persons"),
    "tick_runs": _passing("after thirty days (housekeeping)"),
    "followers": _passing(
        "seven days after unfollowing; a keyed digest stays, by which who comes back is known",
        "openid",
        "openid_digest",
        "chat_memory",
    ),
    "outbox": _passing(
        "emptied when its follower left, when its enrolment was erased; masked words besides", "facts"
    ),
    # ---- identity data that stay ----------------------------------------------------------------------------
    "persons": _lasting(
        "who is barred (C7, D9) and who has a number for ever (E5) must be known again; goes with the last row that names it",
        "identity_cipher",
        "identity_digest",
        "name",
        "birth_on",
        "sex",
    ),
    "enrolments": _lasting(
        "the record that results and papers rest on; sensitive answers are sealed; emptied when its person asked for it and"
        " no duty keeps it any more",
        "answers",
    ),
    "change_requests": _lasting(
        "old and new, sealed: why an older paper says something else (E8)", "old_cipher", "new_cipher"
    ),
    "blacklist_entries": _lasting("a bar keeps its history, by keyed digest (C7)", "identity_digest"),
    "blacklist_statements": _lasting("what the person said belongs to the decision (C7)", "text_cipher"),
    "appeal_notes": _lasting("what both sides said belongs to the decision (B7)", "text_cipher"),
    "business_accounts": _lasting("whose login it was, sealed (E5, E6)", "login_cipher", "login_digest"),
    "roster_entries": _lasting(
        "who could log in and what was decided (E6); the login is sealed",
        "name",
        "login_cipher",
        "login_digest",
    ),
    "authorisation_members": _lasting("who taught and assessed when it was granted (C1, C9)", "name"),
    "staff": _lasting("the audit log names them", "login", "name", "password_hash"),
    "consents": _lasting("who agreed to which text, by enrolment (A12)"),
    "consent_texts": _lasting("the organiser's own words (A12)"),
    "audit_log": _lasting("append only; holds no number, phone or token"),
    "appointment_numbers": _lasting("one number a person for ever (E5)"),
    "appointments": _lasting("public while they stand, the history of a number after (E5, E8)"),
    "printed_forms": _lasting("a code and a day, no content"),
    "sign_ins": _lasting("who was there: hours rest on it (C8)"),
    "study_records": _lasting("hours that papers name (A1, B1)"),
    "results": _lasting("figures that benchmarks and papers rest on (B5)"),
    "void_copies": _lasting(
        "the QR of an earlier print goes on saying that it is void (D9)",
        "token_digest",
        "token_cipher",
        "holder_cipher",
    ),
    "cards": _lasting("what a card's number means (D7)"),
    "broadcasts": _lasting("what was sent to whom in an organisation's name, and who approved it"),
    "broadcast_recipients": _lasting("who was written to, by follower, whose openid is forgotten with them"),
    "broadcast_chunks": _lasting("what WeChat said of each batch, without anybody's name"),
    "broadcast_names": _lasting(
        "who a broadcast was for, by enrolment; goes with an enrolment that is deleted"
    ),
    "broadcast_tests": _lasting(_RECORD),
    "follower_tags": _lasting("labels of an organisation for its own people"),
    "staff_wechats": _lasting("which follower one of the staff is; replaced by the next scan"),
    # ---- records without files and identity data of their own -----------------------------------------------
    **dict.fromkeys(
        (
            "appeals",
            "appointment_decisions",
            "appointment_evaluations",
            "assignment_draws",
            "assignment_examiners",
            "assignment_problems",
            "assignments",
            "change_steps",
            "enrolment_fees",
            "erasure_items",
            "erasure_requests",
            "import_runs",
            "restricted_openings",
            "result_reports",
            "retention_items",
            "retention_reports",
            "review_stages",
            "roster_checks",
            "seats",
        ),
        _lasting(_RECORD),
    ),
    **dict.fromkeys(
        (
            "authorisation_requests",
            "authorisation_findings",
            "authorisations",
            "authorised_scopes",
            "benchmark_snapshots",
            "class_days",
            "course_classes",
            "fee_publications",
            "laboratory_business",
            "number_sequences",
            "organisation_endings",
            "refused_attempts",
            "regrades",
            "scheme_versions",
            "self_checks",
            "sittings",
        ),
        _lasting(_ORGANISATIONS),
    ),
    "ending_proposals": _lasting(_ORGANISATIONS, "facts"),
    "organisations": _lasting(_ORGANISATIONS, "name", "facts"),
}


def columns(entry: Reported | Passing | Lasting) -> frozenset[str]:
    """The files and identity data that an entry speaks of."""
    if isinstance(entry, Reported):
        return entry.files | frozenset(entry.stays)
    return entry.columns
