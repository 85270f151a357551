"""How each kind of field is asked: a line of help, the numbered list, an example, and what an answer looks like."""

from collections.abc import Mapping

from services.rules import tables
from services.rules.answers import shown
from services.rules.text import length
from services.schemes.models import FieldKind, FormField

#: Of a long text the summary shows so much; the rest is kept, and `修改` changes it.
_GLIMPSE = 30


def field(field_: FormField, answers: Mapping[str, str], reason: str) -> str:
    """`【身份证号】` + why it was sent back + help + the list or an example + how to answer."""
    lines = [f"【{field_.label}】{reason}"]
    if field_.help:
        lines.append(field_.help)
    lines += _options(field_)
    if field_.kind is FieldKind.TABLE:
        lines += _table(field_, answers)
    if not field_.options and field_.example:
        lines.append(f"例如：{field_.example}")
    lines += _how(field_)
    if not field_.is_required(dict(answers)):
        lines.append("没有的，回复：跳过")
    return "\n".join(lines)


def summarised(field_: FormField, value: str) -> str:
    """An answer in the summary: a long text by its beginning, a table on lines of its own."""
    if not value:
        return "不填"
    if field_.kind is FieldKind.LONG_TEXT:
        glimpse = value.replace("\n", " ")[:_GLIMPSE]
        return f"{glimpse}……（{length(value)}字）" if len(value) > _GLIMPSE else value
    if field_.kind is FieldKind.TABLE:
        return "\n" + "\n".join(f"· {line}" for line in tables.lines(field_, value).splitlines())
    return shown(field_, value)


def _options(field_: FormField) -> list[str]:
    lines, group = [], ""
    for index, option in enumerate(field_.options, start=1):
        if option.group != group:
            group = option.group
            lines.append(f"〔{group}〕")
        lines.append(f"{index} {option.label}")
    return lines


def _table(field_: FormField, answers: Mapping[str, str]) -> list[str]:
    names = tables.row_names(field_, answers)
    rows = tables.filled(answers.get(field_.key, ""))
    columns = "，".join(column.label for column in field_.columns)
    following = tables.next_row(field_, answers)
    example = "，".join(column.example or column.label for column in field_.columns)
    if following is not None:
        place = names.index(following) + 1
        return [
            f"第{place}行（共{len(names)}行）：{following}",
            f"请依次回复：{columns}，用逗号隔开。",
            f"例如：{example}",
        ]
    there = [f"{index} {tables.line(field_, name, rows[name])}" for index, name in enumerate(names, start=1)]
    return [*there, f"要改哪一行，先写行号，再写{columns}。", f"例如：1 {example}"]


def _how(field_: FormField) -> list[str]:
    match field_.kind:
        case FieldKind.CHOICE:
            return ["请回复数字。"]
        case FieldKind.CHOICES if field_.options and field_.max_choices > 1:
            same = "，须属于同一类型" if field_.same_group else ""
            return [f"最多选{field_.max_choices}项{same}。请回复数字，几项用顿号隔开，例如 1、2。"]
        case FieldKind.CHOICES if field_.options:
            return ["请回复数字。"]
        case FieldKind.CHOICES:
            return [f"最多{field_.max_choices}项，几项用顿号隔开。"]
        case FieldKind.LONG_TEXT if field_.min_length:
            return [f"至少{field_.min_length}字（空格和换行不算），请把全文一次发来。"]
        case FieldKind.NUMBER if field_.unit:
            return [f"请回复数字，单位：{field_.unit}。"]
        case _:
            return []
