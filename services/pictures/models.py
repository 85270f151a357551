"""A picture that was taken in, and what can be found about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from services.errors import ServiceError

#: Numbers and names for the sentence at the edge: `{"width": 300, "needed_width": 413}`.
Facts = Mapping[str, str | int | float]


class Refusal(StrEnum):
    """Why a picture is refused; only what is certain. The member's comment lists its facts."""

    NOT_A_PICTURE = "not_a_picture"  #: no known picture format: text, a web page, an archive
    HEIC = "heic"  #: `format` heic or avif: ask for a JPG
    UNSUPPORTED_FORMAT = "unsupported_format"  #: `format`, one of gif, bmp, tiff, pdf, svg
    TOO_MANY_BYTES = "too_many_bytes"  #: `bytes`, `limit`
    TOO_MANY_PIXELS = "too_many_pixels"  #: `limit`; `width` and `height` when known
    DAMAGED = "damaged"  #: starts like a picture and breaks off or breaks down
    ANIMATED = "animated"  #: `frames`
    TOO_SMALL = "too_small"  #: `width`, `height` and what is needed: `needed_width`, `needed_height` or `needed_long_side`
    WRONG_SHAPE = (
        "wrong_shape"  #: `width`, `height`, `needed_width`, `needed_height`: a crop would lose too much
    )


class Doubt(StrEnum):
    """What only warns and goes to a person."""

    ORIENTATION_UNREADABLE = "orientation_unreadable"  #: the camera's note which way is up is broken
    TRANSPARENT = "transparent"  #: see-through parts were put on white
    RATIO_OFF = "ratio_off"  #: `ratio`, `needed_ratio`; a crop can be offered
    BACKGROUND_NOT_BLUE = "background_not_blue"  #: `share` of blue, 0–1, and `needed_share`
    GREYSCALE = "greyscale"  #: a picture without colour


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that was found, with the facts for its sentence."""

    code: Refusal | Doubt
    facts: Facts = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Findings:
    """What a check found; in both lists the one to speak of comes first (one reason a reply)."""

    refusals: tuple[Finding, ...] = ()
    warnings: tuple[Finding, ...] = ()

    @property
    def accepted(self) -> bool:
        """Nothing certain speaks against the picture."""
        return not self.refusals

    @property
    def crop_would_help(self) -> bool:
        """The ratio is off, and `portrait.offer_crop` makes it right without falling below the needed pixels."""
        return self.accepted and any(finding.code is Doubt.RATIO_OFF for finding in self.warnings)


class PictureRefusedError(ServiceError):
    """The bytes are not taken in as a picture; `code` is a `Refusal`, `facts` are for the sentence at the edge."""

    code: Refusal

    def __init__(self, code: Refusal, **facts: str | int | float) -> None:
        super().__init__(code, **facts)


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture re-encoded by us: an upright sRGB-like JPEG without metadata or hidden tails."""

    #: The JPEG to keep and to show; nothing of the received bytes is in it but the pixels.
    content: bytes = field(repr=False)
    #: Of `content`, in pixels.
    width: int
    height: int
    #: Of the picture as it was received, turned upright; the same unless it was reduced or cropped.
    original_width: int
    original_height: int
    #: SHA-256 of the bytes as received, hexadecimal; stays the same through a crop.
    sha256: str
    #: SHA-256 of size and pixels as encoded: equal for the same picture sent with other metadata.
    pixels_sha256: str
    media_type: str = "image/jpeg"
    warnings: tuple[Finding, ...] = ()
