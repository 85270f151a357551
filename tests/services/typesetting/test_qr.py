"""The codes read back as what was put in, in every size and form."""

from io import BytesIO

import pypdfium2  # type: ignore[import-untyped]
import pytest
import typst
import zxingcpp
from PIL import Image

from services.typesetting.qr import qr_png, qr_svg

from .samples import URL


@pytest.mark.parametrize("pixels", [37, 160, 333, 1000])
def test_a_png_has_the_size_asked_for_and_reads(pixels: int) -> None:
    image = Image.open(BytesIO(qr_png(URL, pixels=pixels)))
    assert image.size == (pixels, pixels)
    enlarged = image.convert("L").resize((pixels * 3, pixels * 3), Image.Resampling.NEAREST)
    assert [code.text for code in zxingcpp.read_barcodes(enlarged)] == [URL]


def test_four_modules_around_the_code_are_white() -> None:
    image = Image.open(BytesIO(qr_png(URL, pixels=37))).convert("L")
    dark = image.point(lambda value: 255 - value).getbbox()
    assert dark == (4, 4, 33, 33)


def test_a_png_with_less_than_a_pixel_a_module_is_refused() -> None:
    with pytest.raises(ValueError, match="36 pixels"):
        qr_png(URL, pixels=36)


def test_the_same_address_always_gives_the_same_code() -> None:
    assert qr_svg(URL) == qr_svg(URL)
    assert qr_png(URL, pixels=200) == qr_png(URL, pixels=200)


def test_an_svg_shows_the_same_modules_as_the_png() -> None:
    pdf = typst.compile(
        {  # type: ignore[call-overload]
            "main.typ": b'#set page(width: 74pt, height: 74pt, margin: 0pt)\n#image("qr.svg", width: 74pt)',
            "qr.svg": qr_svg(URL).encode(),
        }
    )
    shown = pypdfium2.PdfDocument(pdf)[0].render(scale=5).to_pil().convert("1", dither=Image.Dither.NONE)
    expected = Image.open(BytesIO(qr_png(URL, pixels=370))).convert("1")
    assert shown.tobytes() == expected.tobytes()
    assert [code.text for code in zxingcpp.read_barcodes(shown.convert("L"))] == [URL]
