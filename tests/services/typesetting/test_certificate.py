"""What a holder, a reader's software and a stranger's phone find on the sheets (A6, B8, issue 2 section 7)."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO

import pypdf
import pypdfium2  # type: ignore[import-untyped]
import pytest
import zxingcpp
from PIL import Image, ImageChops

from services.schemes.loader import load_catalogue
from services.typesetting.certificate import (
    CertificateSheet,
    HoursSheet,
    QrTooDenseError,
    Sheet,
    render_pdf,
    render_png,
)
from services.typesetting.fonts import UnprintableTextError
from services.typesetting.pictures import UnusablePictureError
from services.typesetting.press import OverfullSheetError

from .samples import CERTIFICATE, HOURS, URL, portrait, seal

POINTS_PER_MM = 72 / 25.4
INNER_FRAME_MM = 17.6
LONG_NAME = "阿卜杜热合曼·买买提依明·阿布都克里木·艾合买提江·吐尔逊"
BOTH = pytest.mark.parametrize("sheet", [CERTIFICATE, HOURS], ids=["certificate", "hours"])


def printed_text(pdf: bytes) -> str:
    """The text of the only page as a reader copies it, without line breaks and spaces."""
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    return "".join(document[0].get_textpage().get_text_range().split())


def raster(pdf: bytes, *, dpi: int) -> Image.Image:
    picture = pypdfium2.PdfDocument(pdf)[0].render(scale=dpi / 72).to_pil()
    assert isinstance(picture, Image.Image)
    return picture


def pixels(picture: Image.Image) -> list[tuple[int, int, int]]:
    raw = picture.convert("RGB").tobytes()
    return list(zip(raw[0::3], raw[1::3], raw[2::3], strict=True))


def scanned(picture: Image.Image) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(picture)]


def outside_the_frame(pdf: bytes) -> list[str]:
    """Visible characters of which any part lies outside the inner frame line."""
    page = pypdfium2.PdfDocument(pdf)[0]
    width, height = page.get_size()
    margin = INNER_FRAME_MM * POINTS_PER_MM
    text = page.get_textpage()
    outside = []
    for index in range(text.count_chars()):
        character = text.get_text_range(index, 1)
        left, bottom, right, top = text.get_charbox(index)
        if character.strip() and (
            left < margin or bottom < margin or right > width - margin or top > height - margin
        ):
            outside.append(character)
    return outside


@BOTH
def test_a_sheet_is_one_a4_landscape_page_in_two_independent_readers(sheet: Sheet) -> None:
    pdf = render_pdf(sheet)
    pages = pypdf.PdfReader(BytesIO(pdf)).pages
    assert len(pages) == 1
    assert [round(float(x) / POINTS_PER_MM) for x in pages[0].mediabox[2:]] == [297, 210]
    assert len(pypdfium2.PdfDocument(pdf)) == 1


@BOTH
def test_a_sheet_says_in_its_metadata_that_it_is_pdf_a_2b_and_brings_its_fonts_and_colours(
    sheet: Sheet,
) -> None:
    reader = pypdf.PdfReader(BytesIO(render_pdf(sheet)))
    assert reader.xmp_metadata is not None
    assert reader.xmp_metadata.pdfaid_part == "2"
    assert reader.xmp_metadata.pdfaid_conformance == "B"
    assert "/OutputIntents" in reader.root_object
    assert reader.metadata is not None
    assert reader.metadata.title == f"{sheet.title} {sheet.number}"
    fonts = reader.pages[0]["/Resources"]["/Font"].values()  # type: ignore[index]
    descriptors = [font.get_object()["/DescendantFonts"][0]["/FontDescriptor"] for font in fonts]
    assert descriptors
    assert all("/FontFile2" in d or "/FontFile3" in d for d in descriptors)


def test_a_certificate_says_who_in_what_by_which_rule_with_which_result_from_whom_until_when() -> None:
    text = printed_text(render_pdf(CERTIFICATE))
    for part in (
        "人员能力验证证书",
        "张三丰",
        "52010319900307123X",
        "质量安全员",
        "《质量安全员人员能力验证规则》（CCAI-R-P29:2023）",
        "良好",
        "ZT-2024-P29-000128-K",
        "发证日期2024年12月28日",
        "有效期至2027年12月27日",
        CERTIFICATE.issuer,
        "扫码查验",
    ):
        assert part in text


def test_a_certificate_says_what_its_scheme_says_of_its_nature_and_nothing_of_its_own() -> None:
    kind = load_catalogue().current("quality-safety-officer").certificate("result_passed")
    assert kind is not None
    assert "非职业/执业资格类证书" in kind.statement
    printed = printed_text(render_pdf(replace(CERTIFICATE, statement=kind.statement)))
    assert "本证书为人员能力验证证书，非职业/执业资格类" in printed
    assert "资格类" not in printed_text(render_pdf(replace(CERTIFICATE, statement="")))


def test_name_and_number_can_be_copied_with_a_second_reader_too() -> None:
    text = pypdf.PdfReader(BytesIO(render_pdf(CERTIFICATE))).pages[0].extract_text()
    assert "张三丰" in text
    assert "ZT-2024-P29-000128-K" in text


def test_a_certificate_without_end_names_no_validity() -> None:
    text = printed_text(render_pdf(replace(CERTIFICATE, valid_until=None)))
    assert "有效期" not in text
    assert "2024年12月28日" in text


def test_a_proof_of_hours_names_hours_specialty_period_organiser_and_number_a6() -> None:
    text = printed_text(render_pdf(HOURS))
    for part in (
        "学时证明",
        "张三丰",
        "于2024年10月8日至2024年12月5日参加质量安全员专业培养培训",
        "累计完成30学时（该专业要求30学时）",
        "组织实施贵州省ISO9000质量促进会",
        "XS-2024-P29-000311-7",
        "2024年12月6日",
    ):
        assert part in text


def test_half_hours_are_printed_without_needless_zeros() -> None:
    text = printed_text(render_pdf(replace(HOURS, hours=Decimal("40.50"), required_hours=Decimal("40.0"))))
    assert "累计完成40.5学时（该专业要求40学时）" in text


@BOTH
@pytest.mark.parametrize(
    "url",
    [URL, URL + "#" + "aZ9_-" * 54, (URL + "#" + "aZ9_-" * 80)[:412]],
    ids=["address", "with a credential", "longest"],
)
def test_a_phone_reads_the_address_from_the_page_at_100_dpi(sheet: Sheet, url: str) -> None:
    assert scanned(raster(render_pdf(replace(sheet, verification_url=url)), dpi=100)) == [url]


@BOTH
def test_a_phone_reads_the_address_from_the_picture_in_the_chat(sheet: Sheet) -> None:
    picture = render_png(sheet)
    assert len(picture) <= 2_000_000
    image = Image.open(BytesIO(picture))
    assert image.format == "PNG"
    assert abs(image.width - 1400) <= 1
    assert abs(image.width / image.height - 297 / 210) < 0.01
    assert scanned(image.convert("RGB")) == [URL]


def test_a_very_wide_picture_stays_under_two_megabytes() -> None:
    picture = render_png(replace(CERTIFICATE, seal=seal()), width_px=4000)
    assert len(picture) <= 2_000_000
    assert abs(Image.open(BytesIO(picture)).width - 4000) <= 1


def test_an_address_too_long_to_print_legibly_is_refused() -> None:
    with pytest.raises(QrTooDenseError):
        render_pdf(replace(CERTIFICATE, verification_url=URL + "#" + "x" * 500))


@BOTH
def test_a_name_with_a_character_that_the_fonts_lack_is_refused_and_the_character_named(sheet: Sheet) -> None:
    for render in (render_pdf, render_png):
        with pytest.raises(UnprintableTextError) as caught:
            render(replace(sheet, name="王𠮷\ue863"))
        assert caught.value.characters == ("𠮷", "\ue863")


@pytest.mark.parametrize("name", ["李䶮", "陈𬭎", "王㛃", "阿依古丽·买买提", "Ñandú O'Neil", LONG_NAME])
def test_rare_minority_and_foreign_names_are_printed_whole_and_inside_the_frame(name: str) -> None:
    for sheet in (CERTIFICATE, HOURS, replace(CERTIFICATE, portrait=None)):
        pdf = render_pdf(replace(sheet, name=name))
        assert "".join(name.split()) in printed_text(pdf)
        assert outside_the_frame(pdf) == []


def test_a_name_too_long_for_its_line_is_set_smaller_not_cut() -> None:
    def name_height(name: str) -> float:
        text = pypdfium2.PdfDocument(render_pdf(replace(CERTIFICATE, name=name)))[0].get_textpage()
        index = text.get_text_range().index(name)
        assert text.get_text_range(index, len(name)) == name
        _, bottom, _, top = text.get_charbox(index)
        return float(top - bottom)

    assert 0 < name_height(LONG_NAME) < name_height("阿卜杜")


@pytest.mark.parametrize(
    "sheet",
    [
        replace(
            CERTIFICATE,
            specialty="质量安全总监（特种设备生产单位落实质量安全主体责任专项·高级）",
            grade="优秀（同批次参加人员前百分之五）",
            rule_document="《" + "特种设备生产单位质量安全员人员能力验证规则" * 4 + "》（CCAI-R-P29:2023）",
            title="特种设备生产单位质量安全人员能力验证证书",
            issuer="国家市场监督管理总局认证认可技术研究中心（贵州省联合办公室）",
        ),
        replace(
            HOURS,
            specialty="特种设备生产单位落实质量安全主体责任专项·高级",
            organiser="贵州省 ISO9000 质量促进会、国家市场监督管理总局认证认可技术研究中心",
        ),
    ],
    ids=["certificate", "hours"],
)
def test_long_texts_shrink_or_wrap_and_stay_whole(sheet: Sheet) -> None:
    pdf = render_pdf(sheet)
    text = printed_text(pdf)
    assert outside_the_frame(pdf) == []
    whole = [sheet.specialty, sheet.title, sheet.issuer]
    match sheet:
        case CertificateSheet():
            whole += [sheet.grade, sheet.rule_document]
        case HoursSheet():
            whole += [sheet.organiser]
    assert [part for part in whole if "".join(part.split()) not in text] == []


@pytest.mark.parametrize("field", ["name", "specialty", "issuer", "statement", "number"])
def test_a_text_that_cannot_fit_at_any_readable_size_is_refused_by_its_field(field: str) -> None:
    with pytest.raises(OverfullSheetError) as caught:
        render_pdf(replace(CERTIFICATE, **{field: "质量安全" * 200}))  # type: ignore[arg-type]
    assert caught.value.field == field


@pytest.mark.parametrize("field", ["specialty", "grade", "rule_document", "statement"])
def test_a_long_latin_word_is_set_smaller_or_refused_never_cut(field: str) -> None:
    word = "W" * 20
    pdf = render_pdf(replace(CERTIFICATE, **{field: word}))  # type: ignore[arg-type]
    assert word in printed_text(pdf)
    assert outside_the_frame(pdf) == []
    with pytest.raises(OverfullSheetError):
        render_pdf(replace(CERTIFICATE, **{field: "W" * 90}))  # type: ignore[arg-type]


@BOTH
@pytest.mark.parametrize(
    "hostile",
    [
        "#strong[*x*] $a$",
        '#panic("x")',
        "= 一 _二_ `三`",
        "@b <c> \\u{41}",
        '"}] // /* */ --- ~',
        "https://x.cn 'q' \"q\"",
    ],
)
def test_markup_in_a_name_is_printed_literally(sheet: Sheet, hostile: str) -> None:
    assert "".join(hostile.split()) in printed_text(render_pdf(replace(sheet, name=hostile)))


def test_without_a_seal_image_the_drawn_one_says_that_it_is_a_sample_b8() -> None:
    text = printed_text(render_pdf(CERTIFICATE))
    assert "样章" in text
    assert "示例·无效力" in text
    assert "样章" not in printed_text(render_pdf(replace(CERTIFICATE, seal=seal())))


def test_a_seal_that_is_given_is_printed_in_its_colour_under_the_issuer_b8() -> None:
    def reds(sheet: Sheet) -> int:
        return sum(
            1 for r, g, b in pixels(raster(render_pdf(sheet), dpi=50)) if r > 170 and g < 70 and b < 70
        )

    assert reds(replace(CERTIFICATE, seal=seal())) > 4 * reds(CERTIFICATE)


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_the_portrait_is_on_the_certificate_whatever_its_proportions(kind: str) -> None:
    without = raster(render_pdf(replace(CERTIFICATE, portrait=None)), dpi=50)
    for size in [(413, 626), (2000, 1500), (90, 300)]:
        picture = raster(render_pdf(replace(CERTIFICATE, portrait=portrait(size, kind))), dpi=50)
        blues = sum(1 for r, g, b in pixels(picture) if b > 180 and r < 110)
        assert blues > 1500
        assert ImageChops.difference(without.convert("RGB"), picture.convert("RGB")).getbbox() is not None


@pytest.mark.parametrize("broken", [b"", b"no picture", portrait()[:200], b"<svg/>"])
def test_a_picture_that_cannot_be_read_is_refused_by_its_part(broken: bytes) -> None:
    with pytest.raises(UnusablePictureError) as caught:
        render_pdf(replace(CERTIFICATE, portrait=broken))
    assert caught.value.picture == "portrait"
    with pytest.raises(UnusablePictureError) as caught:
        render_pdf(replace(HOURS, seal=broken))
    assert caught.value.picture == "seal"


def test_the_same_sheet_gives_the_same_bytes_and_another_date_another_file() -> None:
    assert render_pdf(CERTIFICATE) == render_pdf(CERTIFICATE)
    assert render_pdf(replace(CERTIFICATE, issued_on=date(2024, 12, 29))) != render_pdf(CERTIFICATE)


def test_sheets_rendered_at_once_do_not_mix() -> None:
    numbers = [f"ZT-{index:04}" for index in range(12)]

    with ThreadPoolExecutor(4) as pool:
        pdfs = list(pool.map(lambda number: render_pdf(replace(CERTIFICATE, number=number)), numbers))
    for number, pdf in zip(numbers, pdfs, strict=True):
        text = printed_text(pdf)
        assert [other for other in numbers if other in text] == [number]


@BOTH
def test_the_code_for_a_look_up_by_number_stands_below_the_qr_which_still_reads(sheet: Sheet) -> None:
    pdf = render_pdf(replace(sheet, verification_code="8H2K9Q"))
    assert "扫码查验查验码8H2K9Q" in printed_text(pdf)
    assert outside_the_frame(pdf) == []
    assert scanned(raster(pdf, dpi=100)) == [URL]
    assert "查验码" not in printed_text(render_pdf(sheet))
