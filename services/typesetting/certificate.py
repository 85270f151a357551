"""The two sheets that people are given: certificate and 学时证明 (A6, B8).

Rendering is CPU work of a few hundredths of a second: call it with `asyncio.to_thread`. Everything printed is given by
the caller, masked or not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO

from PIL import Image

from services.errors import ServiceError
from services.typesetting import press
from services.typesetting.fonts import ensure_printable
from services.typesetting.ornament import CERTIFICATE_PALETTE, HOURS_PALETTE, frame_svg
from services.typesetting.pictures import portrait_svg, seal_svg
from services.typesetting.qr import QUIET_ZONE, matrix, matrix_svg

MAX_CHAT_PICTURE_BYTES = 2_000_000
#: At 0.5 mm a module a code still reads from a page scanned at 100 dpi; the place on the sheet is 43 mm.
QR_MODULE_MM = 0.5
QR_SMALLEST_MM, QR_LARGEST_MM = 34.0, 43.0


class QrTooDenseError(ServiceError):
    """The verification address needs more modules than print legibly in 43 mm (more than 412 bytes)."""


@dataclass(frozen=True, kw_only=True)
class CertificateSheet:
    """What a certificate says. Texts are single lines, printed literally."""

    name: str
    identity_number: str  #: printed as given
    specialty: str  #: 质量安全员
    rule_document: str  #: 《质量安全员人员能力验证规则》（CCAI-R-P29:2023）
    grade: str  #: 优秀 良好 合格, or what the rule says (B6)
    number: str
    issued_on: date
    issuer: str
    verification_url: str
    verification_code: str = ""  #: 查验码 for a look-up by number, printed below the QR; empty prints none
    title: str = "人员能力验证证书"
    programme: str = ""  #: small line above the title
    valid_until: date | None = None  #: last day of validity; None prints no such line
    portrait: bytes | None = None  #: JPEG or PNG
    seal: bytes | None = None  #: JPEG or PNG (transparent is best); None draws a sample seal marked 示例
    statement: str = ""  #: nature and terms; empty prints none


@dataclass(frozen=True, kw_only=True)
class HoursSheet:
    """What a 学时证明 says. Texts are single lines, printed literally."""

    name: str
    identity_number: str  #: printed as given
    specialty: str
    hours: Decimal | int  #: 学时 completed
    started_on: date
    ended_on: date
    organiser: str  #: who held the training
    number: str
    issued_on: date
    issuer: str
    verification_url: str
    verification_code: str = ""  #: as on the certificate
    title: str = "学时证明"
    programme: str = ""
    required_hours: Decimal | int | None = (
        None  #: what the specialty requires (A2); None prints no comparison
    )
    seal: bytes | None = None  #: as on the certificate
    statement: str = ""  #: as on the certificate


Sheet = CertificateSheet | HoursSheet


def _chinese_date(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _plain_number(amount: Decimal | int) -> str:
    return f"{Decimal(amount).normalize():f}"


def _qr(url: str) -> tuple[str, float, float]:
    """The code as SVG; the side in mm at which it is printed, and how much of that is quiet zone."""
    modules = matrix(url)
    side = max(QR_SMALLEST_MM, len(modules) * QR_MODULE_MM)
    if side > QR_LARGEST_MM:
        raise QrTooDenseError("qr_too_dense", modules=len(modules))
    return matrix_svg(modules), side, side * QUIET_ZONE / len(modules)


def _contents(sheet: Sheet) -> tuple[str, dict[str, object], Mapping[str, bytes]]:
    """Template, data and pictures of a sheet, checked."""
    texts = {
        "title": sheet.title,
        "programme": sheet.programme,
        "name": sheet.name,
        "identity_number": sheet.identity_number,
        "specialty": sheet.specialty,
        "number": sheet.number,
        "verification_code": sheet.verification_code,
        "issuer": sheet.issuer,
        "issued_on": _chinese_date(sheet.issued_on),
        "statement": sheet.statement,
    }
    portrait = None
    match sheet:
        case CertificateSheet():
            template, palette = "certificate.typ", CERTIFICATE_PALETTE
            texts["rule_document"] = sheet.rule_document
            texts["grade"] = sheet.grade
            texts["valid_until"] = _chinese_date(sheet.valid_until) if sheet.valid_until else ""
            portrait = sheet.portrait
        case HoursSheet():
            template, palette = "hours.typ", HOURS_PALETTE
            texts["hours"] = _plain_number(sheet.hours)
            texts["required_hours"] = (
                "" if sheet.required_hours is None else _plain_number(sheet.required_hours)
            )
            texts["started_on"] = _chinese_date(sheet.started_on)
            texts["ended_on"] = _chinese_date(sheet.ended_on)
            texts["organiser"] = sheet.organiser
    ensure_printable(*texts.values())
    qr_svg, qr_mm, quiet_mm = _qr(sheet.verification_url)
    pictures = {"frame.svg": frame_svg(palette), "qr.svg": qr_svg.encode()}
    if portrait is not None:
        pictures["portrait.svg"] = portrait_svg(portrait)
    if sheet.seal is not None:
        pictures["seal.svg"] = seal_svg(sheet.seal)
    data: dict[str, object] = {
        **texts,
        "accent": palette.accent,
        "gilt": palette.gilt,
        "qr_mm": qr_mm,
        "qr_quiet_mm": quiet_mm,
        "has_portrait": portrait is not None,
        "has_seal": sheet.seal is not None,
    }
    return template, data, pictures


def render_pdf(sheet: Sheet) -> bytes:
    """One A4 landscape page, PDF/A-2b, text extractable; the same sheet gives the same bytes.

    Raises:
        UnprintableTextError: the fonts lack a character of any text.
        OverfullSheetError: a text does not fit at its smallest size.
        UnusablePictureError: portrait or seal is no JPEG or PNG.
        QrTooDenseError: the address is too long to print legibly.
    """
    template, data, pictures = _contents(sheet)
    return press.pdf(template, data, pictures, dated_on=sheet.issued_on)


def render_png(sheet: Sheet, *, width_px: int = 1400) -> bytes:
    """The same page as a picture for the chat, at most 2 MB: true colour if it fits, else a palette of 256.

    Raises: as `render_pdf`.
    """
    template, data, pictures = _contents(sheet)
    image = Image.open(BytesIO(press.png(template, data, pictures, width_px=width_px))).convert("RGB")
    content = _png(image)
    if len(content) > MAX_CHAT_PICTURE_BYTES:
        content = _png(image.quantize(256))
    return content


def _png(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "PNG", compress_level=6)
    return out.getvalue()
