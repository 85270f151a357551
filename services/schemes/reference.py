"""The reference of scheme files in `docs/schemes.md`: every part and key, read off the models, with values of shipped files."""

import inspect
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, Final

from pydantic.fields import FieldInfo

from services.schemes import shape
from services.schemes.loader import SchemeCatalogue
from services.schemes.models import Scheme
from services.schemes.parameters import Parameter, Value
from services.schemes.parts import Part

#: What stands before the reference in the document; what stands behind is replaced by `zhengtu schemes reference --into FILE`.
MARKER: Final = "<!-- What follows is made by `zhengtu schemes reference --into docs/schemes.md`. -->"

#: Keys that mean the same wherever no comment says otherwise.
_EVERYWHERE: Final[Mapping[str, str]] = {
    "key": "By what other places of the file name it.",
    "label": "What people read.",
    "title": "What people read above it.",
    "text": "What people read, word for word.",
    "help": "One line under the question.",
    "example": "An example under the question.",
    "aliases": "Other words that mean it.",
    "when": "Only for those of whom this holds; without it, for everybody.",
    "required": "Whether it has to be there.",
    "kind": "Of which kind it is; decides which other keys may be written.",
    "statement": "A sentence of the source, shown word for word.",
    "field": "Key of the field that is looked at.",
    "organisation_kind": "Kind of organisation that decides it.",
    "name": "What it is called.",
}
_LONGEST_EXAMPLE: Final = 70


def parts() -> Mapping[type[Part], tuple[str, ...]]:
    """Every part, in the order in which a reader meets it, and where it stands: `[[fields]]`, `[exam]`."""
    found: dict[type[Part], list[str]] = {Scheme: []}
    waiting: list[tuple[type[Part], str]] = [(Scheme, "")]
    while waiting:
        part, path = waiting.pop(0)
        for name, field in part.model_fields.items():
            place = f"{path}.{name}".lstrip(".")
            many = shape.listed(field.annotation) is not None
            for inner in shape.parts_in(field.annotation):
                if inner not in found:
                    waiting.append((inner, place))
                found.setdefault(inner, []).append(f"[[{place}]]" if many else f"[{place}]")
    for part, place in ((Parameter, "[[parameters]]"), (Value, "[[parameters.values]]")):
        found[part] = [place]
    return {part: tuple(dict.fromkeys(places)) for part, places in found.items()}


def meaning(part: type[Part], name: str) -> str:
    """What the model's comment says of a key; empty where nothing is known."""
    return _comments(part).get(name) or _EVERYWHERE.get(name, "")


def written(catalogue: SchemeCatalogue) -> str:
    """The whole reference, as Markdown."""
    known = parts()
    used = _values(catalogue)
    return "\n".join([MARKER, "", *(line for part in known for line in _section(part, known, used)), ""])


def _section(
    part: type[Part], known: Mapping[type[Part], Sequence[str]], used: Mapping[tuple[type[Part], str], str]
) -> Iterator[str]:
    places = known[part]
    more = f" and {len(places) - 4} more places" if len(places) > 4 else ""
    yield f"### {part.__name__}"
    yield ""
    if places:
        yield f"At {', '.join(f'`{place}`' for place in places[:4])}{more}. {_cleaned(_summary(part))}"
    else:
        yield f"The top of the file. {_cleaned(_summary(part))}"
    yield ""
    yield "| key | what is written | without it | meaning | example |"
    yield "|---|---|---|---|---|"
    for name, field in part.model_fields.items():
        example = used.get((part, name)) or shape.expected(field, name)[1]
        cells = (
            f"`{name}`",
            _type(field.annotation, shape.pattern_in(field)) + _limits(field),
            _default(field),
            _cleaned(meaning(part, name)),
            f"`{example}`",
        )
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
    yield ""


def _summary(part: type[Part]) -> str:
    return " ".join((inspect.getdoc(part) or "").split())


@cache
def _comments(part: type[Part]) -> Mapping[str, str]:
    """Key → the `#:` lines above it, of the class and those that it is made of."""
    found: dict[str, str] = {}
    lines: list[str] = []
    for line in inspect.getsource(part).splitlines():
        stripped = line.strip()
        if stripped.startswith("#:"):
            lines.append(stripped.removeprefix("#:").strip())
            continue
        if lines and (key := re.match(r"([a-z_]+):", stripped)):
            found[key[1]] = " ".join(lines)
        lines = []
    return found


def _cleaned(text: str) -> str:
    return text.replace("\n", " ")


def _type(annotation: Any, pattern: str | None) -> str:
    item = shape.listed(annotation)
    if item is not None:
        return f"list: {_type(item, None)}"
    if inside := tuple(shape.parts_in(annotation)):
        return " or ".join(f"[{part.__name__}](#{part.__name__.lower()})" for part in inside)
    if words := [word for word in shape.words_of(annotation) if word]:
        return "one of " + ", ".join(f"`{word}`" for word in words)
    if getattr(annotation, "__origin__", None) is dict:
        return "names and lists of text"
    if found := pattern or shape.pattern_of(annotation):
        return f"text `{found}`"
    return {str: "text", bool: "`true` or `false`", int: "whole number", Decimal: "number"}[
        shape.simple(annotation)
    ]


_LIMITS: Final = {
    "ge": "≥ {}", "gt": "> {}", "le": "≤ {}", "lt": "< {}", "min_length": "at least {}", "max_length": "at most {}",
}  # fmt: skip


def _limits(field: FieldInfo) -> str:
    limits = [_LIMITS[name].format(value) for mark in field.metadata for name, value in shape.limits_of(mark)]
    limits = [limit for limit in dict.fromkeys(limits) if limit != "at least 1"]
    return f" ({', '.join(limits)})" if limits else ""


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**has to be there**"
    default = field.get_default(call_default_factory=True)
    if default is None or default == "" or default == () or default == {}:
        return "none"
    return "its own defaults" if isinstance(default, Part) else f"`{_literal(default)}`"


def _values(catalogue: SchemeCatalogue) -> Mapping[tuple[type[Part], str], str]:
    """A value of every key that a shipped file uses: the first that is short and not the default."""
    found: dict[tuple[type[Part], str], str] = {}
    for scheme in sorted(catalogue.values(), key=lambda item: item.ref):
        _collect(scheme, found)
    return found


def _collect(part: Part, found: dict[tuple[type[Part], str], str]) -> None:
    kind = type(part)
    for name, field in kind.model_fields.items():
        value = getattr(part, name)
        inner = value if isinstance(value, tuple) else (value,)
        if any(isinstance(item, Part) for item in inner):
            for item in inner:
                _collect(item, found)
            continue
        if value is None or value == "" or value == () or (kind, name) in found:
            continue
        if not field.is_required() and value == field.get_default(call_default_factory=True):
            continue
        literal = _literal(value)
        if len(literal) <= _LONGEST_EXAMPLE:
            found[kind, name] = literal


def _literal(value: Any) -> str:
    """As TOML writes it."""
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return json.dumps(str(value), ensure_ascii=False)
        case tuple():
            return f"[{', '.join(map(_literal, value))}]"
        case dict():
            return f"{{ {', '.join(f'{key} = {_literal(item)}' for key, item in value.items())} }}"
        case _:
            return str(value)
