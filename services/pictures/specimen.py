"""Specimen pictures for demo and tests: drawn, marked 样张, showing nobody and nothing real.

The same arguments give the same bytes under the same Pillow. Text is Latin: Pillow's own font has no Chinese, so
the two characters of the mark are drawn by strokes.
"""

from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw, ImageFont

Colour = tuple[int, int, int]

#: The usual blue of Chinese portraits: hue 210°.
BLUE: Final[Colour] = (67, 142, 219)
#: The example number of GB 11643: checksum and date are right, the person is not.
EXAMPLE_NUMBER: Final = "11010519491231002X"

#: Hair and jacket of the drawn people.
_LOOKS: Final[tuple[tuple[Colour, Colour], ...]] = (
    ((38, 32, 30), (40, 46, 66)),
    ((62, 42, 32), (96, 34, 40)),
    ((28, 28, 34), (34, 74, 58)),
    ((92, 88, 86), (70, 70, 78)),
)
_SKIN: Final[Colour] = (236, 198, 170)
_INK: Final[Colour] = (40, 40, 48)

#: The strokes of 样 and 张 on a square of 100.
_MARK: Final[tuple[tuple[tuple[tuple[int, int], ...], ...], ...]] = (
    (
        ((2, 30), (40, 30)),
        ((22, 5), (22, 95)),
        ((20, 32), (4, 62)),
        ((24, 38), (38, 52)),
        ((58, 5), (66, 20)),
        ((88, 5), (80, 20)),
        ((52, 25), (95, 25)),
        ((55, 45), (92, 45)),
        ((48, 66), (98, 66)),
        ((73, 25), (73, 96)),
    ),
    (
        ((6, 12), (38, 12), (38, 34), (8, 34), (6, 56), (38, 56), (35, 88), (24, 82)),
        ((86, 10), (60, 40)),
        ((46, 48), (98, 48)),
        ((58, 8), (58, 90), (72, 80)),
        ((62, 50), (96, 92)),
    ),
)


def portrait(width: int = 413, height: int = 579, background: Colour = BLUE, variant: int = 0) -> bytes:
    """A drawn head and shoulders; two-inch before blue unless told otherwise. `variant` changes hair and jacket."""
    image = Image.new("RGB", (width, height), background)
    _draw_person(image, (0, 0, width, height), variant)
    _mark(image, (round(width * 0.30), round(height * 0.84)), round(width * 0.19), (232, 232, 236))
    return _jpeg(image)


def id_card_front(name: str = "ZHANG SAN", number: str = EXAMPLE_NUMBER) -> bytes:
    """The side with portrait and number, 1280 × 860, photographed lying on a desk."""
    image, card = _on_desk((206, 222, 232))
    draw = ImageDraw.Draw(image)
    left, top, right, bottom = card
    born = f"{number[6:10]}-{number[10:12]}-{number[12:14]}"
    lines = (("Name", name), ("Sex / Nation", "- / HAN"), ("Born", born), ("Address", "1 SPECIMEN ROAD"))
    for row, (label, value) in enumerate(lines):
        y = top + 70 + row * 95
        draw.text((left + 50, y + 8), label, fill=(60, 110, 160), font=ImageFont.load_default(24))
        draw.text((left + 210, y), value, fill=_INK, font=ImageFont.load_default(36))
    draw.text((left + 50, bottom - 110), "ID number", fill=(60, 110, 160), font=ImageFont.load_default(24))
    draw.text((left + 260, bottom - 125), number, fill=_INK, font=ImageFont.load_default(48))
    _draw_person(image, (right - 350, top + 80, right - 60, top + 450), 0)
    _mark(image, (left + 420, top + 210), 130, (214, 120, 120))
    return _jpeg(image)


def id_card_back() -> bytes:
    """The side with emblem and validity, 1280 × 860, photographed lying on a desk."""
    image, (left, top, _, bottom) = _on_desk((226, 218, 206))
    draw = ImageDraw.Draw(image)
    draw.ellipse(
        (left + 60, top + 60, left + 230, top + 230), fill=(196, 52, 44), outline=(212, 166, 60), width=8
    )
    draw.text((left + 290, top + 80), "SPECIMEN", fill=_INK, font=ImageFont.load_default(64))
    draw.text((left + 290, top + 170), "IDENTITY CARD", fill=_INK, font=ImageFont.load_default(52))
    draw.text((left + 290, bottom - 190), "Issued by   NOBODY", fill=_INK, font=ImageFont.load_default(34))
    draw.text(
        (left + 290, bottom - 120),
        "Valid   2020.01.01-2040.01.01",
        fill=_INK,
        font=ImageFont.load_default(34),
    )
    _mark(image, (left + 640, top + 270), 120, (214, 120, 120))
    return _jpeg(image)


def diploma(number: str = "105601202005000001") -> bytes:
    """A graduation certificate, 1500 × 1080, with a portrait, a number and a red seal."""
    image = Image.new("RGB", (1500, 1080), (250, 244, 228))
    draw = ImageDraw.Draw(image)
    draw.rectangle((40, 40, 1460, 1040), outline=(176, 132, 60), width=12)
    draw.rectangle((62, 62, 1438, 1018), outline=(176, 132, 60), width=3)
    draw.text((480, 120), "GRADUATION CERTIFICATE", fill=(150, 40, 36), font=ImageFont.load_default(48))
    _draw_person(image, (130, 260, 410, 652), 0)
    lines = (
        "This specimen certifies that nobody in particular",
        "has completed four years of study in",
        "FOOD SCIENCE",
    )
    for row, line in enumerate(lines):
        draw.text((480, 290 + row * 90), line, fill=_INK, font=ImageFont.load_default(38))
    draw.text((130, 920), f"No. {number}", fill=_INK, font=ImageFont.load_default(34))
    draw.ellipse((1060, 690, 1320, 950), outline=(208, 44, 40), width=9)
    draw.regular_polygon((1190, 820, 50), 3, fill=(208, 44, 40))
    _mark(image, (600, 640), 170, (222, 170, 160))
    return _jpeg(image)


def voucher(amount: str = "380.00", remark: str = "SPECIMEN") -> bytes:
    """The picture of a bank transfer as a phone shows it, 1080 × 1600."""
    image = Image.new("RGB", (1080, 1600), (246, 246, 248))
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, 1080, 170), fill=(36, 120, 90))
    draw.text((60, 60), "Transfer completed", fill=(255, 255, 255), font=ImageFont.load_default(52))
    draw.text((60, 300), f"CNY {amount}", fill=_INK, font=ImageFont.load_default(110))
    for row, line in enumerate(
        ("To      SPECIMEN ASSOCIATION", f"Remark  {remark}", "Time    2026-01-05 09:30")
    ):
        draw.text((60, 560 + row * 120), line, fill=_INK, font=ImageFont.load_default(48))
    _mark(image, (340, 1180), 180, (200, 206, 204))
    return _jpeg(image)


def landscape() -> bytes:
    """Hills under the sun, 1600 × 1067: what is sent by mistake in place of a portrait."""
    image = Image.new("RGB", (1600, 1067), (150, 200, 236))
    draw = ImageDraw.Draw(image)
    draw.ellipse((1180, 110, 1340, 270), fill=(252, 226, 130))
    draw.polygon(
        [(0, 720), (420, 340), (820, 700), (1180, 420), (1600, 740), (1600, 1067), (0, 1067)],
        fill=(96, 130, 150),
    )
    draw.polygon([(0, 820), (600, 640), (1600, 860), (1600, 1067), (0, 1067)], fill=(92, 150, 84))
    _mark(image, (60, 900), 110, (226, 240, 220))
    return _jpeg(image)


def _on_desk(face: Colour) -> tuple[Image.Image, tuple[int, int, int, int]]:
    """A card of 85.6 × 54 mm on wood, and where it lies."""
    image = Image.new("RGB", (1280, 860), (142, 108, 78))
    draw = ImageDraw.Draw(image)
    for y in range(0, 860, 43):
        draw.line((0, y, 1280, y + 14), fill=(132, 98, 70), width=5)
    card = (90, 83, 1190, 777)
    draw.rounded_rectangle((98, 93, 1198, 787), radius=36, fill=(92, 70, 52))
    draw.rounded_rectangle(card, radius=36, fill=face)
    return image, card


def _draw_person(image: Image.Image, box: tuple[int, int, int, int], variant: int) -> None:
    """Head and shoulders within `box`, leaving its top and the upper sides free."""
    left, top, right, bottom = box
    hair, jacket = _LOOKS[variant % len(_LOOKS)]
    draw = ImageDraw.Draw(image)

    def at(x: float, y: float) -> tuple[float, float]:
        return left + x * (right - left), top + y * (bottom - top)

    def area(x0: float, y0: float, x1: float, y1: float) -> tuple[float, float, float, float]:
        return (*at(x0, y0), *at(x1, y1))

    draw.polygon(
        [at(0.06, 0.999), at(0.13, 0.80), at(0.38, 0.71), at(0.62, 0.71), at(0.87, 0.80), at(0.94, 0.999)],
        fill=jacket,
    )
    draw.polygon([at(0.40, 0.72), at(0.60, 0.72), at(0.50, 0.86)], fill=(244, 244, 246))
    draw.rectangle(area(0.42, 0.58, 0.58, 0.74), fill=(222, 182, 154))
    draw.ellipse(area(0.26, 0.16, 0.74, 0.60), fill=hair)
    draw.ellipse(area(0.30, 0.22, 0.70, 0.66), fill=_SKIN)
    draw.chord(area(0.28, 0.17, 0.72, 0.46), 180, 360, fill=hair)
    for x in (0.42, 0.58):
        draw.ellipse(area(x - 0.035, 0.415, x + 0.035, 0.435), fill=(250, 250, 250))
        draw.ellipse(area(x - 0.015, 0.413, x + 0.015, 0.437), fill=_INK)
        draw.line([at(x - 0.05, 0.39), at(x + 0.05, 0.387)], fill=hair, width=max(1, (right - left) // 80))
    draw.line(
        [at(0.50, 0.44), at(0.485, 0.51), at(0.51, 0.515)],
        fill=(206, 162, 136),
        width=max(1, (right - left) // 100),
    )
    draw.arc(area(0.43, 0.52, 0.57, 0.58), 20, 160, fill=(176, 92, 88), width=max(1, (right - left) // 80))


def _mark(image: Image.Image, place: tuple[int, int], size: int, colour: Colour) -> None:
    """样张, each character `size` pixels square."""
    draw = ImageDraw.Draw(image)
    for position, character in enumerate(_MARK):
        left = place[0] + round(position * size * 1.15)
        for stroke in character:
            points = [(left + x * size / 100, place[1] + y * size / 100) for x, y in stroke]
            draw.line(points, fill=colour, width=max(2, size // 12), joint="curve")


def _jpeg(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "JPEG", quality=90)
    return out.getvalue()
