"""Make the fonts of this folder from the full Noto Serif SC; run by hand when the release changes (see README.md).

    python services/typesetting/fonts/subset.py UNPACKED_NPM_PACKAGE

fontTools is a development dependency: the running program reads `coverage.txt` only.
"""

import sys
import unicodedata
from pathlib import Path

from fontTools import subset  # type: ignore[import-untyped]
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

HERE = Path(__file__).parent
FIRST_HANZI, LAST_HANZI = 0x3400, 0x3FFFF
#: Vertical writing and OpenType substitutions: a certificate is set horizontally, each character as it is.
DROPPED_TABLES = ["BASE", "GDEF", "GPOS", "GSUB", "STAT", "vhea", "vmtx"]


def printable(codepoint: int) -> bool:
    """A visible character or one of the two spaces; no controls, invisible marks or combining accents."""
    return chr(codepoint) in " \u3000" or unicodedata.category(chr(codepoint))[0] in "LNPS"


def in_gb2312(codepoint: int) -> bool:
    """One of the 6,763 hanzi of GB 2312, which headings are made of; every other character counts as in."""
    if not FIRST_HANZI <= codepoint <= LAST_HANZI:
        return True
    try:
        chr(codepoint).encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def make(source: Path, target: Path, *, headings_only: bool) -> set[int]:
    """Write the subset of `source`; returns the code points that it covers."""
    font = TTFont(source)
    wanted = {c for c in font.getBestCmap() if printable(c) and (in_gb2312(c) or not headings_only)}
    options = subset.Options(
        layout_features=[], notdef_outline=True, hinting=False, drop_tables=[*DROPPED_TABLES, "DSIG"]
    )
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=wanted)
    subsetter.subset(font)
    font.save(target)
    return set(TTFont(target).getBestCmap())


def ranges(codepoints: set[int]) -> list[str]:
    """`4E00-9FFF` for a run of code points, `3007` for one alone, ascending."""
    runs: list[list[int]] = []
    for codepoint in sorted(codepoints):
        if runs and codepoint == runs[-1][1] + 1:
            runs[-1][1] = codepoint
        else:
            runs.append([codepoint, codepoint])
    return [f"{a:04X}" if a == b else f"{a:04X}-{b:04X}" for a, b in runs]


def main(package: Path) -> None:
    """Write both weights, the coverage of the regular one (the bold one's is a part of it) and the licence."""
    regular = package / "400Regular" / "NotoSerifSC_400Regular.ttf"
    bold = package / "700Bold" / "NotoSerifSC_700Bold.ttf"
    covered = make(regular, HERE / "NotoSerifSC-Regular.ttf", headings_only=False)
    make(bold, HERE / "NotoSerifSC-Bold.ttf", headings_only=True)
    (HERE / "coverage.txt").write_text("\n".join(ranges(covered)) + "\n", encoding="ascii")
    (HERE / "OFL.txt").write_bytes((package / "LICENSE_FONT").read_bytes())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
