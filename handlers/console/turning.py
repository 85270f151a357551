"""A kept picture as the reviewer wants to see it: turned, and small enough for the page."""

import io
from typing import Final

from PIL import Image

_LARGEST: Final = 3000
_TURNS: Final = {
    90: Image.Transpose.ROTATE_270,
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}


def turned(content: bytes, *, rotate: int, size: int) -> bytes:
    """A JPEG of `content`, turned right by `rotate` (0, 90, 180, 270; else not), its longer side at most `size` (0: as is).

    `content` is a picture that intake re-encoded; raises OSError for other bytes. Runs long: call it in a thread.
    """
    with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as opened:
        picture: Image.Image = opened.convert("RGB")
    if rotate in _TURNS:
        picture = picture.transpose(_TURNS[rotate])
    if size:
        limit = min(size, _LARGEST)
        picture.thumbnail((limit, limit), Image.Resampling.LANCZOS)
    target = io.BytesIO()
    picture.save(target, "JPEG", quality=88)
    return target.getvalue()
