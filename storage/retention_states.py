"""The words that retention reports are kept as."""

from enum import StrEnum


class RetentionState(StrEnum):
    """到期清单 (C11)"""

    OPEN = "open"  #: what has fallen due; nothing happens by itself
    PROPOSED = "proposed"  #: one person wants it deleted; another decides
    CONFIRMED = "confirmed"  #: decided; a job deletes the files
    PURGED = "purged"


class RetainedKind(StrEnum):
    """What an item of a report is a file of."""

    DOCUMENT = "document"
    VOUCHER = "voucher"
    OLDER_VOUCHER = "older_voucher"  #: a newer one came in its place
    PRACTICE_SHEET = "practice_sheet"
    ATTACHMENT = "attachment"  #: proof of a change of data, evidence or statement of a blacklist entry
    CANCELLATION = "cancellation"  #: what a cancelled qualification rests on
    CERTIFICATE = "certificate"
    AUTHORISATION_PAPER = "authorisation_paper"  #: of a sub-centre: application, agreement, undertakings
