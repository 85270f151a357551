"""What is said on the form pages: what is wrong with an answer, where the chat's words would not fit."""

from collections.abc import Mapping
from typing import Final

from handlers.chat.texts import problems
from services.forms import Entry
from services.rules.errors import InvalidValueError
from services.rules.text import length
from services.schemes.models import FieldKind, FormField

_SENTENCES: Final[Mapping[str, str]] = {
    "long_text.short": "已写 {length} 字，至少 {limit} 字，还差 {needed} 字（空格和换行不算）。",
    "long_text.long": "已写 {length} 字，最多 {limit} 字，请精简。",
    "choice.unknown": "请从列表里选一项。",
    "list.many": "选了 {count} 项，最多 {limit} 项，请减少。",
    "list.mixed": "所选项目要属于同一类型，现在有：{groups}。请只选其中一类。",
    "table.grid": "有 {count} 格填得不对，见下面红字。",
    "table.rows": "还有 {rows} 行没有填。",
    "table.empty": "请填写{column}。",
    "form.empty": "这一项必须填写。",
}


def wrong(entry: Entry) -> str:
    """What is wrong, what is expected, and an example."""
    if entry.error is None:
        return ""
    sentence = _SENTENCES.get(entry.error.code)
    if sentence is None:
        return problems.problem(entry.error.code, entry.error.facts, entry.field)
    example = f"\n例如：{entry.field.example}" if entry.field.example and not entry.field.options else ""
    return sentence.format_map(dict(entry.error.facts)) + example


def wrong_cell(error: InvalidValueError, field: FormField, example: str) -> str:
    """The same for a cell of a table."""
    sentence = _SENTENCES.get(error.code)
    said = (
        sentence.format_map(dict(error.facts))
        if sentence
        else problems.problem(error.code, error.facts, field)
    )
    return f"{said}例如：{example}" if example else said


def counted(entry: Entry) -> str:
    """`已写 123 字，至少 200 字`."""
    field = entry.field
    least = f"，至少 {field.min_length} 字" if field.min_length else ""
    return f"已写 {length(entry.value)} 字{least}"


def hint(entry: Entry) -> str:
    """How to answer, below the label."""
    field = entry.field
    lines = [field.help] if field.help else []
    match field.kind:
        case FieldKind.LONG_TEXT if field.min_length:
            lines.append(f"至少 {field.min_length} 字，空格和换行不算。")
        case FieldKind.CHOICES if field.options and field.max_choices > 1:
            same = "，须属于同一类型" if field.same_group else ""
            lines.append(f"最多选 {field.max_choices} 项{same}。")
        case FieldKind.CHOICES if not field.options:
            lines.append(f"最多 {field.max_choices} 项，几项用顿号隔开。")
        case FieldKind.NUMBER if field.unit:
            lines.append(f"单位：{field.unit}。")
    if field.example and not field.options:
        lines.append(f"例如：{field.example}")
    if entry.optional:
        lines.append("没有的可以不填。")
    return "\n".join(lines)
