"""The resident identity number (公民身份号码, GB 11643): 18 characters that say when and where, and check themselves."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from services.rules.errors import InvalidValueError
from services.rules.text import normalise

#: Weights of MOD 11-2 for the 17 digits before the check character (GB 11643-1999, 4.3; ISO 7064).
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"

MINIMUM_AGE = 16
MAXIMUM_AGE = 100

#: A double keeps 15 to 16 significant digits: a longer number in a spreadsheet has lost its tail.
_EXACT_DIGITS = 15

#: In a sentence (我的身份证号是…) the one long number is meant.
_LONG_RUN = re.compile(r"[0-9]{12,}X?")
_HAN = re.compile(r"[\u4e00-\u9fff]")
_SEPARATORS = re.compile(r"[\s\-‐‑‒–—−_.·]")


@dataclass(frozen=True, kw_only=True)
class IdentityNumber:
    """A number that passed every check; what it says of its bearer."""

    number: str
    birth_on: date
    sex: Literal["男", "女"]
    #: The county code of first registration: a hint, it may have been abolished since.
    division6: str

    def age_on(self, day: date) -> int:
        """Full years on `day`; a birthday counts from the day itself, 29 February's from 1 March in common years."""
        return _age(self.birth_on, day)

    def __repr__(self) -> str:
        return f"IdentityNumber({self.number[:3]}***********{self.number[-4:]})"


def parse(text: str, *, today: date) -> IdentityNumber:
    """Read a typed number: full-width, spaces, hyphens and a small x are forgiven, and so is a sentence around it.

    The region code is never a reason.

    Raises:
        InvalidValueError: `identity.empty` (no digit at all); `identity.characters` (`position`, 1-based: not a
            digit, or an X before the end); `identity.old_15` (a first-generation number); `identity.length`
            (`length`, `expected`); `identity.prefix` (`prefix`: the first two digits belong to no province);
            `identity.birth_date` (`first`, `last`: positions 7 to 14 are no day, or one to come);
            `identity.checksum`; `identity.age` (`age`, `minimum`, `maximum`).
    """
    number = _SEPARATORS.sub("", normalise(text)).upper()
    if len(runs := _LONG_RUN.findall(number)) == 1 and _HAN.search(number):
        number = runs[0]
    if not any(character.isdigit() for character in number):
        raise InvalidValueError("identity.empty")
    for position, character in enumerate(number, start=1):
        if not ("0" <= character <= "9" or (character == "X" and position == len(number))):
            raise InvalidValueError("identity.characters", position=position)
    if len(number) == 15 and number.isdigit():
        raise InvalidValueError("identity.old_15", length=15, expected=18)
    if len(number) != 18:
        raise InvalidValueError("identity.length", length=len(number), expected=18)
    if not _possible_prefix(int(number[:2])):
        raise InvalidValueError("identity.prefix", prefix=number[:2])
    birth_on = _birth(number[6:14], today)
    if check_character(number[:17]) != number[17]:
        raise InvalidValueError("identity.checksum")
    age = _age(birth_on, today)
    if not MINIMUM_AGE <= age <= MAXIMUM_AGE:
        raise InvalidValueError("identity.age", age=age, minimum=MINIMUM_AGE, maximum=MAXIMUM_AGE)
    return IdentityNumber(
        number=number, birth_on=birth_on, sex="男" if int(number[16]) % 2 else "女", division6=number[:6]
    )


def check_character(digits: str) -> str:
    """The 18th character for 17 digits (MOD 11-2): 0–9 or X."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=True))
    return _CHECK_CHARACTERS[total % 11]


def looks_rounded(value: object) -> bool:
    """Whether a spreadsheet cell held a long number as a number, so that its last digits are lost or doubtful.

    True for int, float and Decimal of 16 digits or more, and for text in exponent form (`5.20102E+17`).
    Such a cell is a row error; it is never turned back into text.
    """
    if isinstance(value, bool):
        return False
    if isinstance(value, int | float | Decimal):
        return bool(abs(value) >= 10**_EXACT_DIGITS)
    if isinstance(value, str):
        found = re.fullmatch(r"[+-]?\d+(?:\.\d*)?[eE]\+?(\d+)", normalise(value))
        return found is not None and int(found[1]) >= _EXACT_DIGITS
    return False


def _possible_prefix(prefix: int) -> bool:
    return 11 <= prefix <= 65 or prefix == 71 or 81 <= prefix <= 83 or 90 <= prefix <= 99


def _birth(digits: str, today: date) -> date:
    try:
        day = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        raise InvalidValueError("identity.birth_date", first=7, last=14) from None
    if day > today:
        raise InvalidValueError("identity.birth_date", first=7, last=14)
    return day


def _age(birth_on: date, day: date) -> int:
    return day.year - birth_on.year - ((day.month, day.day) < (birth_on.month, birth_on.day))
