"""Turning and reducing for the staff console, and the specimen pictures themselves."""

from io import BytesIO

import pytest
from PIL import Image, ImageDraw

from services.pictures import specimen
from services.pictures.editing import rotate, thumbnail


def size_of(content: bytes) -> tuple[int, int]:
    return Image.open(BytesIO(content)).size


@pytest.fixture
def marked() -> bytes:
    """200 × 100, red at the upper left."""
    image = Image.new("RGB", (200, 100), "white")
    ImageDraw.Draw(image).rectangle((0, 0, 40, 40), fill="red")
    out = BytesIO()
    image.save(out, "JPEG", quality=95)
    return out.getvalue()


@pytest.mark.parametrize(
    ("degrees", "size", "red_at"),
    [
        (90, (100, 200), (85, 15)),
        (180, (200, 100), (185, 85)),
        (270, (100, 200), (15, 185)),
        (-90, (100, 200), (15, 185)),
        (450, (100, 200), (85, 15)),
    ],
)
def test_a_picture_turns_clockwise(
    marked: bytes, degrees: int, size: tuple[int, int], red_at: tuple[int, int]
) -> None:
    turned = rotate(marked, degrees)
    assert size_of(turned) == size
    assert Image.open(BytesIO(turned)).getpixel(red_at) == pytest.approx((255, 0, 0), abs=30)


def test_a_whole_turn_changes_nothing(marked: bytes) -> None:
    assert rotate(marked, 360) == marked


def test_a_turn_by_another_angle_is_refused(marked: bytes) -> None:
    with pytest.raises(ValueError, match="45"):
        rotate(marked, 45)


def test_a_thumbnail_keeps_the_shape_within_its_square_and_is_never_enlarged() -> None:
    assert size_of(thumbnail(specimen.diploma(), 300)) == (300, 216)
    assert size_of(thumbnail(specimen.portrait(), 2000)) == (413, 579)


def test_specimens_are_the_same_every_time_and_differ_by_what_is_asked_for() -> None:
    assert specimen.portrait() == specimen.portrait()
    assert len({specimen.portrait(variant=variant) for variant in range(4)}) == 4
    assert specimen.id_card_front(number="110105194912310038") != specimen.id_card_front()
