"""What a class publishes about its fees (C5): each item with its amount, its basis and whom it is for, and a phone."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from services.rules.errors import InvalidValueError
from services.rules.money import MAXIMUM_FEN
from services.rules.text import normalise

MOST_ITEMS: Final = 10
LONGEST_WORD: Final = 40
LONGEST_TEXT: Final = 200


@dataclass(frozen=True, kw_only=True)
class FeeItem:
    """收费项目 with 标准 (integer fen a `unit`), 依据 and 范围."""

    item: str
    amount_fen: int
    unit: str
    basis: str
    scope: str
    #: What has to be paid first: the training, or the exam.
    due_before: Literal["class", "sitting"] = "class"


@dataclass(frozen=True, kw_only=True)
class PublishedFees:
    """Everything that a class publishes about its fees; `hotline` is 监督电话."""

    items: tuple[FeeItem, ...]
    hotline: str


def checked(items: Sequence[FeeItem], hotline: str) -> PublishedFees:
    """The same, tidied up.

    Raises:
        InvalidValueError: `fees.none`, `fees.many` (`limit`), `fees.twice` (`item`), `fees.hotline`; with the number of
            the `row` from 1: `fees.item`, `fees.amount`, `fees.unit`, `fees.basis`, `fees.scope`.
    """
    if not items:
        raise InvalidValueError("fees.none")
    if len(items) > MOST_ITEMS:
        raise InvalidValueError("fees.many", limit=MOST_ITEMS)
    tidy = tuple(_item(item, row) for row, item in enumerate(items, start=1))
    names = [item.item for item in tidy]
    for name in names:
        if names.count(name) > 1:
            raise InvalidValueError("fees.twice", item=name)
    phone = normalise(hotline)
    if not 3 <= len(phone) <= LONGEST_WORD or not any(character.isdigit() for character in phone):
        raise InvalidValueError("fees.hotline")
    return PublishedFees(items=tidy, hotline=phone)


def _item(item: FeeItem, row: int) -> FeeItem:
    tidy = FeeItem(
        item=normalise(item.item),
        amount_fen=item.amount_fen,
        unit=normalise(item.unit),
        basis=normalise(item.basis),
        scope=normalise(item.scope),
        due_before=item.due_before,
    )
    faults = {
        "fees.item": not 0 < len(tidy.item) <= LONGEST_WORD,
        "fees.amount": not 0 <= tidy.amount_fen <= MAXIMUM_FEN,
        "fees.unit": not 0 < len(tidy.unit) <= LONGEST_WORD,
        "fees.basis": not 0 < len(tidy.basis) <= LONGEST_TEXT,
        "fees.scope": not 0 < len(tidy.scope) <= LONGEST_TEXT,
    }
    for code, is_so in faults.items():
        if is_so:
            raise InvalidValueError(code, row=row)
    return tidy
