"""Which fee a bank transfer pays, by its remark and amount (A7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.rules.text import likeness, normalise


@dataclass(frozen=True, kw_only=True)
class Due:
    """One fee that somebody owes."""

    key: str
    #: What the transfer's remark must be, word for word.
    remark: str
    amount_fen: int


class Verdict(StrEnum):
    """What a transfer is to a person's fees."""

    EXACT = "exact"
    SHORT = "short"  #: less than due
    OVER = "over"  #: more than due
    REMARK_UNKNOWN = "remark_unknown"  #: the remark names none of the fees that are due


@dataclass(frozen=True, kw_only=True)
class TransferMatch:
    """The verdict; `fee_key` is the fee it pays, None when the remark names none.

    `difference_fen` is received minus due (negative: short), 0 without a fee.
    `nearest_key` is a fee that staff may have to choose by hand: same words with something around, or equal amount.
    """

    verdict: Verdict
    fee_key: str | None = None
    difference_fen: int = 0
    nearest_key: str | None = None


def match(remark: str, amount_fen: int, dues: Sequence[Due]) -> TransferMatch:
    """Match one transfer against what is due. The remark must be exact but for width and surrounding spaces.

    Raises ValueError when `amount_fen` is not positive.
    """
    if amount_fen <= 0:
        raise ValueError("a transfer is a positive amount")
    written = normalise(remark)
    named = [due for due in dues if normalise(due.remark) == written]
    if not named:
        return TransferMatch(verdict=Verdict.REMARK_UNKNOWN, nearest_key=_nearest(written, amount_fen, dues))
    due = next((due for due in named if due.amount_fen == amount_fen), named[0])
    difference = amount_fen - due.amount_fen
    verdict = Verdict.EXACT if difference == 0 else Verdict.SHORT if difference < 0 else Verdict.OVER
    return TransferMatch(verdict=verdict, fee_key=due.key, difference_fen=difference)


def _nearest(written: str, amount_fen: int, dues: Sequence[Due]) -> str | None:
    containing = [due for due in dues if normalise(due.remark) in written]
    if containing:
        return max(containing, key=lambda due: len(due.remark)).key
    alike = [due for due in dues if likeness(written, due.remark) >= 0.5]
    if alike:
        return max(alike, key=lambda due: likeness(written, due.remark)).key
    same_amount = [due for due in dues if due.amount_fen == amount_fen]
    return same_amount[0].key if len(same_amount) == 1 else None
