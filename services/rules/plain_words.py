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
