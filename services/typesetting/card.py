"""Cards 证卡 for printing: one of 85.6 × 54 mm (ISO/IEC 7810 ID-1), or ten on a sheet of A4 to be cut (D7).

CPU work of a few hundredths of a second a card: call it with `asyncio.to_thread`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.typesetting import press
from services.typesetting.certificate import QrTooDenseError
from services.typesetting.fonts import ensure_printable
from services.typesetting.pictures import portrait_svg
from services.typesetting.qr import matrix, matrix_svg

CARD_WIDTH_MM = 85.6
PER_PAGE = 10
#: Five dots a module at 300 dpi; the place on the card is 20 mm wide.
_QR_MODULE_MM = 0.42
_QR_LARGEST_MM = 20.0
_TEMPLATE = "card.typ"


@dataclass(frozen=True, kw_only=True)
class CardSheet:
    """What a card says. Texts are single lines, printed literally; no identity number is on it."""

    title: str
    name: str
    number: str
    occupations: tuple[str, ...]
    valid_from: date
    #: Last day; None: without end.
    valid_until: date | None
    issuer: str
    #: Who made it and hands it out.
    made_by: str
    verification_url: str
    verification_code: str
    portrait: bytes | None = None  #: JPEG or PNG


def render_card_pdf(card: CardSheet) -> bytes:
    """One card as PDF/A-2b of its own size; the same card gives the same bytes.

    Raises:
        UnprintableTextError, OverfullSheetError, UnusablePictureError, QrTooDenseError: as for certificates.
    """
    data, pictures = _contents([card], "single")
    return press.pdf(_TEMPLATE, data, pictures, dated_on=card.valid_from)


def render_card_png(card: CardSheet, *, width_px: int = 1012) -> bytes:
    """The same card as a picture for the chat (1012 pixels are 300 dpi). Raises as `render_card_pdf`."""
    data, pictures = _contents([card], "single")
    return press.png(_TEMPLATE, data, pictures, width_px=width_px, page_width_mm=CARD_WIDTH_MM)


def render_cards_pdf(cards: Sequence[CardSheet], *, dated_on: date) -> bytes:
    """Ten a page, in their order, with marks where to cut. Raises as `render_card_pdf`."""
    data, pictures = _contents(cards, "sheet")
    return press.pdf(_TEMPLATE, data, pictures, dated_on=dated_on)


def _contents(cards: Sequence[CardSheet], layout: str) -> tuple[dict[str, object], dict[str, bytes]]:
    pictures: dict[str, bytes] = {}
    printed = []
    for index, card in enumerate(cards):
        until = f"至 {_day(card.valid_until)}" if card.valid_until else "长期"
        texts = {
            "title": card.title,
            "name": card.name,
            "number": card.number,
            "occupations": "、".join(card.occupations),
            "validity": until,
            "issuer": card.issuer if card.issuer == card.made_by else f"{card.issuer}　发放：{card.made_by}",
            "verification_code": card.verification_code,
        }
        ensure_printable(*texts.values())
        modules = matrix(card.verification_url)
        side = len(modules) * _QR_MODULE_MM
        if side > _QR_LARGEST_MM:
            raise QrTooDenseError("qr_too_dense", modules=len(modules))
        pictures[f"qr{index}.svg"] = matrix_svg(modules).encode()
        if card.portrait is not None:
            pictures[f"portrait{index}.svg"] = portrait_svg(card.portrait)
        printed.append(
            {
                **texts,
                "qr": f"qr{index}.svg",
                "qr_mm": _QR_LARGEST_MM,
                "portrait": f"portrait{index}.svg" if card.portrait is not None else "",
            }
        )
    first = cards[0]
    return {"layout": layout, "title": first.title, "issuer": first.issuer, "cards": printed}, pictures


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
