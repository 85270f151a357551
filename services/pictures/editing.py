"""Turning and reducing pictures that were taken in, for the staff console and the person's own pages."""

from io import BytesIO

from PIL import Image

from services.pictures.intake import encode

_CLOCKWISE = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}


def thumbnail(content: bytes, max_side: int) -> bytes:
    """A JPEG of at most `max_side` × `max_side` pixels, never enlarged.

    Args:
        content: `Picture.content`; bytes from outside go through `intake.open_picture` first.
        max_side: pixels, at least 1.
    """
    with Image.open(BytesIO(content), formats=("JPEG",)) as image:
        image.thumbnail((max_side, max_side), Image.Resampling.LANCZOS)
        return encode(image.convert("RGB"))


def rotate(content: bytes, degrees: int) -> bytes:
    """`content` turned clockwise by a multiple of 90 degrees (negative: anticlockwise), as a JPEG.

    A whole turn gives the same bytes back.

    Raises:
        ValueError: `degrees` is no multiple of 90.
    """
    if degrees % 90:
        raise ValueError(f"can turn by multiples of 90 degrees, not by {degrees}")
    if degrees % 360 == 0:
        return content
    with Image.open(BytesIO(content), formats=("JPEG",)) as image:
        return encode(image.convert("RGB").transpose(_CLOCKWISE[degrees % 360]))
