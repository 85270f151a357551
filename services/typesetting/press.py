"""The Typst compiler: a template, its data and pictures in, a page out.

Safe from several threads at once. The fonts are read once (18 MB, then shared); so are the templates. A page's data
goes in as JSON through `sys.inputs` and is never part of the source, so that no name can act as markup.
"""

import json
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any, Literal

import typst

from services.errors import ServiceError
from services.typesetting.fonts import FONT_DIRECTORY

TEMPLATE_DIRECTORY = Path(__file__).parent / "templates"
A4_LANDSCAPE_MM = 297.0
CHINA = timezone(timedelta(hours=8))
_OVERFULL = "overfull: "  #: what a template's `panic` says when a text does not fit at its smallest size


class OverfullSheetError(ServiceError):
    """`field` does not fit its place even at the smallest size that reads well; nothing was rendered."""

    def __init__(self, field: str) -> None:
        super().__init__("overfull_sheet", field=field)
        self.field = field


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONT_DIRECTORY)]
    )


@cache
def _templates() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in TEMPLATE_DIRECTORY.glob("*.typ")}


def _compile(
    template: str,
    data: Mapping[str, object],
    pictures: Mapping[str, bytes],
    *,
    kind: Literal["pdf", "png"],
    **options: Any,
) -> bytes:
    files = {**_templates(), **pictures}
    files["main.typ"] = files.pop(template)
    source: Any = files  # the type stub does not know yet that a project may be a dict of files
    try:
        pages = typst.compile(
            source,
            format=kind,
            font_paths=_fonts(),
            ignore_system_fonts=True,
            sys_inputs={"data": json.dumps(data, ensure_ascii=False)},
            **options,
        )
    except typst.TypstError as error:
        _, found, field = error.message.partition(_OVERFULL)
        if found:
            raise OverfullSheetError(field.strip('" ')) from error
        raise
    if not isinstance(pages, bytes):
        raise OverfullSheetError("page")
    return pages


def pdf(template: str, data: Mapping[str, object], pictures: Mapping[str, bytes], *, dated_on: date) -> bytes:
    """PDF/A-2b, marked as made at the start of `dated_on` in China: same input, same bytes.

    `template` is a file name in `templates/`; `pictures` are the files that `data` names.

    Raises:
        OverfullSheetError: a text does not fit.
    """
    made_at = datetime.combine(dated_on, time(), tzinfo=CHINA)
    return _compile(template, data, pictures, kind="pdf", pdf_standards="a-2b", timestamp=made_at)


def png(
    template: str,
    data: Mapping[str, object],
    pictures: Mapping[str, bytes],
    *,
    width_px: int,
    page_width_mm: float = A4_LANDSCAPE_MM,
) -> bytes:
    """The same page, which is so many mm wide, as an opaque picture, `width_px` wide (± 1).

    Raises:
        OverfullSheetError: a text does not fit.
    """
    return _compile(template, data, pictures, kind="png", ppi=width_px / (page_width_mm / 25.4))
