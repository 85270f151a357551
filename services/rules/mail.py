"""A mail address, as it is typed on a phone."""

import re

from services.rules.errors import InvalidValueError
from services.rules.text import normalise

_ADDRESS = re.compile(
    r"[A-Za-z0-9._%+\-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9\-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,24}"
)


def parse(typed: str) -> str:
    """The address with its domain in lower case; a Chinese full stop and spaces inside are put right.

    Raises:
        InvalidValueError: `email.empty`, `email.at` (no or several @), `email.format`.
    """
    written = normalise(typed).replace(" ", "").replace("。", ".").strip(".,;")
    if not written:
        raise InvalidValueError("email.empty")
    if written.count("@") != 1:
        raise InvalidValueError("email.at")
    if not _ADDRESS.fullmatch(written) or ".." in written:
        raise InvalidValueError("email.format")
    name, _, domain = written.partition("@")
    return f"{name}@{domain.lower()}"
