"""Whether a bank transfer pays a fee: its remark is the fee's own, its amount is due (A7). No database here."""

from collections.abc import Sequence

from services.errors import ServiceError
from services.rules.money import MAXIMUM_FEN
from services.rules.transfer import Due, match
from services.schemes.models import Fee


class PaymentRemarkError(ServiceError):
    """The transfer's remark is not the fee's own, and no note says why it is taken all the same.

    Code `payment.remark_mismatch`; facts `expected`, `remark`, and `belongs_to`: the label of the person's other fee
    that the remark names, or "".
    """

    def __init__(self, *, expected: str, remark: str, belongs_to: str) -> None:
        super().__init__("payment.remark_mismatch", expected=expected, remark=remark, belongs_to=belongs_to)


def ensure_pays(fee: Fee, fees: Sequence[Fee], *, remark: str, paid_fen: int, left_fen: int) -> None:
    """Raise unless the transfer pays `fee` (of the person's `fees`) word for word and not more than is left of it.

    Raises:
        PaymentRemarkError: another remark; width and surrounding spaces are forgiven.
        ServiceError: `payment.over` (`over_fen`).
    """
    dues = [Due(key=other.key, remark=other.remark, amount_fen=other.amount_fen) for other in fees]
    found = match(remark, paid_fen, dues)
    if found.fee_key != fee.key:
        labels = {other.key: other.label for other in fees}
        raise PaymentRemarkError(
            expected=fee.remark, remark=remark, belongs_to=labels.get(found.fee_key or "", "")
        )
    if paid_fen > left_fen:
        raise ServiceError("payment.over", over_fen=paid_fen - left_fen)


def ensure_amount(paid_fen: int) -> None:
    """Raise ServiceError `payment.amount` unless it is a positive amount within reason."""
    if not 0 < paid_fen <= MAXIMUM_FEN:
        raise ServiceError("payment.amount", paid_fen=paid_fen)
