"""A number with its unit: years of work, times of assessing."""

import re
from decimal import Decimal

from services.rules.errors import InvalidValueError
from services.rules.text import fold

_HALF = Decimal("0.5")
_HAN = {character: value for value, character in enumerate("零一二三四五六七八九")} | {"两": 2, "〇": 0}
_WRITTEN = re.compile(
    r"(?:大?约|共|满|已|有)*(?P<digits>\d{1,6}(?:\.\d{1,2})?|[零〇一二两三四五六七八九十]{1,3}|(?=半))"
    r"(?P<before>半)?(?:多|余|来)?(?P<unit>[^\d半]{0,4}?)(?P<after>半)?(?:多|余)?(?:以上|左右)?"
)


def parse(typed: str, *, unit: str, minimum: Decimal | None = None, maximum: Decimal | None = None) -> str:
    """The number in plain digits (`10`, `2.5`): `10年`, `十年`, `两年半`, `10 年以上` all answer.

    Raises:
        InvalidValueError: `number.empty`, `number.format` (`unit`), `number.small` (`minimum`, `unit`), `number.large`
            (`maximum`, `unit`).
    """
    written = fold(typed)
    if not written:
        raise InvalidValueError("number.empty")
    found = _WRITTEN.fullmatch(written)
    if found is None or found["unit"] not in ("", "个", unit, f"个{unit}", "周年" if unit == "年" else unit):
        raise InvalidValueError("number.format", unit=unit)
    number = _value(found["digits"], unit)
    if found["before"] or found["after"]:
        number += _HALF
    if minimum is not None and number < minimum:
        raise InvalidValueError("number.small", minimum=plain(minimum), unit=unit)
    if maximum is not None and number > maximum:
        raise InvalidValueError("number.large", maximum=plain(maximum), unit=unit)
    return plain(number)


def plain(number: Decimal) -> str:
    """Without zeros that say nothing, and never in powers of ten."""
    return f"{number.normalize():f}"


def _value(digits: str, unit: str) -> Decimal:
    if not digits:
        return Decimal(0)
    if digits[0].isdigit():
        return Decimal(digits)
    tens, ten, units = digits.partition("十")
    if not ten:
        if len(digits) != 1:
            raise InvalidValueError("number.format", unit=unit)
        return Decimal(_HAN[digits])
    if "十" in units or len(tens) > 1 or len(units) > 1:
        raise InvalidValueError("number.format", unit=unit)
    return Decimal((_HAN[tens] if tens else 1) * 10 + (_HAN[units] if units else 0))
