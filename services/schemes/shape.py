"""The shape of a scheme file, read off its models: which part stands at a place, which keys it has, what each may be."""

import types
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import StringConstraints
from pydantic.fields import FieldInfo

from services.schemes.parts import Part

#: What is written where a value of this type is expected, with an example.
_SIMPLE: Final[Mapping[type, tuple[str, str]]] = {
    str: ("双引号里的文字", '"文字"'),
    bool: ("true 或 false", "true"),
    int: ("整数，不加引号", "30"),
    Decimal: ("数，不加引号", "60"),
}

#: Patterns of the models in words, with an example.
PATTERNS: Final[Mapping[str, tuple[str, str]]] = {
    r"^[a-z][a-z0-9_]{0,39}$": ("以小写字母开头，只用小写字母、数字和 _，最多 40 个字符", '"work_years"'),
    r"^[a-z0-9][a-z0-9-]{1,59}$": ("2 到 60 个字符，只用小写字母、数字和 -", '"first-aider"'),
    r"^[0-9A-Za-z.\-]{1,20}$": ("1 到 20 个字符，只用数字、字母、. 和 -", '"2026.1"'),
    r"^[A-Z0-9]{2,12}$": ("2 到 12 个大写字母或数字", '"JHZ"'),
    r"^[A-Z0-9]{0,8}$": ("最多 8 个大写字母或数字", '"CQC"'),
}


def parts_in(annotation: Any) -> Iterator[type[Part]]:
    """The parts that a value of this type may be or hold."""
    if isinstance(annotation, type) and issubclass(annotation, Part):
        yield annotation
        return
    for inner in get_args(annotation):
        if get_origin(annotation) is not Literal:
            yield from parts_in(inner)


def part_at(root: type[Part], loc: Sequence[int | str]) -> type[Part] | None:
    """The part that stands at `loc` (pydantic's: keys, indices, tags of `kind`), None where none or several can."""
    here: tuple[type[Part], ...] = (root,)
    for step in loc:
        if isinstance(step, int):
            continue
        tagged = tuple(part for part in here if tag_of(part) == step)
        held = [part.model_fields[step].annotation for part in here if step in part.model_fields]
        here = tagged if tagged and not held else tuple(dict.fromkeys(p for a in held for p in parts_in(a)))
    return here[0] if len(here) == 1 else None


def field_at(root: type[Part], loc: Sequence[int | str]) -> FieldInfo | None:
    """The key that `loc` ends with; behind it may stand indices, and names in a table of free names."""
    steps = list(loc)
    while steps:
        part = part_at(root, steps[:-1])
        if part is not None and steps[-1] in part.model_fields:
            return part.model_fields[str(steps[-1])]
        steps.pop()
    return None


def tag_of(part: type[Part]) -> str | None:
    """The value of `kind` that tells this part from its neighbours."""
    kind = part.model_fields.get("kind")
    words = get_args(kind.annotation) if kind is not None and get_origin(kind.annotation) is Literal else ()
    return str(words[0]) if len(words) == 1 else None


def words_of(annotation: Any) -> tuple[str, ...]:
    """The words of which the value is one; none where it is free."""
    if get_origin(annotation) is Literal:
        return tuple(str(word) for word in get_args(annotation))
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return tuple(annotation)
    if get_origin(annotation) in (types.UnionType, Union, Annotated):
        return tuple(word for inner in get_args(annotation) for word in words_of(inner))
    return ()


def listed(annotation: Any) -> Any:
    """The type of the items where it is a list, else None."""
    for inner in (annotation, *_alternatives(annotation)):
        if get_origin(inner) is tuple:
            return get_args(inner)[0]
    return None


def pattern_of(annotation: Any) -> str | None:
    """The pattern that a text has to match."""
    for inner in (annotation, *_alternatives(annotation)):
        for mark in getattr(inner, "__metadata__", ()):
            if isinstance(mark, StringConstraints) and mark.pattern is not None:
                return str(mark.pattern)
    return None


def simple(annotation: Any) -> type:
    """str, bool, int or Decimal: of what the value is made."""
    for inner in (annotation, *_alternatives(annotation)):
        base = get_args(inner)[0] if get_origin(inner) is Annotated else inner
        if base in _SIMPLE:
            return base  # type: ignore[no-any-return]
    return str


def expected(field: FieldInfo, place: str) -> tuple[str, str]:
    """What is written here, in Chinese, and an example of the value; `place` is where, as `routes.conditions`."""
    return _expected(field.annotation, place, pattern_in(field), _number_in(field))


def _expected(annotation: Any, place: str, pattern: str | None, number: str | None) -> tuple[str, str]:
    item = listed(annotation)
    if item is not None and (inside := tuple(parts_in(item))):
        return f"若干项，每项写成 [[{place}]] 或 {{ … }}", f"[{_example_of(inside[0])}]"
    if item is not None:
        what, example = _expected(item, place, None, _number_in(FieldInfo.from_annotation(item)))
        return f"方括号里的列表，每项是{what}", f"[{example}]"
    if inside := tuple(parts_in(annotation)):
        return f"一个表，写成 [{place}] 或 {{ … }}", _example_of(inside[0])
    if words := [word for word in words_of(annotation) if word]:
        return f"其中之一：{'、'.join(words)}", f'"{words[0]}"'
    if found := pattern or pattern_of(annotation):
        return PATTERNS[found]
    if get_origin(annotation) is dict:
        return f"一个表 [{place}]，每行是 名称 = 列表", '{ education = ["大学专科", "大学本科"] }'
    kind = simple(annotation)
    what, example = _SIMPLE[kind]
    return what, (number or example) if kind in (int, Decimal) else example


def _example_of(part: type[Part]) -> str:
    lines = [
        f"{name} = {expected(field, name)[1]}"
        for name, field in part.model_fields.items()
        if field.is_required()
    ]
    return f"{{ {', '.join(lines)} }}" if lines else "{ … }"


def _number_in(field: FieldInfo) -> str | None:
    """A number that the key's limits allow."""
    if isinstance(field.default, int | Decimal) and not isinstance(field.default, bool):
        return str(field.default)
    limits = {name: value for mark in field.metadata for name, value in limits_of(mark)}
    if "ge" in limits or "gt" in limits:
        least = limits["ge"] if "ge" in limits else limits["gt"] + 1
        return str(max(least, min(30, limits.get("le", 30))))
    return None


def limits_of(mark: object) -> Iterator[tuple[str, Any]]:
    """The limits that a mark of a key sets: `ge`, `gt`, `le`, `lt`, `min_length`, `max_length`."""
    for name in ("ge", "gt", "le", "lt", "min_length", "max_length"):
        if (value := getattr(mark, name, None)) is not None:
            yield name, value


def pattern_in(field: FieldInfo) -> str | None:
    """The pattern that a key's own text has to match."""
    for mark in field.metadata:
        if (found := getattr(mark, "pattern", None)) is not None:
            return str(found)
    return pattern_of(field.annotation)


def _alternatives(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation) if get_origin(annotation) in (types.UnionType, Union, Annotated) else ()
