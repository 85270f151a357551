"""Reading typed values out of a form; a value that is none names its label in the refusal."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from uuid import UUID

from aiohttp import web

from handlers.console.context import form, query_id, text
from services.errors import ServiceError
from services.rules import money
from services.rules.localtime import SHANGHAI


class FormError(ServiceError):
    """A field that cannot be read: `form.required`, `form.number`, `form.date`, `form.time`, `form.choice` (`label`)."""


def required(request: web.Request, name: str, label: str) -> str:
    """A text that may not be empty."""
    if not (given := text(request, name)):
        raise FormError("form.required", label=label)
    return given


def whole(request: web.Request, name: str, label: str) -> int:
    """A whole number from 0."""
    given = required(request, name, label)
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        raise FormError("form.number", label=label)
    return int(given)


def optional_whole(request: web.Request, name: str, label: str) -> int | None:
    """A whole number from 0, or None when empty."""
    return whole(request, name, label) if text(request, name) else None


def number(request: web.Request, name: str, label: str) -> Decimal:
    """A decimal number."""
    try:
        given = Decimal(required(request, name, label))
    except InvalidOperation as error:
        raise FormError("form.number", label=label) from error
    if not given.is_finite():
        raise FormError("form.number", label=label)
    return given


def amount_fen(request: web.Request, name: str, label: str) -> int:
    """An amount typed in yuan, in fen. Raises InvalidValueError too (`amount.…`)."""
    return money.parse(required(request, name, label))


def optional_amount_fen(request: web.Request, name: str, label: str) -> int | None:
    """An amount typed in yuan, in fen; None when empty."""
    return amount_fen(request, name, label) if text(request, name) else None


def day(request: web.Request, name: str, label: str) -> date:
    """A date of this century, as a browser's date field sends it."""
    try:
        given = date.fromisoformat(required(request, name, label))
    except ValueError as error:
        raise FormError("form.date", label=label) from error
    if not 2000 <= given.year < 2100:
        raise FormError("form.date", label=label)
    return given


def moment(request: web.Request, day_name: str, time_name: str, label: str) -> datetime:
    """A date and a time of day in Shanghai, aware, in UTC."""
    on = day(request, day_name, label)
    try:
        at = time.fromisoformat(required(request, time_name, label))
    except ValueError as error:
        raise FormError("form.time", label=label) from error
    return datetime.combine(on, at.replace(tzinfo=None), SHANGHAI).astimezone(UTC)


def lines(request: web.Request, name: str) -> tuple[str, ...]:
    """A text area, one item a line; empty lines don't count."""
    return tuple(line.strip() for line in text(request, name).splitlines() if line.strip())


def chosen_id(request: web.Request, name: str, label: str) -> UUID:
    """The id of what was chosen from a list."""
    found = query_id(text(request, name))
    if found is None:
        raise FormError("form.choice", label=label)
    return found


def one_of(request: web.Request, name: str, label: str, allowed: Iterable[str]) -> str:
    """One of these values, as they are kept. Raises FormError `form.choice`."""
    given = text(request, name)
    if given not in {str(value) for value in allowed}:
        raise FormError("form.choice", label=label)
    return given


def typed(request: web.Request) -> defaultdict[str, str]:
    """What was typed, to show it again in a form that was refused; empty for anything else."""
    return defaultdict(str, {name: value for name, value in form(request).items() if isinstance(value, str)})
