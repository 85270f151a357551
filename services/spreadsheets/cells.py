"""Cells as what a person meant by them. A long number is never turned back into an identity number."""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation

from services.rules import dates
from services.rules.errors import InvalidValueError
from services.rules.text import normalise
from services.spreadsheets.models import Cell


def text_of(cell: Cell) -> str:
    """A cell as the text that a person meant: `10001.0` is 10001, `="520…"` and `'520…` are the digits."""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ", "minutes")
    if isinstance(cell, str):
        quoted = re.fullmatch(r'="(.*)"', cell.strip())
        return normalise(quoted[1] if quoted else cell.strip().removeprefix("'"))
    return str(cell)


def number_of(cell: Cell) -> Decimal:
    """A cell as an exact number. Raises InvalidValueError `number.empty`, `number.format`."""
    typed = text_of(cell).replace(",", "")
    if not typed:
        raise InvalidValueError("number.empty")
    if isinstance(cell, bool | date | time | timedelta):
        raise InvalidValueError("number.format")
    try:
        number = Decimal(typed)
    except InvalidOperation:
        raise InvalidValueError("number.format") from None
    if not number.is_finite() or abs(number) >= 10**9:
        raise InvalidValueError("number.format")
    return number


def date_of(cell: Cell) -> date:
    """A cell as a date. Raises InvalidValueError as `rules.dates.parse` does."""
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    return dates.parse(text_of(cell))
