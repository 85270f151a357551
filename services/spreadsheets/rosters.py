"""A list of people as a workbook: the title above, the source's columns, its lines below. Everything is text."""

import io
from collections.abc import Sequence

import xlsxwriter

from services.schemes.rosters import Roster

_TITLE_HEIGHT, _HEADER_HEIGHT, _LINE_HEIGHT = 34, 36, 22


def roster_workbook(
    roster: Roster, rows: Sequence[Sequence[str]], *, organisation: str, officer: str, date: str
) -> bytes:
    """The xlsx, landscape on A4. `rows` are the cells by column; running numbers are filled in here.

    All cells but the running number are text, to their end: an identity number that became a number would be rounded,
    and 填表说明1 of 附件5 wants the date of birth as text. Blocking: call it in a thread.
    """
    filled = {"organisation": organisation, "officer": officer, "date": date}
    last = len(roster.columns) - 1
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("名单")
        title = book.add_format({"bold": True, "font_size": 16, "align": "center", "valign": "vcenter"})
        note = book.add_format({"valign": "vcenter", "num_format": "@"})
        framed = {"border": 1, "valign": "vcenter", "text_wrap": True, "num_format": "@"}
        header = book.add_format({**framed, "bold": True, "align": "center"})
        cell = book.add_format(framed)
        number = book.add_format({**framed, "align": "center", "num_format": "0"})
        for index, column in enumerate(roster.columns):
            sheet.set_column(index, index, column.width)
        line = 0
        sheet.set_row(line, _TITLE_HEIGHT)
        sheet.merge_range(line, 0, line, last, roster.title, title)
        for words in roster.above:
            line += 1
            sheet.set_row(line, _LINE_HEIGHT)
            sheet.write_string(line, 0, words.format(**filled), note)
        line += 1
        sheet.set_row(line, _HEADER_HEIGHT)
        for index, column in enumerate(roster.columns):
            sheet.write_string(line, index, column.label, header)
        sheet.freeze_panes(line + 1, 0)
        sheet.repeat_rows(line)
        for serial, row in enumerate(rows, start=1):
            line += 1
            for index, (column, text) in enumerate(zip(roster.columns, row, strict=True)):
                if column.value == "number":
                    sheet.write_number(line, index, serial, number)
                else:
                    sheet.write_string(line, index, text, cell)
        for words in roster.below:
            line += 1
            sheet.write_string(line, 0, words.format(**filled), note)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("第 &P 页，共 &N 页")
    return out.getvalue()
