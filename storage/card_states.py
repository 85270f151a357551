"""The words that states of cards, their cancellations and of assignments are kept as."""

from enum import StrEnum


class CardState(StrEnum):
    """证卡; `expired` follows from its date and is never stored."""

    AWAITING_NUMBER = "awaiting_number"  #: 市 has told 省 that the person passed
    NUMBERED = "numbered"
    MADE = "made"
    HANDED_OUT = "handed_out"
    CANCELLED = "cancelled"
    CANCELLED_FOR_EVER = "cancelled_for_ever"


class CopyCause(StrEnum):
    """Why a card is printed anew under its number 补发、换发、复核; the copy before is void."""

    LOST = "lost"
    DAMAGED = "damaged"
    DATA_CHANGED = "data_changed"  #: a name or identity number was changed since (E8)
    RENEWED = "renewed"  #: 复核: in force for another term


class CancellationState(StrEnum):
    """取消资格"""

    PROPOSED = "proposed"  #: for ever, and nobody else has looked yet
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    LIFTED = "lifted"  #: taken back after an objection


class AssignmentState(StrEnum):
    """派遣"""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class ExaminerState(StrEnum):
    """One who was drawn for an assignment."""

    DRAWN = "drawn"
    DECLINED = "declined"  #: by the examiner, with a reason
    RELEASED = "released"  #: the card was cancelled, or the assignment was
    ATTENDED = "attended"
    ABSENT = "absent"
