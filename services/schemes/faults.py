"""What is wrong in a scheme file, said so that a newcomer can put it right: what, what is expected, an example."""

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, Final

from services.schemes import shape
from services.schemes.parts import MisplacedError, Part

_Limits = Mapping[str, Any]

#: Type of pydantic's error → what is wrong, from its context and input.
_WRONG: Final[Mapping[str, Callable[[_Limits, Any], str]]] = {
    "greater_than": lambda ctx, _: f"要大于 {ctx['gt']}",
    "greater_than_equal": lambda ctx, _: f"不能小于 {ctx['ge']}",
    "less_than": lambda ctx, _: f"要小于 {ctx['lt']}",
    "less_than_equal": lambda ctx, _: f"不能大于 {ctx['le']}",
    "too_short": lambda ctx, _: f"至少写 {ctx['min_length']} 项，现在有 {ctx['actual_length']} 项",
    "too_long": lambda ctx, given: f"最多写 {ctx['max_length']} 项，现在有 {len(given)} 项",
    "string_too_short": lambda _, given: "不能是空的" if not given else "写得太短",
    "string_too_long": lambda ctx, _: f"最多 {ctx['max_length']} 个字",
    "string_pattern_mismatch": lambda *_: "写法不对",
    "literal_error": lambda *_: "没有这个选项",
    "enum": lambda *_: "没有这个选项",
    "union_tag_invalid": lambda *_: "kind 没有这个选项",
    "union_tag_not_found": lambda *_: "缺少 kind",
    "int_from_float": lambda *_: "要写整数，不能有小数",
    "finite_number": lambda *_: "要写有限的数",
    "string_type": lambda *_: "要写文字",
    "int_type": lambda *_: "要写整数",
    "int_parsing": lambda *_: "要写整数",
    "int_parsing_size": lambda *_: "这个数太大",
    "bool_type": lambda *_: "要写 true 或 false",
    "bool_parsing": lambda *_: "要写 true 或 false",
    "decimal_type": lambda *_: "要写数",
    "decimal_parsing": lambda *_: "要写数",
    "tuple_type": lambda *_: "要写成列表",
    "dict_type": lambda *_: "要写成一个表",
    "model_type": lambda *_: "要写成一个表",
    "model_attributes_type": lambda *_: "要写成一个表",
}

#: The errors that are told in words of their own.
KNOWN: Final = frozenset(_WRONG)

#: How the parser of TOML begins what it says, and how we say it.
_TOML: Final = (
    (r"Cannot overwrite a value", "这个键（或表）前面已经写过，一个键只能写一次"),
    (r"Cannot declare .* twice|Cannot redefine namespace", "这个表前面已经写过；列表的每一项要写成两层方括号，例如 [[fields]]"),
    (r"Cannot mutate immutable namespace", "这个表前面已经用 { … } 或 [ … ] 写完，不能再添加"),
    (r"Duplicate inline table key", "花括号里同一个键写了两次"),
    (r"Expected '=' after a key", '键的后面要写 = 和值，例如 title = "标题"'),
    (r"Expected newline or end of document", "一行只能写一个键；值的后面多了内容"),
    (r"Expected '\]+' at the end of a(?: table|n array) declaration", "表头的方括号没有写完，例如 [roles] 或 [[fields]]"),
    (r"Unclosed array", "列表的方括号 ] 没有写，或两项之间少了逗号"),
    (r"Unclosed inline table", "花括号 } 没有写，或两项之间少了逗号"),
    (r"Unterminated string|Expected ['\"]|Illegal character", "文字的双引号没有写完；多行文字用三个双引号"),
    (r"Unescaped '\\\\'|Invalid hex value|Escaped character", "双引号里的 \\ 要写成 \\\\"),
    (r"Invalid value", '值的写法不对：文字要用英文双引号，例如 title = "标题"；数和 true、false 不用'),
    (r"Invalid date or datetime", '没有这个日期；日期也写成文字，例如 "2026-05-08"'),
    (r"Invalid initial character for a key part|Invalid statement", "行首应是键或表头；键只用小写字母、数字和 _"),
)  # fmt: skip
_AT = re.compile(r"\(at (?:line (\d+), column (\d+)|end of document)\)$")


def nearest(word: str, known: Sequence[str]) -> str:
    """`（是不是“label”？）` where one of the known words is much like it, else nothing."""
    near = get_close_matches(word, known, n=1, cutoff=0.6)
    return f"（是不是“{near[0]}”？）" if near else ""


def syntax(text: str, error: tomllib.TOMLDecodeError) -> tuple[str, str]:
    """(place, what is wrong) of a text that is no TOML, with its line as it is written."""
    said = str(error)
    found = _AT.search(said)
    lines = text.splitlines() or [""]
    number = int(found[1]) if found is not None and found[1] else len(lines)
    column = f"第 {found[2]} 列" if found is not None and found[2] else "（文件末尾）"
    wrong = next((ours for theirs, ours in _TOML if re.match(theirs, said)), "写法不合 TOML 的规则")
    # What is never closed is noticed at the beginning of a later line.
    line = next(
        (lines[n - 1].strip() for n in range(min(number, len(lines)), 0, -1) if lines[n - 1].strip()), ""
    )
    return f"第 {number} 行{column}", f"{wrong}（这一行：{line[:60]}）"


def encoding(raw: bytes, error: UnicodeDecodeError) -> tuple[str, str]:
    """(place, what is wrong) of a file that is not UTF-8."""
    number = raw.count(b"\n", 0, error.start) + 1
    return f"第 {number} 行", "不是 UTF-8 编码；请在编辑器里另存为 UTF-8"


def place(document: Any, loc: Sequence[int | str]) -> str:
    """`fields[3] "phone".kind` instead of bare indices; tags of a condition are left out."""
    words: list[str] = []
    here = document
    for step in loc:
        if isinstance(step, int):
            here = here[step] if isinstance(here, list) and step < len(here) else None
            named = f' "{here["key"]}"' if isinstance(here, dict) and "key" in here else ""
            words[-1] += f"[{step + 1}]{named}"
        elif isinstance(here, dict) and step not in here and here.get("kind") == step:
            continue
        else:
            here = here.get(step) if isinstance(here, dict) else None
            words.append(step)
    return ".".join(words)


def all_told(root: type[Part], document: Any, wrong: Sequence[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """What is wrong, one after the other. A list is not called too short because its items are wrong."""
    places = [tuple(fault["loc"]) for fault in wrong]
    return [
        told(root, document, fault)
        for fault, loc in zip(wrong, places, strict=True)
        if fault["type"] != "too_short" or not any(len(o) > len(loc) and o[: len(loc)] == loc for o in places)
    ]


def told(root: type[Part], document: Any, fault: Mapping[str, Any]) -> tuple[str, str]:
    """(place, what is wrong) of one of pydantic's errors."""
    loc, kind = tuple(fault["loc"]), fault["type"]
    if kind == "value_error":
        error = fault["ctx"]["error"]
        where = place(document, loc)
        if isinstance(error, MisplacedError):
            where = ".".join(part for part in (where, error.place) if part)
        return where or "文件", str(error)
    where = place(document, loc)
    if kind == "extra_forbidden":
        return where, _unknown_key(root, document, loc)
    what, example = _expected(root, loc)
    wanted = f"这里写：{what}，例如 {example}" if what else ""
    if kind == "missing":
        return where, "；".join(part for part in ("缺少这一项", wanted) if part)
    tag = fault["ctx"]["expected_tags"] if kind == "union_tag_invalid" else ""
    if kind in ("union_tag_invalid", "union_tag_not_found"):
        words = re.findall(r"'([^']+)'", tag) or _tags(root, loc)
        given = fault["ctx"].get("tag", "")
        return (
            where,
            f"{_WRONG[kind]({}, None)}{nearest(given, words)}；可以写：{'、'.join(words)}；例如 {{ {_first(root, loc)} }}",
        )
    wrong = _WRONG.get(kind, _merely_wrong)(fault.get("ctx", {}), fault["input"])
    near = nearest(str(fault["input"]), _words(root, loc)) if kind in ("literal_error", "enum") else ""
    now = "" if kind in ("too_short", "too_long") else f"（现在是 {_shown(fault['input'])}）"
    return where, "；".join(part for part in (f"{wrong}{now}{near}", wanted) if part)


def _merely_wrong(_limits: _Limits, _given: Any) -> str:
    return "写得不对"


def _unknown_key(root: type[Part], document: Any, loc: Sequence[int | str]) -> str:
    part = shape.part_at(root, loc[:-1])
    known = list(part.model_fields) if part is not None else []
    if not known:
        return "不认识的键"
    here: Any = document
    for step in loc[:-1]:
        inside = isinstance(here, dict) and step in here
        here = here[step] if inside or isinstance(here, list) else here
    free = [key for key in known if not isinstance(here, dict) or key not in here]
    near = nearest(str(loc[-1]), free) or nearest(str(loc[-1]), known)
    return f"不认识的键{near or ''}；这里可以写：{'、'.join(known)}"


def _expected(root: type[Part], loc: Sequence[int | str]) -> tuple[str, str]:
    field = shape.field_at(root, loc)
    if field is None:
        return "", ""
    path = ".".join(str(step) for step in loc if isinstance(step, str))
    name = next(str(step) for step in reversed(loc) if isinstance(step, str))
    what, example = shape.expected(field, path)
    return what, f"{name} = {example}"


def _words(root: type[Part], loc: Sequence[int | str]) -> tuple[str, ...]:
    field = shape.field_at(root, loc)
    if field is None:
        return ()
    item = shape.listed(field.annotation)
    return shape.words_of(item if item is not None else field.annotation)


def _tags(root: type[Part], loc: Sequence[int | str]) -> list[str]:
    field = shape.field_at(root, loc)
    parts = shape.parts_in(field.annotation) if field is not None else ()
    return [tag for part in parts if (tag := shape.tag_of(part)) is not None]


def _first(root: type[Part], loc: Sequence[int | str]) -> str:
    field = shape.field_at(root, loc)
    example = shape.expected(field, "")[1] if field is not None else ""
    return example.strip("[]{} ")


def _shown(given: Any) -> str:
    match given:
        case bool():
            return "true" if given else "false"
        case str():
            return f'"{given[:40]}"'
        case dict():
            return "一个表"
        case list() | tuple():
            return "一个列表"
        case _:
            return str(given)[:40]
