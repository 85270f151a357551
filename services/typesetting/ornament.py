"""The frame of a sheet: own guilloche, drawn once a palette and kept as SVG in millimetres of A4 landscape."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import cos, pi, sin

WIDTH, HEIGHT = 297.0, 210.0
#: Distances from the paper's edge, mm.
OUTER_LINE, OUTER_HAIRLINE, BAND_CENTRE, INNER_HAIRLINE, INNER_LINE = 7.5, 9.0, 12.7, 16.4, 17.6
TURN = 2 * pi

Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Palette:
    """A sheet's colours as #rrggbb."""

    accent: str  #: title and strong lines
    gilt: str  #: woven bands and hairlines
    pale: str  #: the rosette behind the text


CERTIFICATE_PALETTE = Palette(accent="#1b3358", gilt="#b08a4a", pale="#efe4ce")
HOURS_PALETTE = Palette(accent="#17504c", gilt="#7f9b7a", pale="#dfeadd")


def _smooth(place: Callable[[float], Point], pieces: int) -> str:
    """Path data through `place(t)`, t from 0 to 1, as cubic pieces that share tangents."""
    step = 0.01 / pieces

    def slope(t: float) -> Point:
        (ax, ay), (bx, by) = place(t - step), place(t + step)
        return (bx - ax) / (6 * step * pieces), (by - ay) / (6 * step * pieces)

    (x, y), (u, v) = place(0), slope(0)
    data = [f"M{x:.2f} {y:.2f}"]
    for i in range(1, pieces + 1):
        (nx, ny), (nu, nv) = place(i / pieces), slope(i / pieces)
        data.append(f"C{x + u:.2f} {y + v:.2f} {nx - nu:.2f} {ny - nv:.2f} {nx:.2f} {ny:.2f}")
        x, y, u, v = nx, ny, nu, nv
    return "".join(data)


def _strand(start: Point, length: float, *, upright: bool, periods: int, phase: float) -> str:
    """One sine along a side of the frame."""

    def place(t: float) -> Point:
        along, across = length * t, 2.5 * sin(TURN * periods * t + phase)
        return (start[0] + across, start[1] + along) if upright else (start[0] + along, start[1] + across)

    return _smooth(place, periods * 4)


def _bands() -> str:
    """Six strands along each side."""
    wide, high = WIDTH - 2 * INNER_LINE, HEIGHT - 2 * INNER_LINE
    strands: list[str] = []
    for k in range(6):
        phase = TURN * k / 6
        for y in (BAND_CENTRE, HEIGHT - BAND_CENTRE):
            strands.append(_strand((INNER_LINE, y), wide, upright=False, periods=30, phase=phase))
        for x in (BAND_CENTRE, WIDTH - BAND_CENTRE):
            strands.append(_strand((x, INNER_LINE), high, upright=True, periods=20, phase=phase))
    return "".join(strands)


def _rosette(centre: Point, radius: float, swing: float, petals: int, strands: int) -> str:
    """Closed curves whose radius swings between `radius` × (1 - 2 × `swing`) and `radius`."""

    def curve(phase: float) -> str:
        def place(t: float) -> Point:
            r = radius * (1 - swing + swing * cos(TURN * petals * t + phase))
            return centre[0] + r * cos(TURN * t), centre[1] + r * sin(TURN * t)

        return _smooth(place, petals * 6)

    return "".join(curve(TURN * k / strands) for k in range(strands))


def _border(inset: float, stroke: str, points: float) -> str:
    return (
        f'<rect x="{inset}" y="{inset}" width="{WIDTH - 2 * inset:.2f}" height="{HEIGHT - 2 * inset:.2f}" '
        f'stroke="{stroke}" stroke-width="{points * 25.4 / 72:.3f}"/>'
    )


def _corner(centre: Point, palette: Palette) -> str:
    x, y = centre
    return (
        f'<rect x="{x - 3.7:.2f}" y="{y - 3.7:.2f}" width="7.4" height="7.4" stroke="{palette.gilt}" stroke-width=".14"/>'
        f'<path d="{_rosette(centre, 3.3, 0.32, 8, 4)}" stroke="{palette.gilt}" stroke-width=".1"/>'
        f'<circle cx="{x:.2f}" cy="{y:.2f}" r=".6" fill="{palette.accent}"/>'
    )


@cache
def frame_svg(palette: Palette) -> bytes:
    """The whole sheet's ornament as one SVG document of 297 × 210 mm."""
    middle = (WIDTH / 2, 104.0)
    background = _rosette(middle, 64, 0.22, 12, 8) + _rosette(middle, 33, 0.30, 8, 6)
    parts = [
        f'<path d="{background}" stroke="{palette.pale}" stroke-width=".12"/>',
        _border(OUTER_LINE, palette.accent, 1.4),
        _border(OUTER_HAIRLINE, palette.gilt, 0.4),
        _border(INNER_HAIRLINE, palette.gilt, 0.4),
        _border(INNER_LINE, palette.accent, 0.8),
        f'<path d="{_bands()}" stroke="{palette.gilt}" stroke-width=".105"/>',
        *(
            _corner((x, y), palette)
            for x in (BAND_CENTRE, WIDTH - BAND_CENTRE)
            for y in (BAND_CENTRE, HEIGHT - BAND_CENTRE)
        ),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}mm" height="{HEIGHT}mm" '
        f'viewBox="0 0 {WIDTH} {HEIGHT}" fill="none">{"".join(parts)}</svg>'
    ).encode()
