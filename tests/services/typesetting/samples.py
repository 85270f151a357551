"""A certificate, a proof of hours, a portrait and a seal to render."""

from datetime import date
from io import BytesIO

from PIL import Image, ImageDraw

from services.typesetting.certificate import CertificateSheet, HoursSheet

STATEMENT = "证书不得涂改，不可出租、出借。"
ISSUER = "国家市场监督管理总局认证认可技术研究中心"
URL = "https://zhengtu.example/c/8H2K9QWERTYP5M7NVXZ0"


def portrait(size: tuple[int, int] = (413, 626), kind: str = "JPEG") -> bytes:
    """A face before blue."""
    image = Image.new("RGB", size, (67, 142, 219))
    width, height = size
    ImageDraw.Draw(image).ellipse(
        (width * 0.3, height * 0.2, width * 0.7, height * 0.6), fill=(232, 200, 175)
    )
    out = BytesIO()
    image.save(out, kind)
    return out.getvalue()


def seal() -> bytes:
    """A red ring on nothing."""
    image = Image.new("RGBA", (900, 900), (0, 0, 0, 0))
    ImageDraw.Draw(image).ellipse((20, 20, 880, 880), outline=(200, 20, 20, 230), width=30)
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


CERTIFICATE = CertificateSheet(
    name="张三丰",
    identity_number="52010319900307123X",
    specialty="质量安全员",
    rule_document="《质量安全员人员能力验证规则》（CCAI-R-P29:2023）",
    grade="良好",
    number="ZT-2024-P29-000128-K",
    issued_on=date(2024, 12, 28),
    valid_until=date(2027, 12, 27),
    issuer=ISSUER,
    verification_url=URL,
    programme="人员能力验证（PT-P）· 质量安全专项",
    portrait=portrait(),
    statement=STATEMENT,
)

HOURS = HoursSheet(
    name="张三丰",
    identity_number="52010319900307123X",
    specialty="质量安全员",
    hours=30,
    required_hours=30,
    started_on=date(2024, 10, 8),
    ended_on=date(2024, 12, 5),
    organiser="贵州省 ISO9000 质量促进会",
    number="XS-2024-P29-000311-7",
    issued_on=date(2024, 12, 6),
    issuer=ISSUER,
    verification_url=URL,
    programme="人员能力验证（PT-P）· 质量安全专项",
    statement=STATEMENT,
)
