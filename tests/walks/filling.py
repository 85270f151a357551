"""A complete set of answers for any scheme, made from what its file says: a new scheme needs no line here."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Final

from services.rules import tables
from services.rules.answers import read
from services.schemes.kept import several
from services.schemes.models import FieldKind, FormField, Scheme
from tests import factories

#: Answers with which one may apply in the built-in schemes, by the key of the field; the rest comes from the file.
_ELIGIBLE: Final[Mapping[str, str]] = {
    "education": "大学本科",
    "title_level": "高级",
    "qualification_level": "高级技师",
    "trade_years": "12",
    "work_years": "10",
    "route": "class",
}
_SENTENCE: Final = "从事本职业的工作和评价多年。"


def answers(scheme: Scheme, *, today: date, name: str, number: str, choice: int = 0) -> dict[str, str]:
    """Field key → value as it is kept. `choice` says which option is taken where nothing else decides."""
    given = dict[str, str]()
    for field in scheme.fields:
        if not field.asked or (field.when is not None and not field.when.holds(given)):
            continue
        match field.kind:
            case FieldKind.NAME:
                value = name
            case FieldKind.IDENTITY_NUMBER:
                value = number
            case FieldKind.MOBILE:
                value = factories.MOBILE
            case FieldKind.CHOICE:
                value = _option(field, choice)
            case FieldKind.CHOICES if field.options:
                value = several((field.options[choice % len(field.options)].value,))
            case FieldKind.LONG_TEXT:
                value = _SENTENCE * (field.min_length // len(_SENTENCE) + 1)
            case FieldKind.TABLE:
                cells = {column.key: column.example for column in field.columns}
                value = json.dumps(dict.fromkeys(tables.row_names(field, given), cells), ensure_ascii=False)
            case _:
                typed = _ELIGIBLE.get(field.key) or field.example or "示例"
                value = read(field, typed, today=today, answers=given)
        given[field.key] = value
    return given


def _option(field: FormField, choice: int) -> str:
    values = [option.value for option in field.options]
    wanted = _ELIGIBLE.get(field.key, "")
    return wanted if wanted in values else values[choice % len(values)]
