"""Portraits and documents: what is refused, what only warns, what crop is offered (A11, C6)."""

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from services.pictures import specimen
from services.pictures.documents import check_document
from services.pictures.intake import open_picture
from services.pictures.models import Doubt, Findings, Refusal
from services.pictures.portrait import LARGE_ONE_INCH, TWO_INCH, PortraitSpec, check_portrait, offer_crop

WHITE = (250, 250, 250)


def findings_of(data: bytes, spec: PortraitSpec = TWO_INCH) -> Findings:
    return check_portrait(open_picture(data), spec)


def refusals(findings: Findings) -> list[str]:
    return [finding.code for finding in findings.refusals]


def warnings(findings: Findings) -> list[str]:
    return [finding.code for finding in findings.warnings]


@pytest.mark.parametrize("size", [(413, 579), (413, 578), (826, 1158), (2478, 3474)])
def test_a_two_inch_portrait_before_blue_is_accepted_without_a_word_a11(size: tuple[int, int]) -> None:
    assert findings_of(specimen.portrait(*size)) == Findings()


@pytest.mark.parametrize("blue", [(67, 142, 219), (0, 120, 215), (60, 140, 255), (30, 100, 180)])
def test_the_blues_of_photo_studios_are_blue_a11(blue: tuple[int, int, int]) -> None:
    assert findings_of(specimen.portrait(background=blue)) == Findings()


@pytest.mark.parametrize("other", [WHITE, (200, 30, 40), (200, 215, 235), (20, 40, 70), (90, 60, 200)])
def test_another_background_only_warns_a11(other: tuple[int, int, int]) -> None:
    findings = findings_of(specimen.portrait(background=other))
    assert findings.accepted
    assert warnings(findings) == [Doubt.BACKGROUND_NOT_BLUE]
    assert findings.warnings[0].facts["share"] == 0.0


def test_a_background_blue_on_one_half_only_warns_with_its_share_a11() -> None:
    image = Image.open(BytesIO(specimen.portrait(826, 1158)))
    image.paste(WHITE, (0, 0, 413, 400))
    out = BytesIO()
    image.save(out, "JPEG")
    findings = findings_of(out.getvalue())
    assert warnings(findings) == [Doubt.BACKGROUND_NOT_BLUE]
    assert 0.4 < float(findings.warnings[0].facts["share"]) < 0.8


def test_a_black_and_white_portrait_warns_of_that_alone() -> None:
    out = BytesIO()
    Image.open(BytesIO(specimen.portrait())).convert("L").save(out, "JPEG")
    findings = findings_of(out.getvalue())
    assert findings.accepted
    assert warnings(findings) == [Doubt.GREYSCALE]


def test_a_large_one_inch_portrait_may_have_any_background_c6() -> None:
    assert findings_of(specimen.portrait(390, 567, background=WHITE), LARGE_ONE_INCH) == Findings()


def test_a_portrait_below_the_needed_pixels_is_refused_with_both_sizes_a11() -> None:
    findings = findings_of(specimen.portrait(295, 413))
    assert refusals(findings) == [Refusal.TOO_SMALL]
    assert findings.refusals[0].facts == {
        "width": 295,
        "height": 413,
        "needed_width": 413,
        "needed_height": 579,
    }


@pytest.mark.parametrize(
    "sent",
    [specimen.landscape(), specimen.id_card_front(), specimen.portrait(1080, 2400)],
    ids=["landscape", "card", "screenshot"],
)
def test_a_landscape_or_a_whole_screenshot_in_place_of_a_portrait_is_refused_a11(sent: bytes) -> None:
    findings = findings_of(sent)
    assert not findings.accepted
    assert refusals(findings) == [Refusal.WRONG_SHAPE]


@pytest.mark.parametrize("size", [(1080, 1440), (1080, 1920), (800, 800), (600, 820)])
def test_a_phones_usual_shapes_warn_and_offer_a_crop_that_is_then_right_a11(size: tuple[int, int]) -> None:
    picture = open_picture(specimen.portrait(*size))
    findings = check_portrait(picture, TWO_INCH)
    assert findings.accepted
    assert Doubt.RATIO_OFF in warnings(findings)
    assert findings.crop_would_help

    cropped = offer_crop(picture, TWO_INCH)
    assert check_portrait(cropped, TWO_INCH) == Findings()
    assert Image.open(BytesIO(cropped.content)).size == (cropped.width, cropped.height)
    assert cropped.sha256 == picture.sha256
    assert cropped.pixels_sha256 != picture.pixels_sha256
    assert (cropped.original_width, cropped.original_height) == size


def test_a_shape_whose_crop_would_be_too_small_is_refused_as_too_small_a11() -> None:
    assert refusals(findings_of(specimen.portrait(500, 560))) == [Refusal.TOO_SMALL]


def test_a_portrait_of_the_right_ratio_is_not_cropped() -> None:
    picture = open_picture(specimen.portrait(826, 1158))
    assert offer_crop(picture, TWO_INCH) is picture


@settings(max_examples=20)
@given(deviation=st.floats(-0.019, 0.019))
def test_two_percent_of_ratio_either_way_are_taken_as_they_are_a11(deviation: float) -> None:
    height = 1200
    width = round(height * TWO_INCH.ratio * (1 + deviation))
    assert Doubt.RATIO_OFF not in warnings(findings_of(specimen.portrait(width, height)))


@pytest.mark.parametrize(
    "sent",
    [specimen.id_card_front(), specimen.id_card_back(), specimen.diploma(), specimen.voucher()],
    ids=["front", "back", "diploma", "voucher"],
)
def test_documents_big_enough_to_read_are_accepted_lying_or_standing_a11(sent: bytes) -> None:
    assert check_document(open_picture(sent)) == Findings()


def test_a_thumbnail_of_an_identity_card_is_refused_with_what_is_needed_a11() -> None:
    small = BytesIO()
    Image.open(BytesIO(specimen.id_card_front())).resize((640, 430)).save(small, "JPEG")
    findings = check_document(open_picture(small.getvalue()))
    assert refusals(findings) == [Refusal.TOO_SMALL]
    assert findings.refusals[0].facts["needed_long_side"] == 800
