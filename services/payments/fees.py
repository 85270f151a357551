"""Which fees an enrolment owes: the scheme's own list, else what its class had published when it joined (A7, C5)."""

from services.schemes.models import Fee, Scheme
from storage.tables import FeePublication


def fees_of(scheme: Scheme, publication: FeePublication | None) -> tuple[Fee, ...]:
    """The fees in their order; published items are called `item_1`, `item_2`, …"""
    if scheme.fees or publication is None:
        return scheme.fees
    return tuple(
        Fee(
            key=f"item_{number}",
            label=item["item"],
            amount_fen=item["amount_fen"],
            unit=item["unit"],
            remark=item["item"],
            due_before=item["due_before"],
        )
        for number, item in enumerate(publication.items, start=1)
    )


def published_words(fee: Fee, publication: FeePublication | None) -> dict[str, str]:
    """依据, 范围 and 监督电话 of a published item, as `basis`, `scope`, `hotline`; nothing for a scheme's own fee."""
    if publication is None or not fee.key.startswith("item_"):
        return {}
    item = publication.items[int(fee.key.removeprefix("item_")) - 1]
    return {"basis": item["basis"], "scope": item["scope"], "hotline": publication.hotline}
