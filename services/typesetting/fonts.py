"""Which characters can be printed, from the coverage list that was made together with the fonts."""

from bisect import bisect_right
from functools import cache
from pathlib import Path

from services.errors import ServiceError

FONT_DIRECTORY = Path(__file__).parent / "fonts"
COVERAGE_FILE = FONT_DIRECTORY / "coverage.txt"


class UnprintableTextError(ServiceError):
    """The fonts have no glyph for `characters`; nothing was rendered, for a box in a name is no certificate."""

    def __init__(self, characters: tuple[str, ...]) -> None:
        super().__init__("unprintable_text", codepoints=" ".join(f"U+{ord(c):04X}" for c in characters))
        #: Each missing character once, in order of appearance; may hold controls and lone surrogates.
        self.characters = characters


@cache
def _covered_runs() -> tuple[tuple[int, ...], tuple[int, ...]]:
    """First and last code points of the covered runs, both ascending."""
    firsts: list[int] = []
    lasts: list[int] = []
    for line in COVERAGE_FILE.read_text("ascii").split():
        first, _, last = line.partition("-")
        firsts.append(int(first, 16))
        lasts.append(int(last or first, 16))
    return tuple(firsts), tuple(lasts)


def missing_characters(text: str) -> tuple[str, ...]:
    """The characters of `text` that cannot be printed, each once, in order of appearance; empty when all can.

    Controls (line breaks, tabs), invisible and combining characters, private-use characters and lone surrogates
    count as missing: they would print as nothing or as a box.
    """
    firsts, lasts = _covered_runs()
    missing: dict[str, None] = {}
    for character in text:
        run = bisect_right(firsts, ord(character)) - 1
        if run < 0 or ord(character) > lasts[run]:
            missing[character] = None
    return tuple(missing)


def ensure_printable(*texts: str) -> None:
    """Raises `UnprintableTextError` with the characters missing in any of `texts`."""
    if missing := missing_characters("".join(texts)):
        raise UnprintableTextError(missing)
