"""Dates as people in China type them."""

import re
from datetime import date

from services.rules.errors import InvalidValueError
from services.rules.text import normalise

_SEPARATED = re.compile(r"(\d{1,4})\s*[-/.年、\s]\s*(\d{1,2})\s*[-/.月、\s]\s*(\d{1,2})\s*[日号]?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_MONTH_ONLY = re.compile(r"\d{4}\s*[-/.年、\s]\s*\d{1,2}\s*月?")
_DASHES = str.maketrans("‐‑‒–—−。", "------.")


def parse(text: str) -> date:
    """Read `2026-11-21`, `2026年11月21日`, `2026.11.21`, `2026/11/21`, `20261121`, full-width too; year first, always.

    Raises:
        InvalidValueError: `date.empty`; `date.day_missing` (a month only); `date.year` (a year of fewer than four
            digits); `date.impossible` (`year`, `month`, `day`: no such day); `date.format` (anything else).
    """
    typed = normalise(text).translate(_DASHES)
    if not typed:
        raise InvalidValueError("date.empty")
    found = _COMPACT.fullmatch(typed) or _SEPARATED.fullmatch(typed)
    if found is None:
        raise InvalidValueError("date.day_missing" if _MONTH_ONLY.fullmatch(typed) else "date.format")
    if len(found[1]) != 4:
        raise InvalidValueError("date.year")
    year, month, day = (int(part) for part in found.groups())
    try:
        return date(year, month, day)
    except ValueError:
        raise InvalidValueError("date.impossible", year=year, month=month, day=day) from None
