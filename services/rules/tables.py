"""A table that is answered row by row (E3): which rows it has, what a line says, and when it is complete.

It is kept as the text of a JSON object: row name → column key → cell.
"""

import json
import re
from collections.abc import Iterable, Mapping

from services.rules import dates
from services.rules.errors import InvalidValueError
from services.rules.text import normalise, tidied
from services.schemes.kept import values_of
from services.schemes.models import Column, FormField

Cells = Mapping[str, str]
Grid = Mapping[str, Cells]
"""Row name → column key → what was typed: a table as a page with a place for every cell hands it in."""

_ROW_FIRST = re.compile(r"第?(\d{1,2})(?:行\s*[:、]?|\s*[:、]|\s)\s*(\S.*)", re.DOTALL)
_BETWEEN = re.compile(r"[,;|\n]+")
_LONGEST_CELL = 200


def row_names(field: FormField, answers: Mapping[str, str]) -> tuple[str, ...]:
    """The named rows, then one for every value of the field that `rows_of` names."""
    values = values_of(answers.get(field.rows_of, "")) if field.rows_of else ()
    return (*field.rows, *(field.row_label.replace("{value}", value) for value in values))


def filled(kept: str) -> dict[str, Cells]:
    """The rows that are there, in the order in which they were answered."""
    if not kept:
        return {}
    rows: dict[str, Cells] = json.loads(kept)
    return rows


def next_row(field: FormField, answers: Mapping[str, str]) -> str | None:
    """The first row that is still empty, or None when the table is complete."""
    there = filled(answers.get(field.key, ""))
    return next((name for name in row_names(field, answers) if name not in there), None)


def fill(field: FormField, typed: str, answers: Mapping[str, str]) -> str:
    """The table to keep after one more line: the cells of the next row, or a row's number and its cells.

    Rows that no longer belong to it (a value of `rows_of` was given up) are left out.

    Raises:
        InvalidValueError: `table.row` when it is complete and no row is numbered; `table.cells` (`row`, `columns`,
            `expected`, `found`); `table.long` (`column`, `limit`); the codes of a date.
    """
    names = row_names(field, answers)
    text = "\n".join(line for line in map(normalise, typed.splitlines()) if line)
    numbered = _ROW_FIRST.fullmatch(text)
    if numbered is not None and 1 <= int(numbered[1]) <= len(names):
        name, text = names[int(numbered[1]) - 1], numbered[2]
    else:
        following = next_row(field, answers)
        if following is None:
            raise InvalidValueError("table.row", rows=len(names))
        name = following
    cells = _cells(field, name, text)
    before = filled(answers.get(field.key, ""))
    rows = {other: row for other, row in before.items() if other in names and other != name}
    return json.dumps({**rows, name: cells}, ensure_ascii=False)


def fill_several(field: FormField, typed: str, answers: Mapping[str, str]) -> str:
    """`fill` for several rows at once, where each line says which row it is: `2 2026.11.3，合格`; else as `fill`.

    Raises: as `fill`; `table.twice` (`row`), a row is named twice.
    """
    names, written = row_names(field, answers), [line for line in map(normalise, typed.splitlines()) if line]
    numbered = [_ROW_FIRST.fullmatch(line) for line in written]
    rows = [int(found[1]) for found in numbered if found is not None and 1 <= int(found[1]) <= len(names)]
    if len(written) < 2 or len(rows) < len(written):
        return fill(field, typed, answers)
    if twice := next((row for row in rows if rows.count(row) > 1), None):
        raise InvalidValueError("table.twice", row=names[twice - 1])
    kept = answers.get(field.key, "")
    for one in written:
        kept = fill(field, one, {**answers, field.key: kept})
    return kept


class InvalidTableError(InvalidValueError):
    """`table.grid`: cells of a grid are wrong; `.faults` has (row name, column key, what is wrong) for each."""

    def __init__(self, faults: tuple[tuple[str, str, InvalidValueError], ...]) -> None:
        super().__init__("table.grid", count=len(faults))
        self.faults = faults


def fill_all(field: FormField, typed: Grid, answers: Mapping[str, str]) -> str:
    """The table to keep, of a page that shows it whole; a row without anything in it is not answered yet.

    Raises:
        InvalidTableError: for each cell that is wrong `table.empty` (its neighbours are filled), `table.long`, or the
            codes of a date.
    """
    rows: dict[str, dict[str, str]] = {}
    faults: list[tuple[str, str, InvalidValueError]] = []
    for name in row_names(field, answers):
        written = {column.key: _line(typed.get(name, {}).get(column.key, "")) for column in field.columns}
        if not any(written.values()):
            continue
        rows[name] = {}
        for column in field.columns:
            try:
                if not written[column.key]:
                    raise InvalidValueError("table.empty", column=column.label)
                rows[name][column.key] = _cell(column, written[column.key])
            except InvalidValueError as error:
                faults.append((name, column.key, error))
    if faults:
        raise InvalidTableError(tuple(faults))
    return json.dumps(rows, ensure_ascii=False)


def pruned(field: FormField, answers: Mapping[str, str]) -> str:
    """The table without rows that no longer belong to it."""
    names = row_names(field, answers)
    rows = {name: row for name, row in filled(answers.get(field.key, "")).items() if name in names}
    return json.dumps(rows, ensure_ascii=False)


def with_pruned(fields: Iterable[FormField], key: str, answers: Mapping[str, str]) -> dict[str, str]:
    """The new answer to `key`, and the tables whose rows it names, pruned: all that is to be kept with it."""
    return {key: answers[key]} | {
        table.key: pruned(table, answers) for table in fields if table.rows_of == key and table.key in answers
    }


def line(field: FormField, name: str, cells: Cells) -> str:
    """One row as people read it: `法律法规：2026-11-02，合格`."""
    return f"{name}：{'，'.join(cells.get(column.key, '') for column in field.columns)}"


def rows_of(field: FormField, kept: str) -> tuple[tuple[str, ...], ...]:
    """Each row as its name and its cells in the order of the columns; named rows first."""
    rows = filled(kept)
    order = [
        *(name for name in field.rows if name in rows),
        *(name for name in rows if name not in field.rows),
    ]
    return tuple((name, *(rows[name].get(column.key, "") for column in field.columns)) for name in order)


def lines(field: FormField, kept: str) -> str:
    """The whole table, a line a row: named rows first."""
    return "\n".join(f"{name}：{'，'.join(cells)}" for name, *cells in rows_of(field, kept))


def latest(field: FormField, kept: str) -> str:
    """The row that was answered last."""
    rows = filled(kept)
    name = next(reversed(rows))
    return line(field, name, rows[name])


def _line(typed: str) -> str:
    return tidied(typed)


def _cells(field: FormField, name: str, text: str) -> dict[str, str]:
    expected = len(field.columns)
    if expected == 1:
        written = [text.replace("\n", " ")] if text else []
    else:
        written = [cell.strip() for cell in _BETWEEN.split(text) if cell.strip()]
        if len(written) != expected and len(words := text.split()) == expected:
            written = words
    if len(written) != expected:
        raise InvalidValueError(
            "table.cells",
            row=name,
            columns="，".join(column.label for column in field.columns),
            expected=expected,
            found=len(written),
        )
    return {column.key: _cell(column, cell) for column, cell in zip(field.columns, written, strict=True)}


def _cell(column: Column, written: str) -> str:
    if column.kind == "date":
        return dates.parse(written).isoformat()
    if len(written) > _LONGEST_CELL:
        raise InvalidValueError("table.long", column=column.label, limit=_LONGEST_CELL)
    return written
