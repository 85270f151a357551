"""A filled form on A4, to be printed, signed, sealed and photographed (D5, D6, D8, E3).

Rendering is CPU work of about a tenth of a second: call it with `asyncio.to_thread`. What does not fit on one page goes on
on the next; every page has the form's code at its foot.
"""

from dataclasses import dataclass
from datetime import date

from services.typesetting import press
from services.typesetting.fonts import ensure_printable
from services.typesetting.pictures import portrait_svg


@dataclass(frozen=True, kw_only=True)
class CellsLine:
    """Labels with their answers beside each other, three at most."""

    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class TextLine:
    """A label and a text of any length; at least `height_mm` high."""

    label: str
    text: str
    height_mm: int = 0


@dataclass(frozen=True, kw_only=True)
class TicksLine:
    """A label and a list of which some are ticked."""

    label: str
    items: tuple[tuple[bool, str], ...]


@dataclass(frozen=True, kw_only=True)
class TableLine:
    """Columns and rows, the first column under `label`."""

    label: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True)
class SignedLine:
    """A statement over a place for a signature and the date."""

    label: str
    text: str
    signer: str


@dataclass(frozen=True, kw_only=True)
class SealedLine:
    """An empty place for an opinion, with a seal and the date."""

    label: str
    signer: str = ""
    height_mm: int = 0


Line = CellsLine | TextLine | TicksLine | TableLine | SignedLine | SealedLine


@dataclass(frozen=True, kw_only=True)
class FormSheet:
    """What a form says. Texts are printed literally; line breaks are kept in texts."""

    title: str
    #: Above the table on the right: `填表日期：2026年11月21日`; empty for none.
    dated: str
    lines: tuple[Line, ...]
    notes: tuple[str, ...]
    #: At the foot of every page, beside its number: code of the content and number of the enrolment.
    foot: str
    printed_on: date
    #: How many lines the box for a photo is high, 0 for no box; and JPEG or PNG to go into it.
    photo_lines: int = 0
    photo: bytes | None = None


def _as_data(line: Line) -> dict[str, object]:
    match line:
        case CellsLine():
            return {"kind": "cells", "cells": [list(cell) for cell in line.cells]}
        case TextLine():
            return {"kind": "text", "label": line.label, "text": line.text, "height_mm": line.height_mm}
        case TicksLine():
            return {"kind": "ticks", "label": line.label, "items": [list(item) for item in line.items]}
        case TableLine():
            return {
                "kind": "table",
                "label": line.label,
                "columns": list(line.columns),
                "rows": [list(row) for row in line.rows],
            }
        case SignedLine():
            return {"kind": "signed", "label": line.label, "text": line.text, "signer": line.signer}
        case SealedLine():
            return {"kind": "sealed", "label": line.label, "signer": line.signer, "height_mm": line.height_mm}


def _texts(line: Line) -> list[str]:
    match line:
        case CellsLine():
            return [text for cell in line.cells for text in cell]
        case TextLine():
            return [line.label, *line.text.split("\n")]
        case TicksLine():
            return [line.label, *(text for _, text in line.items)]
        case TableLine():
            return [line.label, *line.columns, *(cell for row in line.rows for cell in row)]
        case SignedLine():
            return [line.label, *line.text.split("\n"), line.signer]
        case SealedLine():
            return [line.label, line.signer]


def render_form(sheet: FormSheet) -> bytes:
    """A4 pages, PDF/A-2b, text extractable; the same sheet gives the same bytes.

    Raises:
        UnprintableTextError: the fonts lack a character of any text.
        UnusablePictureError: the photo is no JPEG or PNG.
    """
    ensure_printable(
        sheet.title,
        sheet.dated,
        sheet.foot,
        *sheet.notes,
        *(text for line in sheet.lines for text in _texts(line)),
    )
    pictures = {"photo.svg": portrait_svg(sheet.photo)} if sheet.photo is not None else {}
    data: dict[str, object] = {
        "title": sheet.title,
        "dated": sheet.dated,
        "lines": [_as_data(line) for line in sheet.lines],
        "notes": list(sheet.notes),
        "foot": sheet.foot,
        "photo_lines": sheet.photo_lines,
        "has_photo": sheet.photo is not None,
    }
    return press.pdf("form.typ", data, pictures, dated_on=sheet.printed_on)
