"""QR codes of verification addresses, drawn from the `qrcode` module matrix.

The mask is fixed: choosing the best of eight costs five times the time, and every reader reads any of them.
"""

from io import BytesIO

import qrcode
from PIL import Image
from qrcode.constants import ERROR_CORRECT_M

MASK_PATTERN = 2
QUIET_ZONE = 4  #: modules of white on each side (ISO/IEC 18004)

Matrix = list[list[bool]]


def matrix(url: str) -> Matrix:
    """The modules of `url` at error correction M with the quiet zone around them; True is dark."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=QUIET_ZONE, mask_pattern=MASK_PATTERN)
    code.add_data(url)
    code.make(fit=True)
    modules: Matrix = code.get_matrix()
    return modules


def matrix_svg(modules: Matrix) -> str:
    """One SVG with one path, one unit a module: a single fill leaves no hairlines between rows."""
    side = len(modules)
    strokes: list[str] = []
    for y, row in enumerate(modules):
        x = 0
        while x < side:
            start = x
            while x < side and row[x]:
                x += 1
            if x > start:
                strokes.append(f"M{start} {y}h{x - start}v1h-{x - start}z")
            x += 1
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" width="{side}" height="{side}">'
        f'<path fill="#fff" d="M0 0h{side}v{side}h-{side}z"/><path fill="#000" d="{"".join(strokes)}"/></svg>'
    )


def qr_svg(url: str) -> str:
    """`url` as an SVG document that scales to any size; white background, quiet zone included."""
    return matrix_svg(matrix(url))


def qr_png(url: str, *, pixels: int) -> bytes:
    """`url` as a black-and-white PNG of exactly `pixels` × `pixels`, every module the same whole number of pixels.

    Raises:
        ValueError: `pixels` is less than one a module.
    """
    modules = matrix(url)
    side = len(modules)
    scale = pixels // side
    if scale < 1:
        raise ValueError(f"{pixels} pixels cannot hold {side} modules")
    small = Image.new("1", (side, side))
    small.putdata([not dark for row in modules for dark in row])
    sheet = Image.new("1", (pixels, pixels), color=1)
    margin = (pixels - side * scale) // 2
    sheet.paste(small.resize((side * scale, side * scale), Image.Resampling.NEAREST), (margin, margin))
    out = BytesIO()
    sheet.save(out, "PNG", optimize=True)
    return out.getvalue()
