"""Reading xlsx and csv from outside, with limits on what may come out of them."""

import csv
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import cast

from services.rules.text import fold
from services.spreadsheets.cells import text_of
from services.spreadsheets.models import Cell, Column, SpreadsheetError, Table, TableRow, cell_at
from services.spreadsheets.workbook import UnreadableWorkbookError, read_first_sheet

MAX_BYTES = 5 * 1024 * 1024
MAX_ROWS = 20_000
#: A workbook is a zip: what may come out of it, and how large a sheet's used area may be (it is held densely).
MAX_UNPACKED_BYTES = 120 * 1024 * 1024
MAX_CELLS = 2_000_000
#: The header stands within so many rows: a title and some notes may be above it.
_HEADER_WITHIN = 20
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
_CELL_REFERENCE = re.compile(rb'<(?:\w+:)?c [^>]*?r="([A-Z]{1,3})([0-9]{1,7})"')


def read_table(filename: str, content: bytes, columns: tuple[Column, ...]) -> Table:
    """Read an xlsx (its first sheet) or csv (UTF-8, GB 18030, UTF-16 with mark) by the headers that it carries.

    Kind and encoding are found from the bytes, never from `filename`. Columns that are not asked for are kept in
    `TableRow.original` only; empty rows are left out. Blocking (0.1 s for 10,000 rows): call it in a thread.

    Raises:
        SpreadsheetError: see there.
    """
    if len(content) > MAX_BYTES:
        raise SpreadsheetError("spreadsheet.too_large", limit_mb=MAX_BYTES // 1024 // 1024)
    if content.startswith(_OLD_OFFICE):
        raise SpreadsheetError("spreadsheet.old_or_locked")
    grid = _read_workbook(content) if content.startswith(b"PK") else _read_csv(content)
    lines = [(number, line) for number, line in enumerate(grid, start=1) if any(cell != "" for cell in line)]
    if not lines:
        raise SpreadsheetError("spreadsheet.empty")
    start, positions = _find_header(lines, columns)
    body = lines[start + 1 :]
    if len(body) > MAX_ROWS:
        raise SpreadsheetError("spreadsheet.too_many_rows", limit=MAX_ROWS)
    headers = lines[start][1]
    return Table(
        filename=filename,
        sha256=sha256(content).hexdigest(),
        headers=tuple(text_of(cell) for cell in headers),
        present=frozenset(positions),
        positions=positions,
        rows=tuple(
            TableRow(
                number=number,
                cells={column.key: cell_at(line, positions.get(column.key)) for column in columns},
                original=tuple(line),
            )
            for number, line in body
        ),
    )


def _find_header(
    lines: Sequence[tuple[int, Sequence[Cell]]], columns: Sequence[Column]
) -> tuple[int, dict[str, int]]:
    """Index of the header line and the position of each column in it; the line that names most columns is it."""
    names = {_header_key(name): column.key for column in columns for name in (column.label, *column.aliases)}
    best, best_found = 0, dict[str, int]()
    for index, (_, line) in enumerate(lines[:_HEADER_WITHIN]):
        found: dict[str, int] = {}
        for position, cell in enumerate(line):
            key = names.get(_header_key(text_of(cell)))
            if key is not None:
                if key in found and len(found) > 1:
                    raise SpreadsheetError("spreadsheet.column_twice", column=text_of(cell))
                found[key] = position
        if len(found) > len(best_found):
            best, best_found = index, found
    missing = [column.label for column in columns if column.required and column.key not in best_found]
    if missing:
        raise SpreadsheetError("spreadsheet.header_missing", columns="、".join(missing))
    return best, best_found


def _header_key(label: str) -> str:
    return fold(label).strip("*:")


def _read_workbook(content: bytes) -> list[list[Cell]]:
    _ensure_harmless(content)
    try:
        return cast(list[list[Cell]], read_first_sheet(content))
    except UnreadableWorkbookError:
        raise SpreadsheetError("spreadsheet.unreadable") from None


def _ensure_harmless(content: bytes) -> None:
    """Refuse a zip that unpacks to far more than a table, and a sheet with one cell in its far corner.

    This gives the reason; what is written so that it is not seen here ends in `services.spreadsheets.workbook`.
    """
    left = MAX_UNPACKED_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for item in archive.infolist():
                is_sheet = item.filename.startswith("xl/worksheets/") and item.filename.endswith(".xml")
                width = height = 1
                carry = b""
                with archive.open(item) as stream:
                    while chunk := stream.read(1 << 20):
                        left -= len(chunk)
                        if left < 0:
                            raise SpreadsheetError(
                                "spreadsheet.too_large", limit_mb=MAX_BYTES // 1024 // 1024
                            )
                        if is_sheet:
                            for letters, digits in _CELL_REFERENCE.findall(carry + chunk):
                                width = max(width, _column_index(letters))
                                height = max(height, int(digits))
                            carry = chunk[-100:]
                if width * height > MAX_CELLS:
                    raise SpreadsheetError("spreadsheet.too_many_rows", limit=MAX_ROWS)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError):
        raise SpreadsheetError("spreadsheet.unreadable") from None


def _column_index(letters: bytes) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + letter - 64
    return index


def _read_csv(content: bytes) -> Iterator[list[Cell]]:
    text = _decode(content)
    first = text[: text.find("\n")] if "\n" in text else text
    delimiter = max(",\t;", key=first.count)
    try:
        for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            yield [cell.strip() for cell in line]
    except csv.Error:
        raise SpreadsheetError("spreadsheet.unreadable") from None


def _decode(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise SpreadsheetError("spreadsheet.unreadable")
