"""Tables that people hand in and take away: xlsx and csv in, xlsx out. No database here.

A file from outside is measured before it is opened, and what is written never becomes a formula.
"""

from services.spreadsheets.cells import date_of, number_of, text_of
from services.spreadsheets.models import Cell, Column, ColumnKind, RowError, SpreadsheetError, Table, TableRow
from services.spreadsheets.reading import MAX_BYTES, MAX_ROWS, read_table
from services.spreadsheets.writing import error_workbook, report_workbook, template_workbook

__all__ = [
    "MAX_BYTES",
    "MAX_ROWS",
    "Cell",
    "Column",
    "ColumnKind",
    "RowError",
    "SpreadsheetError",
    "Table",
    "TableRow",
    "date_of",
    "error_workbook",
    "number_of",
    "read_table",
    "report_workbook",
    "template_workbook",
    "text_of",
]
