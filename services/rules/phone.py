"""Mainland mobile numbers."""

import re

import phonenumbers

from services.rules.errors import InvalidValueError
from services.rules.text import normalise

#: In a sentence (我的手机号是…) the one long number is meant.
_LONG_RUN = re.compile(r"\+?[0-9]{7,}")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_SEPARATORS = re.compile(r"[\s\-‐‑‒–—−_.()·]")


def parse(text: str) -> str:
    """The 11 digits of a typed mobile number; +86, 0086, spaces, hyphens, full-width digits, a sentence are forgiven.

    Raises:
        InvalidValueError: `mobile.empty` (no digit at all); `mobile.characters` (`position`, 1-based, separators not counted);
            `mobile.foreign` (`country`: calling code of another country or region); `mobile.length` (`length`,
            `expected`); `mobile.landline`; `mobile.unknown` (11 digits, but no such mobile range).
    """
    typed = _SEPARATORS.sub("", normalise(text))
    if len(runs := _LONG_RUN.findall(typed)) == 1 and _HAN.search(typed):
        typed = runs[0]
    if not any(character.isdigit() for character in typed):
        raise InvalidValueError("mobile.empty")
    for position, character in enumerate(typed, start=1):
        if not ("0" <= character <= "9" or (character == "+" and position == 1)):
            raise InvalidValueError("mobile.characters", position=position)
    if typed.startswith("00"):
        typed = "+" + typed[2:]
    elif typed.startswith("86") and len(typed) == 13:
        typed = "+" + typed
    try:
        number = phonenumbers.parse(typed, "CN")
    except phonenumbers.NumberParseException:
        raise InvalidValueError("mobile.length", length=len(typed.lstrip("+")), expected=11) from None
    if number.country_code != 86:
        raise InvalidValueError("mobile.foreign", country=number.country_code or 0)
    kind = phonenumbers.number_type(number)
    if kind in (phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE):
        return str(number.national_number)
    if kind != phonenumbers.PhoneNumberType.UNKNOWN and not typed.removeprefix("+86").startswith("1"):
        raise InvalidValueError("mobile.landline")
    digits = typed.removeprefix("+86").lstrip("+")
    if len(digits) != 11:
        raise InvalidValueError("mobile.length", length=len(digits), expected=11)
    raise InvalidValueError("mobile.unknown")
