"""Words that staff write about people: not empty, not endless, and without an identity number in them."""

import re

from services.rules.errors import InvalidValueError
from services.rules.identity import check_character
from services.rules.text import normalise

_CANDIDATE = re.compile(r"(?<!\d)\d{17}[\dXx](?![\dXx])")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")
_BETWEEN = re.compile(r"(?<=\d)[\s-]+(?=[\dXx])")


def as_written(text: str) -> str:
    """The words as somebody wrote them: only empty lines, outer spaces and control characters are gone."""
    lines = (_CONTROL.sub("", line).strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line)


#: Of an explanation: fewer letters say nothing.
SHORTEST = 4


def explanation(text: str, *, most: int, label: str) -> str:
    """As `reason`, and it says something: letters or hanzi, not one of them again and again.

    Raises: InvalidValueError as `reason`, and `words.short` (`label`, `minimum`).
    """
    value = reason(text, most=most, label=label)
    letters = [character for character in value if character.isalpha()]
    if len(letters) < SHORTEST or len(set(letters)) < 2:
        raise InvalidValueError("words.short", label=label, minimum=SHORTEST)
    return value


def reason(text: str, *, most: int, label: str) -> str:
    """The text, trimmed, with its line breaks. The number of a diploma, as long as an identity number, passes.

    Raises:
        InvalidValueError: `words.empty` (`label`), `words.long` (`label`, `limit`), `words.identity_number` (`label`):
            what is written goes into logs and messages.
    """
    value = as_written(text)
    if not value:
        raise InvalidValueError("words.empty", label=label)
    if len(value) > most:
        raise InvalidValueError("words.long", label=label, limit=most)
    for found in _CANDIDATE.findall(_BETWEEN.sub("", normalise(value))):
        if check_character(found[:17]) == found[17].upper() and found[6:8] in ("19", "20"):
            raise InvalidValueError("words.identity_number", label=label)
    return value
