"""Reasons that are written down: never empty, and never longer than anybody reads."""

from services.errors import ServiceError


def checked(text: str, *, most: int, missing: str, too_long: str) -> str:
    """The text without white space around it. Raises ServiceError `missing`, or `too_long` with the `limit`."""
    text = text.strip()
    if not text:
        raise ServiceError(missing)
    if len(text) > most:
        raise ServiceError(too_long, limit=most)
    return text
