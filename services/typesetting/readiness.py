"""Whether certificates and forms can be printed on this machine: the fonts are whole, the compiler runs."""

from typing import Final

import typst

from services.typesetting.fonts import FONT_DIRECTORY, missing_characters

_FONTS: Final = ("NotoSerifSC-Regular.ttf", "NotoSerifSC-Bold.ttf")
#: A font of a few glyphs or a pointer file in its place would be smaller.
_LEAST_BYTES: Final = 1_000_000
_SAMPLE: Final = "质量安全员合格证书"


def problems() -> tuple[str, ...]:
    """What is wrong, as `font:<file>`, `coverage`, `compiler:<error>`; nothing when all is well. Takes about 50 ms."""
    found = [
        f"font:{name}"
        for name in _FONTS
        if not (path := FONT_DIRECTORY / name).is_file() or path.stat().st_size < _LEAST_BYTES
    ]
    if not found and missing_characters(_SAMPLE):
        found.append("coverage")
    sheet = f'#set page(width: 60mm, height: 20mm)\n#text(font: "Noto Serif SC")[{_SAMPLE}]'
    fonts = typst.Fonts(
        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONT_DIRECTORY)]
    )
    try:
        typst.compile(sheet.encode(), format="png", font_paths=fonts, ignore_system_fonts=True)
    except (typst.TypstError, OSError) as error:
        found.append(f"compiler:{type(error).__name__}")
    return tuple(found)
