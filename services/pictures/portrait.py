"""What a portrait must be: big enough, of the right shape, before blue, in colour (A11, C6).

Certain faults refuse, the rest warns. A ratio off by more than the tolerance is refused only when the largest crop of
the right ratio would keep less than `MIN_KEPT_SHARE` of the picture, as with a landscape photo or a screenshot of a
whole phone; otherwise a crop is offered. Background and colour only ever warn: warm light defeats them. No background
is ever replaced.
"""

from dataclasses import dataclass, replace
from io import BytesIO
from typing import Final, Literal

from PIL import Image, ImageChops

from services.pictures.intake import digest_of_pixels, encode
from services.pictures.models import Doubt, Finding, Findings, Picture, Refusal

#: A 4:3 landscape keeps 0.53 and a 20:9 screenshot 0.63; a 9:16 photo 0.79 and a square one 0.71.
MIN_KEPT_SHARE: Final = 0.65
#: 49 mm at 300 dpi are 578.7 pixels; a photo studio's program may round either way.
ROUNDING_PX: Final = 1

_BLUE_HUES: Final = (195, 235)
_MIN_BLUE: Final = 0.35
NEEDED_BLUE_SHARE: Final = 0.85
_TOP_SHARE: Final = 0.12
#: The side strips: so wide, and down to where shoulders begin.
_SIDE_SHARE: Final = 0.08
_SIDE_DEPTH: Final = 0.50
#: Of 255. Below it the 95th percentile of chroma is noise, not colour.
_GREY_CHROMA: Final = 10
#: Checks of colour look at a reduced picture: quicker, and without the noise of a camera.
_CHECKED_SIDE: Final = 300


@dataclass(frozen=True, kw_only=True)
class PortraitSpec:
    """What a scheme asks of a portrait: least size in pixels, hence the ratio, and the background."""

    width_px: int
    height_px: int
    #: Relative deviation of width ÷ height that is taken as it is.
    ratio_tolerance: float = 0.02
    background: Literal["blue"] | None = "blue"

    @property
    def ratio(self) -> float:
        """Width ÷ height."""
        return self.width_px / self.height_px


#: 二寸, 35 × 49 mm at 300 dpi (A11).
TWO_INCH: Final = PortraitSpec(width_px=413, height_px=579)
#: 大一寸, 33 × 48 mm at 300 dpi (C6); its background is not prescribed.
LARGE_ONE_INCH: Final = PortraitSpec(width_px=390, height_px=567, background=None)


def check_portrait(picture: Picture, spec: PortraitSpec) -> Findings:
    """Find what speaks against `picture` as a portrait after `spec`; see the module for what refuses.

    When it is refused for its shape, colours are not looked at.
    """
    refusals, warnings = _check_shape(picture, spec)
    if refusals:
        return Findings(refusals=refusals)
    with Image.open(BytesIO(picture.content), formats=("JPEG",)) as image:
        image.draft("RGB", (_CHECKED_SIDE, _CHECKED_SIDE))
        small = image.convert("RGB")
    small.thumbnail((_CHECKED_SIDE, _CHECKED_SIDE), Image.Resampling.BOX)
    if _is_grey(small):
        warnings = (*warnings, Finding(code=Doubt.GREYSCALE))
    elif spec.background == "blue" and (share := _blue_share(small)) < NEEDED_BLUE_SHARE:
        facts = {"share": round(share, 2), "needed_share": NEEDED_BLUE_SHARE}
        warnings = (*warnings, Finding(code=Doubt.BACKGROUND_NOT_BLUE, facts=facts))
    return Findings(warnings=warnings)


def offer_crop(picture: Picture, spec: PortraitSpec) -> Picture:
    """The largest part of `picture` with the ratio of `spec`, for the person to confirm.

    Centred across; of a picture too tall a third of the surplus goes above and two thirds below, because heads stand
    above the middle. A picture that has the ratio already comes back as it is.
    """
    if _ratio_fits(picture, spec):
        return picture
    width, height = _crop_size(picture, spec)
    left, top = (picture.width - width) // 2, (picture.height - height) // 3
    with Image.open(BytesIO(picture.content), formats=("JPEG",)) as image:
        cropped = image.convert("RGB").crop((left, top, left + width, top + height))
    return replace(
        picture,
        content=encode(cropped),
        width=width,
        height=height,
        pixels_sha256=digest_of_pixels(cropped),
    )


def _check_shape(picture: Picture, spec: PortraitSpec) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
    """Refusals and warnings about size and ratio."""
    facts = {
        "width": picture.width,
        "height": picture.height,
        "needed_width": spec.width_px,
        "needed_height": spec.height_px,
    }
    fits = _ratio_fits(picture, spec)
    width, height = (picture.width, picture.height) if fits else _crop_size(picture, spec)
    if width * height < MIN_KEPT_SHARE * picture.width * picture.height:
        return (Finding(code=Refusal.WRONG_SHAPE, facts=facts),), ()
    if width < spec.width_px - ROUNDING_PX or height < spec.height_px - ROUNDING_PX:
        return (Finding(code=Refusal.TOO_SMALL, facts=facts),), ()
    if fits:
        return (), ()
    ratios = {"ratio": round(picture.width / picture.height, 3), "needed_ratio": round(spec.ratio, 3)}
    return (), (Finding(code=Doubt.RATIO_OFF, facts=ratios),)


def _ratio_fits(picture: Picture, spec: PortraitSpec) -> bool:
    return abs(picture.width / picture.height / spec.ratio - 1) <= spec.ratio_tolerance


def _crop_size(picture: Picture, spec: PortraitSpec) -> tuple[int, int]:
    if picture.width > picture.height * spec.ratio:
        return max(1, round(picture.height * spec.ratio)), picture.height
    return picture.width, max(1, round(picture.width / spec.ratio))


def _is_grey(image: Image.Image) -> bool:
    red, green, blue = image.split()
    highest = ImageChops.lighter(ImageChops.lighter(red, green), blue)
    lowest = ImageChops.darker(ImageChops.darker(red, green), blue)
    counts = ImageChops.subtract(highest, lowest).histogram()
    return sum(counts[_GREY_CHROMA:]) < 0.05 * sum(counts)


def _blue_share(image: Image.Image) -> float:
    """How much of the top and of the side strips is blue, 0–1."""
    low, high = (degrees * 255 / 360 for degrees in _BLUE_HUES)
    least = _MIN_BLUE * 255
    hue, saturation, value = image.convert("HSV").split()
    blue = ImageChops.darker(
        hue.point(lambda level: 255 if low <= level <= high else 0),
        ImageChops.darker(
            saturation.point(lambda level: 255 if level > least else 0),
            value.point(lambda level: 255 if level > least else 0),
        ),
    )
    width, height = image.size
    top, depth, side = round(height * _TOP_SHARE), round(height * _SIDE_DEPTH), round(width * _SIDE_SHARE)
    zones = ((0, 0, width, top), (0, top, side, depth), (width - side, top, width, depth))
    pixels = blue_pixels = 0
    for zone in zones:
        counts = blue.crop(zone).histogram()
        pixels += sum(counts)
        blue_pixels += counts[255]
    return blue_pixels / pixels
