"""Money is integer fen; people read and type yuan."""

import re
from decimal import Decimal

from services.rules.errors import InvalidValueError
from services.rules.text import normalise

#: Ten million yuan: above it, it is a typing slip.
MAXIMUM_FEN = 1_000_000_000

_AMOUNT = re.compile(
    r"(?:人民币|rmb|cny|¥)*(-?)(\d{1,3}(?:,\d{3})+|\d+)(?:\.(\d*))?(万?)(?:元整|元|块钱|块|圆)?(?:rmb|cny|人民币)?"
)


def format_sign(fen: int) -> str:
    """`¥180.00`, `¥12,800.00`, `-¥1.50`: with two decimals, for tables and papers."""
    sign = "-" if fen < 0 else ""
    yuan, rest = divmod(abs(fen), 100)
    return f"{sign}¥{yuan:,}.{rest:02d}"


def format_yuan(fen: int) -> str:
    """`180元`, `180.50元`: for sentences."""
    sign = "-" if fen < 0 else ""
    yuan, rest = divmod(abs(fen), 100)
    return f"{sign}{yuan}.{rest:02d}元" if rest else f"{sign}{yuan}元"


def parse(text: str) -> int:
    """A typed amount in fen: `180`, `180元`, `¥180.00`, `12,800`, `1.28万元`; full-width is forgiven.

    Raises:
        InvalidValueError: `amount.empty`; `amount.format`; `amount.negative`; `amount.decimals` (finer than a fen);
            `amount.too_large` (`maximum_fen`).
    """
    typed = normalise(text).replace(" ", "").lower()
    if not typed:
        raise InvalidValueError("amount.empty")
    found = _AMOUNT.fullmatch(typed)
    if found is None:
        raise InvalidValueError("amount.format")
    if found[1]:
        raise InvalidValueError("amount.negative")
    fen = Decimal(f"{found[2].replace(',', '')}.{found[3] or 0}") * (1_000_000 if found[4] else 100)
    if fen != int(fen):
        raise InvalidValueError("amount.decimals")
    if fen > MAXIMUM_FEN:
        raise InvalidValueError("amount.too_large", maximum_fen=MAXIMUM_FEN)
    return int(fen)
