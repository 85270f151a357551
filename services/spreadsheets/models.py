"""What a table is made of: its columns, its cells, what is wrong with a row or with the whole file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from services.errors import ServiceError

Cell = str | int | float | bool | date | time | datetime | timedelta


class ColumnKind(StrEnum):
    """What a column holds, which decides how a template formats it."""

    TEXT = "text"
    #: Digits that are no number: kept as text, or a spreadsheet rounds them.
    IDENTIFIER = "identifier"
    NUMBER = "number"
    DATE = "date"


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of an import: `label` is its header, `aliases` are other headers that mean the same."""

    key: str
    label: str
    kind: ColumnKind = ColumnKind.TEXT
    aliases: tuple[str, ...] = ()
    #: Whether a file without this column is refused.
    required: bool = True
    help: str = ""
    example: str = ""
    width: int = 14


@dataclass(frozen=True, kw_only=True)
class TableRow:
    """A row with something in it. `number` is what a spreadsheet shows at its left."""

    number: int
    #: By column key; a column that the file lacks gives "".
    cells: Mapping[str, Cell]
    #: All cells of the row as they stood, under the file's own headers.
    original: tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True)
class Table:
    """What was read from a file."""

    filename: str
    #: Of the file's bytes, hexadecimal.
    sha256: str
    headers: tuple[str, ...]
    #: Keys of the columns that the file has.
    present: frozenset[str]
    #: Position of each present column in `headers`, by key.
    positions: Mapping[str, int] = field(repr=False)
    rows: tuple[TableRow, ...] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class RowError:
    """What is wrong with one row, in Chinese for the one who fills in the table: the problem and how to mend it."""

    row: int
    #: Label of the column, empty when it is the row as a whole.
    column: str
    problem: str
    example: str


class SpreadsheetError(ServiceError):
    """The file as a whole cannot be used.

    Codes: `spreadsheet.too_large` (`limit_mb`), `spreadsheet.too_many_rows` (`limit`), `spreadsheet.old_or_locked`
    (an .xls or a file with a password), `spreadsheet.unreadable`, `spreadsheet.header_missing` (`columns`),
    `spreadsheet.column_twice` (`column`), `spreadsheet.empty`.
    """


def cell_at(line: Sequence[Cell], position: int | None) -> Cell:
    """The cell at `position`; "" for None or beyond the end of a short line."""
    return line[position] if position is not None and position < len(line) else ""
