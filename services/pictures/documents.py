"""What a photographed document must be: an identity card, a diploma, a voucher (A11)."""

from typing import Final

from services.pictures.models import Finding, Findings, Picture, Refusal

#: Below it the 18 digits of an identity card are fewer than 12 pixels high, and nobody can read them.
MIN_LONG_SIDE: Final = 800


def check_document(picture: Picture, *, min_long_side: int = MIN_LONG_SIDE) -> Findings:
    """Refuse what is too small to be read; lying or standing is the same, and the rest is for a person to see."""
    if max(picture.width, picture.height) >= min_long_side:
        return Findings()
    facts = {"width": picture.width, "height": picture.height, "needed_long_side": min_long_side}
    return Findings(refusals=(Finding(code=Refusal.TOO_SMALL, facts=facts),))
