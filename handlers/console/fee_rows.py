"""The rows of a form in which a class's fees are published (C5)."""

from collections import defaultdict
from typing import Final

from aiohttp import web

from handlers.console import forms
from handlers.console.context import text
from services.rules import money
from services.rules.published_fees import FeeItem, PublishedFees

#: Rows that the form shows.
ROWS: Final = (1, 2, 3, 4, 5)
_PARTS: Final = ("item", "amount", "unit", "basis", "scope")


def read(request: web.Request) -> PublishedFees | None:
    """What was typed; None when nothing was. Raises FormError, InvalidValueError (`amount.…`)."""
    rows = [row for row in ROWS if any(text(request, f"fee.{row}.{part}") for part in _PARTS)]
    hotline = text(request, "hotline")
    if not rows and not hotline:
        return None
    return PublishedFees(items=tuple(_item(request, row) for row in rows), hotline=hotline)


def _item(request: web.Request, row: int) -> FeeItem:
    def part(name: str, label: str) -> str:
        return forms.required(request, f"fee.{row}.{name}", f"第 {row} 行的{label}")

    return FeeItem(
        item=part("item", "收费项目"),
        amount_fen=forms.amount_fen(request, f"fee.{row}.amount", f"第 {row} 行的收费标准"),
        unit=part("unit", "单位"),
        basis=part("basis", "收费依据"),
        scope=part("scope", "收费范围"),
        due_before="sitting" if text(request, f"fee.{row}.due") == "sitting" else "class",
    )


def typed(published: PublishedFees | None) -> defaultdict[str, str]:
    """A publication as if it had been typed, to start the next one from."""
    given: defaultdict[str, str] = defaultdict(str)
    if published is None:
        return given
    for row, item in enumerate(published.items, start=1):
        given[f"fee.{row}.item"] = item.item
        given[f"fee.{row}.amount"] = money.format_yuan(item.amount_fen).removesuffix("元")
        given[f"fee.{row}.unit"] = item.unit
        given[f"fee.{row}.basis"] = item.basis
        given[f"fee.{row}.scope"] = item.scope
        given[f"fee.{row}.due"] = item.due_before
    given["hotline"] = published.hotline
    return given
