"""Safe intake: foreign bytes become a picture of our own making, or are refused with a reason.

Size and kind are judged from the header before any pixel is decoded, and what is kept is encoded anew, which drops
GPS, comments, thumbnails and whatever was hung on behind.
"""

import warnings
from hashlib import sha256
from io import BytesIO
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from services.pictures.models import Doubt, Finding, Picture, PictureRefusedError, Refusal

#: What the platform takes for an image (temporary media, 10 MB).
MAX_BYTES: Final = 10 * 1024 * 1024
MAX_PIXELS: Final = 40_000_000
#: Long side of what is kept: enough to print a portrait and to read a diploma.
KEPT_LONG_SIDE: Final = 2000
#: Smaller than an icon: nothing can be seen on it.
MIN_SIDE: Final = 32
JPEG_QUALITY: Final = 90

_FORMATS: Final = ("JPEG", "PNG", "WEBP")
_HEIC_BRANDS: Final = frozenset(
    {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1"}
)
_AVIF_BRANDS: Final = frozenset({b"avif", b"avis"})
_OTHER_FORMATS: Final = (
    (b"GIF8", "gif"),
    (b"BM", "bmp"),
    (b"II*\0", "tiff"),
    (b"MM\0*", "tiff"),
    (b"%PDF", "pdf"),
    (b"<svg", "svg"),
)

# For the whole process on purpose: a filter set around each call would be shared by all threads anyway.
warnings.simplefilter("error", Image.DecompressionBombWarning)


def open_picture(data: bytes, *, max_bytes: int = MAX_BYTES, max_pixels: int = MAX_PIXELS) -> Picture:
    """Take in a JPEG, PNG or WebP, whatever its name said it was.

    Several-picture JPEGs (MPO, as some phones make) give their first one. The result is upright and at most
    `KEPT_LONG_SIDE` pixels long. Colour profiles are dropped, not applied: their parser is not for foreign bytes.

    At 40 megapixels it takes 100 MB for a camera's JPEG, 300 for a progressive one and 400 for a see-through PNG, for
    about a second: run one at a time in a process.

    Raises:
        PictureRefusedError: any `Refusal` but `WRONG_SHAPE`.
    """
    if len(data) > max_bytes:
        raise PictureRefusedError(Refusal.TOO_MANY_BYTES, bytes=len(data), limit=max_bytes)
    image = _open(data, max_pixels)
    width, height = image.size
    found = list[Finding]()
    if _load_upright(image, found):
        width, height = height, width
    flat = _flatten(image, found)
    flat.thumbnail((KEPT_LONG_SIDE, KEPT_LONG_SIDE), Image.Resampling.LANCZOS)
    return Picture(
        content=encode(flat),
        width=flat.width,
        height=flat.height,
        original_width=width,
        original_height=height,
        sha256=sha256(data).hexdigest(),
        pixels_sha256=digest_of_pixels(flat),
        warnings=tuple(found),
    )


def encode(image: Image.Image) -> bytes:
    """A JPEG of the pixels alone."""
    # What Pillow read along with the pixels (comment, profile, resolution) would otherwise be written back.
    image.info.clear()
    out = BytesIO()
    image.save(out, "JPEG", quality=JPEG_QUALITY)
    return out.getvalue()


def digest_of_pixels(image: Image.Image) -> str:
    """SHA-256 of mode, size and pixels, hexadecimal."""
    return sha256(f"{image.mode} {image.width}x{image.height}\n".encode() + image.tobytes()).hexdigest()


def _open(data: bytes, max_pixels: int) -> Image.Image:
    """Read the header only, and judge by it."""
    try:
        image = Image.open(BytesIO(data), formats=_FORMATS)
    except UnidentifiedImageError:
        raise _unidentified(data) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise PictureRefusedError(Refusal.TOO_MANY_PIXELS, limit=max_pixels) from None
    except MemoryError:
        raise
    except Exception:  # a decoder over foreign bytes may raise anything; it is the picture's fault
        raise PictureRefusedError(Refusal.DAMAGED) from None
    width, height = image.size
    if width * height > max_pixels:
        raise PictureRefusedError(Refusal.TOO_MANY_PIXELS, width=width, height=height, limit=max_pixels)
    if min(width, height) < MIN_SIDE:
        raise PictureRefusedError(
            Refusal.TOO_SMALL, width=width, height=height, needed_width=MIN_SIDE, needed_height=MIN_SIDE
        )
    frames = getattr(image, "n_frames", 1)
    if frames > 1 and image.format != "MPO":
        raise PictureRefusedError(Refusal.ANIMATED, frames=frames)
    return image


def _unidentified(data: bytes) -> PictureRefusedError:
    if data[4:8] == b"ftyp":
        brand = data[8:12]
        if brand in _AVIF_BRANDS:
            return PictureRefusedError(Refusal.HEIC, format="avif")
        if brand in _HEIC_BRANDS:
            return PictureRefusedError(Refusal.HEIC, format="heic")
    for magic, name in _OTHER_FORMATS:
        if data.startswith(magic):
            return PictureRefusedError(Refusal.UNSUPPORTED_FORMAT, format=name)
    if data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")) or (
        data.startswith(b"RIFF") and data[8:12] == b"WEBP"
    ):
        return PictureRefusedError(Refusal.DAMAGED)
    return PictureRefusedError(Refusal.NOT_A_PICTURE)


def _load_upright(image: Image.Image, found: list[Finding]) -> bool:
    """Decode, reduced while decoding where the format can, and turn as the camera noted: whether sides changed."""
    width, height = image.size
    longest = max(width, height)
    try:
        if longest > KEPT_LONG_SIDE:
            kept = (max(1, width * KEPT_LONG_SIDE // longest), max(1, height * KEPT_LONG_SIDE // longest))
            image.draft("RGB", kept)
        image.load()
    except MemoryError:
        raise
    except Exception:  # as in `_open`
        raise PictureRefusedError(Refusal.DAMAGED) from None
    lying = image.size
    try:
        ImageOps.exif_transpose(image, in_place=True)
    except Exception:  # broken EXIF is no reason to refuse what can be seen
        found.append(Finding(code=Doubt.ORIENTATION_UNREADABLE))
    return image.size != lying


def _flatten(image: Image.Image, found: list[Finding]) -> Image.Image:
    """Three channels of 8 bits, see-through parts on white."""
    if image.mode.startswith("I"):
        # Pillow's own conversion cuts 16 bits off at 255 and makes all grey white.
        return image.convert("I").point(lambda value: value * (1 / 257)).convert("RGB")
    if not image.has_transparency_data:
        return image if image.mode == "RGB" else image.convert("RGB")
    layered = image if image.mode == "RGBA" else image.convert("RGBA")
    alpha = layered.getchannel("A")
    if alpha.getextrema() != (255, 255):
        found.append(Finding(code=Doubt.TRANSPARENT))
    flat = Image.new("RGB", layered.size, "white")
    flat.paste(layered, mask=alpha)
    return flat
