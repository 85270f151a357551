"""Reading an answer: from what was typed to the value that is kept, for every kind of field."""

import re
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from services.rules import (
    choices,
    dates,
    divisions,
    ethnicity,
    identity,
    lists,
    mail,
    masking,
    names,
    numbers,
    phone,
    tables,
)
from services.rules.errors import InvalidValueError
from services.rules.localtime import local_date
from services.rules.text import fold, length, normalise, tidied
from services.schemes.kept import values_of
from services.schemes.models import FieldKind, FormField

#: Province and county with their kinds, and nothing but hanzi: a division that our list of 2023 may not know.
_IN_FULL = re.compile(r"[\u4e00-\u9fff]{2,8}(?:省|自治区|市)[\u4e00-\u9fff]{1,20}(?:区|县|市|旗)")
_POSTCODE = re.compile(r"\d{6}")
_NO_ANSWERS: Mapping[str, str] = MappingProxyType({})


def read(
    field: FormField, typed: str | tables.Grid, *, today: date, answers: Mapping[str, str] = _NO_ANSWERS
) -> str:
    """The value to keep. `today` is the date in Shanghai; `answers` are those so far: a table is added to row by row,
    or given whole as a grid.

    Raises:
        InvalidValueError: the kind's own codes (`identity.…`, `mobile.…`, `name.…`, `date.…`); `identity.example`, the
            example itself; `choice.unknown` and `choice.ambiguous` (`suggestions`: labels joined by 、);
            `region.unknown`, `region.ambiguous` (`suggestions`), `region.county` (a province or city alone);
            `text.short`, `text.long` (`length`, `limit`); `ethnicity.unknown`; `long_text.short` (`length`, `limit`, `needed`),
            `long_text.long`; `postcode.format`. For a grid services.rules.tables.InvalidTableError.
    """
    if not isinstance(typed, str):
        return tables.fill_all(field, typed, answers)
    match field.kind:
        case FieldKind.NAME:
            return names.parse(typed)
        case FieldKind.IDENTITY_NUMBER:
            number = identity.parse(typed, today=today).number
            if number == field.example:
                raise InvalidValueError("identity.example")
            return number
        case FieldKind.MOBILE:
            return phone.parse(typed)
        case FieldKind.DATE:
            return dates.parse(typed).isoformat()
        case FieldKind.CHOICE:
            return _choice(field, typed)
        case FieldKind.REGION:
            return _region(typed)
        case FieldKind.TEXT:
            return ethnicity.parse(typed) if field.names == "ethnicity" else _text(field, typed)
        case FieldKind.LONG_TEXT:
            return _long_text(field, typed)
        case FieldKind.CHOICES:
            return lists.read(field, typed)
        case FieldKind.EMAIL:
            return mail.parse(typed)
        case FieldKind.NUMBER:
            return numbers.parse(typed, unit=field.unit, minimum=field.minimum, maximum=field.maximum)
        case FieldKind.POSTCODE:
            return _postcode(typed)
        case FieldKind.TABLE:
            return tables.fill(field, typed, answers)
        case FieldKind.DERIVED:
            raise ValueError(f"{field.key} is derived and cannot be answered")


def shown(field: FormField, value: str) -> str:
    """The value as people see it: choices by their labels, a date in words, a table line by line, a sensitive value
    masked. An optional answer that was skipped is empty.
    """
    if not value:
        return ""
    if field.kind is FieldKind.IDENTITY_NUMBER:
        return masking.identity_number(value)
    if field.kind is FieldKind.MOBILE:
        return masking.mobile(value)
    if field.kind is FieldKind.CHOICE:
        return _label(field, value)
    if field.kind is FieldKind.CHOICES:
        return "、".join(_label(field, item) for item in values_of(value))
    if field.kind is FieldKind.NUMBER:
        return f"{value}{field.unit}"
    if field.kind is FieldKind.TABLE:
        return tables.lines(field, value)
    if field.kind is FieldKind.DATE or field.source in ("submitted_on", "identity.birth_on"):
        return local_date(date.fromisoformat(value))
    return value


def derived(field: FormField, answers: dict[str, str], *, short_title: str, submitted_on: str) -> str:
    """The value of a derived field; empty while what it follows from is not there."""
    number = answers.get("identity_number", "")
    match field.source:
        case "identity.sex":
            return ("女" if int(number[16]) % 2 == 0 else "男") if number else ""
        case "identity.birth_on":
            return f"{number[6:10]}-{number[10:12]}-{number[12:14]}" if number else ""
        case "identity.age":
            return str(_age(number, date.fromisoformat(submitted_on))) if number else ""
        case "submitted_on":
            return submitted_on
        case "scheme.short_title":
            return short_title
        case None:
            return ""


def _choice(field: FormField, typed: str) -> str:
    answer = (choices.match_exact if field.exact else choices.match)(typed, field.options)
    if isinstance(answer, choices.Matched):
        return field.options[answer.index].value
    indices = answer.candidates if isinstance(answer, choices.Ambiguous) else answer.suggestions
    code = "choice.ambiguous" if isinstance(answer, choices.Ambiguous) else "choice.unknown"
    raise InvalidValueError(code, suggestions="、".join(field.options[index].label for index in indices))


def _region(typed: str) -> str:
    answer = divisions.resolve(typed)
    if isinstance(answer, divisions.Found):
        # A city without counties (Dongguan) is as far as one can go.
        if answer.division.level != "county" and divisions.below(answer.division):
            examples = "、".join(division.name for division in divisions.below(answer.division)[:4])
            raise InvalidValueError("region.county", region=answer.division.full, suggestions=examples)
        return answer.division.full
    if isinstance(answer, divisions.UnknownDivision) and _IN_FULL.fullmatch(written := normalise(typed)):
        # Divisions are renamed and made every year; a full name is taken at its word, and staff see it.
        return written
    candidates = answer.candidates if isinstance(answer, divisions.AmbiguousDivision) else answer.suggestions
    raise InvalidValueError(answer.code, suggestions="、".join(division.full for division in candidates[:5]))


def _label(field: FormField, value: str) -> str:
    return next((option.label for option in field.options if option.value == value), value)


def _age(number: str, day: date) -> int:
    """Full years on this day."""
    born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def _long_text(field: FormField, typed: str) -> str:
    value = "\n".join(line for line in map(tidied, typed.splitlines()) if line)
    written = length(value)
    if written < (limit := max(1, field.min_length)):
        raise InvalidValueError("long_text.short", length=written, limit=limit, needed=limit - written)
    if written > field.max_length:
        raise InvalidValueError("long_text.long", length=written, limit=field.max_length)
    return value


def _postcode(typed: str) -> str:
    value = fold(typed).removeprefix("邮编").lstrip(":")
    if not _POSTCODE.fullmatch(value):
        raise InvalidValueError("postcode.format")
    return value


def _text(field: FormField, typed: str) -> str:
    value = tidied(typed)
    if length(value) < max(1, field.min_length):
        raise InvalidValueError("text.short", length=length(value), limit=max(1, field.min_length))
    if len(value) > field.max_length:
        raise InvalidValueError("text.long", length=len(value), limit=field.max_length)
    return value
