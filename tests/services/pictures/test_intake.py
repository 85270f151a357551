"""Safe intake of what people send in as photos (photo-intake: safe intake)."""

import struct
import subprocess
import sys
import zipfile
import zlib
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from services.pictures import specimen
from services.pictures.intake import KEPT_LONG_SIDE, open_picture
from services.pictures.models import Doubt, Picture, PictureRefusedError, Refusal

PORTRAIT = specimen.portrait()


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def decoded(picture: Picture) -> Image.Image:
    return Image.open(BytesIO(picture.content))


def refusal_of(data: bytes) -> PictureRefusedError:
    with pytest.raises(PictureRefusedError) as refused:
        open_picture(data)
    return refused.value


def pixel(image: Image.Image, x: int, y: int) -> tuple[int, int, int]:
    red, green, blue = image.convert("RGB").getpixel((x, y))  # type: ignore[misc]
    return red, green, blue


def png_of_one_colour(width: int, height: int) -> bytes:
    """A valid one-bit PNG: the smallest file for the most pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    rows = zlib.compress((b"\0" * (1 + (width + 7) // 8)) * height, 9)
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_of_each_kind_becomes_a_jpeg_of_the_same_size(kind: str) -> None:
    picture = open_picture(encoded(Image.open(BytesIO(PORTRAIT)), kind))
    assert (picture.width, picture.height) == (picture.original_width, picture.original_height) == (413, 579)
    assert picture.media_type == "image/jpeg"
    assert decoded(picture).format == "JPEG"
    assert picture.warnings == ()


def test_gps_comment_and_profile_are_not_in_what_is_kept() -> None:
    image = Image.open(BytesIO(PORTRAIT))
    exif = Image.Exif()
    exif[0x010F] = "SecretMaker"
    exif.get_ifd(0x8825)[2] = (26.0, 34.0, 59.0)
    sent = encoded(
        image,
        "JPEG",
        exif=exif,
        comment=b"SecretComment",
        icc_profile=b"SecretProfile" * 20,
        xmp=b"SecretXmp",
    )
    assert Image.open(BytesIO(sent)).getexif().get_ifd(0x8825)
    assert sent.count(b"Secret") >= 4

    picture = open_picture(sent)
    assert b"Secret" not in picture.content
    assert b"Exif" not in picture.content
    assert not decoded(picture).getexif()


def test_text_hidden_in_a_png_is_not_in_what_is_kept() -> None:
    notes = PngInfo()
    notes.add_text("Comment", "SecretComment")
    notes.add_itxt("XML:com.adobe.xmp", "SecretXmp")
    sent = encoded(Image.open(BytesIO(PORTRAIT)), "PNG", pnginfo=notes)
    assert b"Secret" in sent
    assert b"Secret" not in open_picture(sent).content


def test_an_archive_hung_on_behind_a_photo_is_cut_off() -> None:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as out:
        out.writestr("payload.html", "<script>alert(1)</script>")
    sent = PORTRAIT + archive.getvalue()
    assert zipfile.is_zipfile(BytesIO(sent))

    picture = open_picture(sent)
    assert not zipfile.is_zipfile(BytesIO(picture.content))
    assert b"script" not in picture.content
    assert picture.content.endswith(b"\xff\xd9")


def test_the_first_picture_of_a_phones_double_jpeg_is_taken() -> None:
    first, second = Image.open(BytesIO(PORTRAIT)), Image.open(BytesIO(specimen.landscape()))
    sent = encoded(first, "MPO", save_all=True, append_images=[second])
    assert Image.open(BytesIO(sent)).format == "MPO"

    picture = open_picture(sent)
    assert (picture.width, picture.height) == (413, 579)
    assert pixel(decoded(picture), 5, 5) == pytest.approx(specimen.BLUE, abs=12)
    assert b"MPF" not in picture.content


def test_a_large_double_jpeg_is_reduced_like_any_other() -> None:
    large = Image.open(BytesIO(specimen.portrait(3000, 4000)))
    picture = open_picture(encoded(large, "MPO", save_all=True, append_images=[large]))
    assert (picture.width, picture.height) == (1500, KEPT_LONG_SIDE)


@pytest.mark.parametrize(("orientation", "red_corner"), [(1, (0, 0)), (3, (1, 1)), (6, (1, 0)), (8, (0, 1))])
def test_a_photo_taken_sideways_is_kept_upright(orientation: int, red_corner: tuple[int, int]) -> None:
    image = Image.new("RGB", (400, 200), "white")
    ImageDraw.Draw(image).rectangle((0, 0, 60, 60), fill="red")
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = open_picture(encoded(image, "JPEG", exif=exif))
    expected = (200, 400) if orientation in (6, 8) else (400, 200)
    assert (picture.width, picture.height) == expected
    assert (picture.original_width, picture.original_height) == expected
    x = picture.width - 20 if red_corner[0] else 20
    y = picture.height - 20 if red_corner[1] else 20
    assert pixel(decoded(picture), x, y) == pytest.approx((255, 0, 0), abs=30)


def test_a_large_sideways_photo_keeps_its_true_size_beside_the_reduced_one() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    picture = open_picture(encoded(Image.new("RGB", (4000, 3001), "teal"), "JPEG", exif=exif))
    assert (picture.original_width, picture.original_height) == (3001, 4000)
    assert picture.height == KEPT_LONG_SIDE
    assert picture.width == pytest.approx(1500, abs=1)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_broken_camera_notes_warn_at_most_and_refuse_nothing() -> None:
    sent = encoded(Image.open(BytesIO(PORTRAIT)), "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xffgarbage")
    assert open_picture(sent).width == 413


def test_the_hash_tells_the_same_bytes_and_the_pixel_hash_the_same_picture() -> None:
    image = Image.open(BytesIO(PORTRAIT))
    plain = open_picture(encoded(image, "PNG"))
    noted = PngInfo()
    noted.add_text("Comment", "sent a second time")
    again = open_picture(encoded(image, "PNG", pnginfo=noted))
    other = open_picture(specimen.portrait(variant=1))
    assert plain.sha256 != again.sha256
    assert plain.pixels_sha256 == again.pixels_sha256
    assert plain.pixels_sha256 != other.pixels_sha256
    assert open_picture(PORTRAIT) == open_picture(PORTRAIT)


def test_a_nine_kilobyte_bomb_of_81_megapixels_is_refused_before_it_takes_memory() -> None:
    bomb = png_of_one_colour(9000, 9000)
    assert len(bomb) < 11_000
    # The memory of a process of its own, so that what other tests took does not count.
    story = """
import sys
from services.pictures.intake import open_picture
from services.pictures.models import PictureRefusedError

def most_memory_kib():
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

bomb = sys.stdin.buffer.read()
before = most_memory_kib()
try:
    open_picture(bomb)
except PictureRefusedError as error:
    print(error.code, error.facts["width"], error.facts["height"], error.facts["limit"])
print(most_memory_kib() - before)
"""
    told = subprocess.run(
        [sys.executable, "-c", story], input=bomb, capture_output=True, timeout=60, check=True
    )
    refusal, taken_kib = told.stdout.decode().splitlines()
    assert refusal == "too_many_pixels 9000 9000 40000000"
    assert int(taken_kib) < 8_000


@pytest.mark.filterwarnings(
    "error::PIL.Image.DecompressionBombWarning"
)  # as in the program; pytest resets it
@pytest.mark.parametrize("size", [(10_000, 9_500), (16_000, 16_000), (60_000, 60_000)])
def test_bombs_beyond_pillows_own_limits_are_refused_for_the_same_reason(size: tuple[int, int]) -> None:
    bomb = bytearray(png_of_one_colour(64, 64))
    bomb[16:24] = struct.pack(">II", *size)
    bomb[29:33] = struct.pack(">I", zlib.crc32(bomb[12:29]))
    assert refusal_of(bytes(bomb)).code is Refusal.TOO_MANY_PIXELS


def test_a_file_above_the_cap_is_refused_with_both_numbers() -> None:
    refused = refusal_of(PORTRAIT + b"\0" * (10 * 1024 * 1024))
    assert refused.code is Refusal.TOO_MANY_BYTES
    assert refused.facts == {"bytes": len(PORTRAIT) + 10 * 1024 * 1024, "limit": 10 * 1024 * 1024}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_photo_whose_upload_broke_off_is_damaged(kind: str, part: float) -> None:
    noisy = Image.frombytes("RGB", (300, 200), bytes(value * 7919 % 251 for value in range(300 * 200 * 3)))
    sent = encoded(noisy, kind)
    assert refusal_of(sent[: int(len(sent) * part)]).code is Refusal.DAMAGED


def test_a_large_photo_whose_upload_broke_off_is_damaged_too() -> None:
    sent = specimen.portrait(3000, 4206)
    assert refusal_of(sent[: len(sent) // 2]).code is Refusal.DAMAGED


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", Refusal.NOT_A_PICTURE),
        (b"<html><script>alert(1)</script></html>", Refusal.NOT_A_PICTURE),
        (b"PK\x03\x04 an archive", Refusal.NOT_A_PICTURE),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", Refusal.UNSUPPORTED_FORMAT),
        (b"%PDF-1.7\n%\xe2\xe3", Refusal.UNSUPPORTED_FORMAT),
        (encoded(Image.new("RGB", (99, 99)), "GIF"), Refusal.UNSUPPORTED_FORMAT),
        (encoded(Image.new("RGB", (99, 99)), "BMP"), Refusal.UNSUPPORTED_FORMAT),
        (encoded(Image.new("RGB", (99, 99)), "TIFF"), Refusal.UNSUPPORTED_FORMAT),
        (b"\xff\xd8\xff\xe0", Refusal.DAMAGED),
    ],
)
def test_what_is_only_called_a_photo_is_refused_by_what_it_is(data: bytes, code: Refusal) -> None:
    assert refusal_of(data).code is code


@pytest.mark.parametrize("brand", [b"heic", b"mif1", b"heix"])
def test_an_iphones_heic_is_named_so_that_a_jpg_can_be_asked_for(brand: bytes) -> None:
    refused = refusal_of(b"\0\0\0\x24ftyp" + brand + b"\0\0\0\0mif1heic" + b"\0" * 500)
    assert refused.code is Refusal.HEIC
    assert refused.facts == {"format": "heic"}


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_a_moving_picture_is_refused(kind: str) -> None:
    frames = [Image.new("RGB", (100, 100), colour) for colour in ("red", "green", "blue")]
    refused = refusal_of(encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=100))
    assert refused.code is Refusal.ANIMATED
    assert refused.facts == {"frames": 3}


def test_an_icon_is_too_small() -> None:
    refused = refusal_of(encoded(Image.new("RGB", (200, 16)), "PNG"))
    assert refused.code is Refusal.TOO_SMALL
    assert (refused.facts["width"], refused.facts["height"]) == (200, 16)


def test_see_through_parts_become_white_and_are_spoken_of() -> None:
    picture = open_picture(encoded(Image.new("RGBA", (100, 100), (255, 0, 0, 0)), "PNG"))
    assert pixel(decoded(picture), 50, 50) == (255, 255, 255)
    assert [finding.code for finding in picture.warnings] == [Doubt.TRANSPARENT]


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_an_alpha_channel_that_hides_nothing_is_no_matter(mode: str) -> None:
    picture = open_picture(encoded(Image.new("RGBA", (100, 100), (90, 90, 90, 255)).convert(mode), "PNG"))
    assert pixel(decoded(picture), 50, 50) == pytest.approx((90, 90, 90), abs=3)
    assert picture.warnings == ()


@pytest.mark.parametrize(
    "sent",
    [
        encoded(Image.new("L", (100, 100), 90), "JPEG"),
        encoded(Image.new("CMYK", (100, 100), (0, 0, 0, 165)), "JPEG"),
        encoded(Image.new("RGB", (100, 100), (90, 90, 90)).quantize(), "PNG"),
        encoded(Image.new("I;16", (100, 100), 90 * 257), "PNG"),
        encoded(Image.new("RGB", (100, 100), (90, 90, 90)), "JPEG", progressive=True),
    ],
    ids=["grey", "cmyk", "palette", "16-bit", "progressive"],
)
def test_every_colour_model_gives_the_same_picture(sent: bytes) -> None:
    picture = open_picture(sent)
    assert decoded(picture).mode == "RGB"
    assert pixel(decoded(picture), 50, 50) == pytest.approx((90, 90, 90), abs=4)


def test_a_strip_as_long_as_a_jpeg_can_be_is_reduced_and_does_not_break_the_reduction() -> None:
    picture = open_picture(encoded(Image.new("RGB", (65_000, 32), "teal"), "JPEG"))
    assert (picture.width, picture.height) == (KEPT_LONG_SIDE, 1)


@given(garbage=st.binary(max_size=300))
def test_any_bytes_at_all_are_refused_and_never_crash(garbage: bytes) -> None:
    refusal_of(garbage)


@settings(max_examples=150)
@given(data=st.data(), kind=st.sampled_from(["JPEG", "PNG", "WEBP"]))
def test_a_photo_with_changed_bytes_is_taken_or_refused_and_never_crashes(
    data: st.DataObject, kind: str
) -> None:
    sent = bytearray(encoded(Image.linear_gradient("L").resize((64, 64)), kind))
    for place in data.draw(st.lists(st.integers(0, len(sent) - 1), min_size=1, max_size=8)):
        sent[place] = data.draw(st.integers(0, 255))
    try:
        picture = open_picture(bytes(sent))
    except PictureRefusedError:
        return
    assert decoded(picture).size == (picture.width, picture.height)
