"""Several choices at once: up to a limit, and of one type where the source says so (D5)."""

import re

from services.rules import choices
from services.rules.errors import InvalidValueError
from services.rules.text import fold, normalise
from services.schemes.kept import several
from services.schemes.models import FormField, Option

_BETWEEN = re.compile(r"[、,;/|\n]+")
_NUMBERS = re.compile(r"\d+(?:[\s、,;/|]+\d+)+")
_LONGEST_ITEM = 40


def read(field: FormField, typed: str) -> str:
    """The values to keep, as the text of a JSON list, in the order in which they were named, each once.

    `1、3`, `1 3`, labels and their abbreviations answer a list of options (without `exact`); a field without options
    takes what is written, item by item.

    Raises:
        InvalidValueError: `list.empty`, `list.many` (`count`, `limit`), `list.mixed` (`groups`), `list.long` (`item`,
            `limit`), or `choice.unknown` and `choice.ambiguous` (`item`, `suggestions`).
    """
    named = _with_options(field, typed) if field.options else _free(typed)
    chosen = tuple(dict.fromkeys(named))
    if not chosen:
        raise InvalidValueError("list.empty")
    if len(chosen) > field.max_choices:
        raise InvalidValueError("list.many", count=len(chosen), limit=field.max_choices)
    groups = dict.fromkeys(option.group for option in field.options if option.value in chosen)
    if field.same_group and len(groups) > 1:
        raise InvalidValueError("list.mixed", groups="、".join(groups))
    return several(chosen)


def _with_options(field: FormField, typed: str) -> list[str]:
    # `1 3` are two numbers, never 13.
    whole = choices.NotMatched(()) if _NUMBERS.fullmatch(normalise(typed)) else _meant(field, typed)
    if isinstance(whole, choices.Matched):
        return [field.options[whole.index].value]
    values = []
    for item in _items(typed, spaces=True):
        if "和" in item and not isinstance(_meant(field, item), choices.Matched):
            values += [value for part in item.split("和") if part for value in _with_options(field, part)]
            continue
        answer = _meant(field, item)
        if not isinstance(answer, choices.Matched):
            ambiguous = isinstance(answer, choices.Ambiguous)
            near = answer.candidates if isinstance(answer, choices.Ambiguous) else answer.suggestions
            raise InvalidValueError(
                "choice.ambiguous" if ambiguous else "choice.unknown",
                item=item,
                suggestions="、".join(field.options[index].label for index in near),
            )
        values.append(field.options[answer.index].value)
    return values


def _meant(field: FormField, typed: str) -> choices.Answer:
    options: tuple[Option, ...] = field.options
    return (choices.match_exact if field.exact else choices.match)(typed, options)


def _free(typed: str) -> list[str]:
    items = _items(typed, spaces=False)
    for item in items:
        if len(item) > _LONGEST_ITEM:
            raise InvalidValueError("list.long", item=item[:8], limit=_LONGEST_ITEM)
    return items


def _items(typed: str, *, spaces: bool) -> list[str]:
    text = "\n".join(normalise(line) for line in typed.splitlines())
    text = re.sub(r"\s+", "、", text) if spaces else text
    return [item.strip() for item in _BETWEEN.split(text) if fold(item)]
