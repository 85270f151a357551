"""What a printed form says, and the code of it: pure."""

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Final
from uuid import UUID

from services.rules import tables
from services.rules.answers import derived, shown
from services.rules.localtime import local_date
from services.schemes.kept import values_of
from services.schemes.models import FieldKind, FormField, Printable, PrintedRow, Scheme
from services.typesetting.form import (
    CellsLine,
    FormSheet,
    Line,
    SealedLine,
    SignedLine,
    TableLine,
    TextLine,
    TicksLine,
)

Answers = Mapping[str, str]
#: 40 bits: nobody takes one content for another by accident.
_CODE_BYTES: Final = 5
_ALPHABET: Final = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHJKMNPQRSTVWXYZ")


def code_of(
    scheme: Scheme, printable: Printable, answers: Answers, *, enrolment_id: UUID, photo: str | None
) -> str:
    """Eight characters that change when anything changes that was asked and stands on the form; `photo` names the picture.

    The id of the enrolment, which is on no paper, keeps anybody from trying out answers against a code.
    """
    content = [[key, answer] for key, answer in items_of(scheme, printable, answers).items()]
    return code_for([enrolment_id.hex, printable.key, content, photo or ""])


def items_of(scheme: Scheme, printable: Printable, answers: Answers) -> dict[str, str]:
    """What was asked and stands on the form: field key → answer, by key."""
    keys = [key for key in _printed_keys(printable) if scheme.field(key).asked]
    return {key: answers.get(key, "") for key in sorted(set(keys))}


def code_for(content: object) -> str:
    """Eight characters that stand for this content, made of JSON's kinds."""
    said = json.dumps(content, ensure_ascii=False)
    digest = hashlib.sha256(said.encode()).digest()[:_CODE_BYTES]
    return base64.b32encode(digest).decode().translate(_ALPHABET)


def shown_code(code: str) -> str:
    """`1A2B-3C4D`, as it stands on the paper."""
    return f"{code[:4]}-{code[4:]}"


def is_outdated(printed: str | None, current: str) -> bool:
    """Whether the form was printed before its answers changed; of one that was never printed here nothing is known."""
    return printed is not None and printed != current


def sheet(
    scheme: Scheme,
    printable: Printable,
    answers: Answers,
    *,
    number: int,
    code: str,
    printed_on: date,
    photo: bytes | None,
) -> FormSheet:
    """The form with these answers, in the clear; what has no answer stays empty, to be written by hand."""
    known = dict(answers)
    for field in scheme.fields:
        if not field.asked:
            known[field.key] = derived(
                field, dict(answers), short_title=scheme.short_title, submitted_on=printed_on.isoformat()
            )
    dated = scheme.field(printable.dated) if printable.dated else None
    return FormSheet(
        title=printable.title,
        dated=f"{dated.label}：{local_date(printed_on)}" if dated else "",
        lines=tuple(_line(row, scheme, known) for row in printable.rows),
        notes=printable.notes,
        foot=f"表格编号 {shown_code(code)}　报名号 {number}",
        printed_on=printed_on,
        photo_lines=printable.photo_rows if printable.photo else 0,
        photo=photo,
    )


def labels_with(scheme: Scheme, answers: Answers, characters: tuple[str, ...]) -> tuple[str, ...]:
    """Which questions have an answer with one of these characters: those that have to be written otherwise."""
    return tuple(
        field.label
        for field in scheme.fields
        if field.asked and any(character in answers.get(field.key, "") for character in characters)
    )


def _printed_keys(printable: Printable) -> list[str]:
    named = [key for row in printable.rows for cell in row.cells for key in cell.fields]
    return named + [key for row in printable.rows for key in (row.text, row.ticks, row.table) if key]


def _line(row: PrintedRow, scheme: Scheme, answers: Answers) -> Line:
    if row.cells:
        return CellsLine(
            cells=tuple(
                (
                    cell.label or scheme.field(cell.fields[0]).label,
                    "　".join(filter(None, (_in_full(scheme.field(key), answers) for key in cell.fields))),
                )
                for cell in row.cells
            )
        )
    if row.text is not None:
        field = scheme.field(row.text)
        return TextLine(
            label=row.label or field.label, text=_in_full(field, answers), height_mm=row.height_mm
        )
    if row.ticks is not None:
        field = scheme.field(row.ticks)
        chosen = values_of(answers.get(field.key, ""))
        items = tuple((option.value in chosen, option.label) for option in field.options)
        return TicksLine(label=row.label or field.label, items=items)
    if row.table is not None:
        return _table(row, scheme.field(row.table), answers)
    if row.consent is not None:
        consent = next(item for item in scheme.consents if item.key == row.consent)
        return SignedLine(label=row.label or consent.title, text=consent.text.strip(), signer=row.signer)
    return SealedLine(label=row.opinion or "", signer=row.signer, height_mm=row.height_mm)


def _table(row: PrintedRow, field: FormField, answers: Answers) -> TableLine:
    there = tables.filled(answers.get(field.key, ""))
    return TableLine(
        label=row.label or field.label,
        columns=tuple(column.label for column in field.columns),
        rows=tuple(
            (name, *(there.get(name, {}).get(column.key, "") for column in field.columns))
            for name in tables.row_names(field, answers)
        ),
    )


def _in_full(field: FormField, answers: Answers) -> str:
    """An answer as the form says it: never masked, for it is the person's own paper."""
    value = answers.get(field.key, "")
    if field.when is not None and not field.when.holds(dict(answers)):
        return ""
    return value if field.sensitive or field.kind is FieldKind.LONG_TEXT else shown(field, value)
