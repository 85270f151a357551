"""Portraits and seals made ready for the sheet: decoded, bounded in size, encoded anew.

They come out as SVG documents that hold the pixels, because the compiler takes text files only from memory; the
pixels reach the PDF unchanged.
"""

from base64 import b64encode
from io import BytesIO

from PIL import Image, ImageOps, UnidentifiedImageError

from services.errors import ServiceError

#: 35 × 49 mm at 300 dpi; more would only make the file larger.
PORTRAIT_PIXELS = (413, 579)
SEAL_PIXELS = (660, 660)  #: 42 mm at 400 dpi
ACCEPTED_FORMATS = ("JPEG", "PNG")
MAX_PIXELS = 40_000_000


class UnusablePictureError(ServiceError):
    """`picture` (`portrait` or `seal`) is no readable JPEG or PNG, or has more than 40 million pixels."""

    def __init__(self, picture: str, reason: str) -> None:
        super().__init__("unusable_picture", picture=picture, reason=reason)
        self.picture = picture


def _opened(picture: str, content: bytes) -> Image.Image:
    try:
        image = Image.open(BytesIO(content), formats=ACCEPTED_FORMATS)
        too_large = image.width * image.height > MAX_PIXELS
        if not too_large:
            image.load()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise UnusablePictureError(picture, "no readable JPEG or PNG") from error
    if too_large:
        raise UnusablePictureError(picture, f"{image.width}x{image.height} pixels")
    return image


def _wrapped(mime: str, size: tuple[int, int], pixels: bytes) -> bytes:
    width, height = size
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f'<image width="{width}" height="{height}" href="data:{mime};base64,{b64encode(pixels).decode()}"/></svg>'
    ).encode()


def portrait_svg(content: bytes) -> bytes:
    """A portrait, upright, RGB, cut to 5:7 (more below the head than above it), without metadata.

    Raises:
        UnusablePictureError: see there.
    """
    image = ImageOps.exif_transpose(_opened("portrait", content))
    upright = Image.new("RGB", image.size, "white")
    upright.paste(image.convert("RGB"), mask=image.convert("RGBA").getchannel("A"))
    fitted = ImageOps.fit(upright, PORTRAIT_PIXELS, Image.Resampling.LANCZOS, centering=(0.5, 0.3))
    out = BytesIO()
    fitted.save(out, "JPEG", quality=90, optimize=True)
    return _wrapped("image/jpeg", fitted.size, out.getvalue())


def seal_svg(content: bytes) -> bytes:
    """A seal of at most 660 × 660 pixels, transparency and proportions kept.

    Raises:
        UnusablePictureError: see there.
    """
    image = _opened("seal", content).convert("RGBA")
    image.thumbnail(SEAL_PIXELS, Image.Resampling.LANCZOS)
    out = BytesIO()
    image.save(out, "PNG", optimize=True)
    return _wrapped("image/png", image.size, out.getvalue())
