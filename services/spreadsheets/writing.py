"""Writing xlsx: templates to fill in, and the faulty rows to mend."""

import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time

import xlsxwriter

from services.spreadsheets.cells import text_of
from services.spreadsheets.models import Cell, Column, ColumnKind, RowError, Table, cell_at

#: What an error workbook adds behind the file's own columns.
_ADDED_HEADERS = ("问题", "怎么改")


def template_workbook(columns: Sequence[Column], rows: Sequence[Mapping[str, Cell]]) -> bytes:
    """An xlsx with the right headers, filled with `rows` (by column key), and a second sheet that explains the columns.

    Columns of identifiers are text to their end, so that what is typed there later is not rounded.
    """
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        styles = _Styles(book)
        sheet = book.add_worksheet("数据")
        for index, column in enumerate(columns):
            sheet.set_column(index, index, column.width, styles.of(column.kind))
            sheet.write_string(0, index, column.label, styles.header)
        for line, row in enumerate(rows, start=1):
            for index, column in enumerate(columns):
                _write(sheet, line, index, row.get(column.key, ""), styles.of(column.kind), styles)
        sheet.freeze_panes(1, 0)
        notes = book.add_worksheet("填写说明")
        notes.set_column(0, 0, 14)
        notes.set_column(1, 1, 70)
        notes.set_column(2, 2, 24)
        for index, title in enumerate(("列", "说明", "示例")):
            notes.write_string(0, index, title, styles.header)
        for line, column in enumerate(columns, start=1):
            for index, words in enumerate((column.label, column.help, column.example)):
                notes.write_string(line, index, words, styles.text)
    return out.getvalue()


def error_workbook(table: Table, errors: Sequence[RowError]) -> bytes:
    """The faulty rows under their own headers, with 问题 and 怎么改 behind: mended, the same file can be handed in."""
    faults: dict[int, list[RowError]] = {}
    for error in errors:
        faults.setdefault(error.row, []).append(error)
    # The two columns of an earlier error workbook that came back are not carried along.
    kept = [index for index, header in enumerate(table.headers) if header not in _ADDED_HEADERS]
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        styles = _Styles(book)
        sheet = book.add_worksheet("需要修改")
        sheet.set_column(0, len(kept) - 1, 18, styles.text)
        sheet.set_column(len(kept), len(kept) + 1, 50, styles.text)
        headers = [table.headers[index] for index in kept]
        for index, title in enumerate([*headers, *_ADDED_HEADERS]):
            sheet.write_string(0, index, title, styles.header)
        for line, row in enumerate((row for row in table.rows if row.number in faults), start=1):
            found = faults[row.number]
            wrong = {error.column for error in found}
            for index, position in enumerate(kept):
                style = styles.wrong if table.headers[position] in wrong else styles.text
                _write(sheet, line, index, cell_at(row.original, position), style, styles)
            problems = "；".join(f"第{row.number}行：{error.problem}" for error in found)
            sheet.write_string(line, len(kept), problems, styles.text)
            sheet.write_string(line, len(kept) + 1, "；".join(error.example for error in found), styles.text)
        sheet.freeze_panes(1, 0)
    return out.getvalue()


def report_workbook(
    title: str, columns: Sequence[Column], rows: Sequence[Mapping[str, Cell]], notes: Sequence[str]
) -> bytes:
    """Figures to take away: one sheet with a header line, and one that says what they are."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        styles = _Styles(book)
        sheet = book.add_worksheet(title)
        for index, column in enumerate(columns):
            sheet.set_column(index, index, column.width)
            sheet.write_string(0, index, column.label, styles.header)
        for line, row in enumerate(rows, start=1):
            for index, column in enumerate(columns):
                _write(sheet, line, index, row.get(column.key, ""), styles.of(column.kind), styles)
        sheet.freeze_panes(1, 1)
        about = book.add_worksheet("说明")
        about.set_column(0, 0, 100)
        for line, words in enumerate(notes):
            about.write_string(line, 0, words, styles.text)
    return out.getvalue()


class _Styles:
    """The formats of one workbook."""

    def __init__(self, book: xlsxwriter.Workbook) -> None:
        self.header = book.add_format({"bold": True, "bg_color": "#E8EEF7", "border": 1, "num_format": "@"})
        self.text = book.add_format({"num_format": "@", "text_wrap": True, "valign": "top"})
        self.wrong = book.add_format({"num_format": "@", "bg_color": "#FDE2E1", "valign": "top"})
        self.date = book.add_format({"num_format": "yyyy-mm-dd"})
        self.number = book.add_format({"num_format": "General"})

    def of(self, kind: ColumnKind) -> xlsxwriter.format.Format:
        return {ColumnKind.DATE: self.date, ColumnKind.NUMBER: self.number}.get(kind, self.text)


def _write(
    sheet: xlsxwriter.worksheet.Worksheet,
    line: int,
    index: int,
    cell: Cell,
    style: xlsxwriter.format.Format,
    styles: _Styles,
) -> None:
    """Text as text whatever it begins with (`=`, `+`, `@` would be formulas elsewhere); dates as dates."""
    if isinstance(cell, datetime | date):
        day = cell if isinstance(cell, datetime) else datetime.combine(cell, time())
        sheet.write_datetime(line, index, day.replace(tzinfo=None), styles.date)
    elif isinstance(cell, int | float) and not isinstance(cell, bool):
        sheet.write_number(line, index, cell, style if style is styles.wrong else styles.number)
    elif cell != "":
        # As it stood, not as it was understood: the error workbook shows what was handed in.
        sheet.write_string(line, index, cell if isinstance(cell, str) else text_of(cell), style)
