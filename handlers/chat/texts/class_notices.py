"""What is said of class notices 培训通知: which there are, and what they cost (C5, C6)."""

from collections.abc import Sequence

from services.rules.localtime import local_days
from services.rules.money import format_yuan
from services.rules.published_fees import FeeItem
from services.schemes.models import Scheme
from services.study.class_notices import ClassNotice

#: As many as fit into one reply.
_SHOWN = 6


def joinable(notices: Sequence[ClassNotice]) -> list[ClassNotice]:
    """Those with a place, as many as are shown."""
    return [one for one in notices if one.joinable][:_SHOWN]


def ids(notices: Sequence[ClassNotice]) -> list[str]:
    """The classes in the order in which they are listed, for the conversation to remember."""
    return [str(one.id) for one in joinable(notices)]


def offered(scheme: Scheme, notices: Sequence[ClassNotice], public_url: str) -> str:
    """The open classes, numbered."""
    shown = joinable(notices)
    if not shown:
        return (
            f"【{scheme.short_title}】目前没有可以报名的培训通知。\n"
            "分中心发布通知后，回复 报名 就能看到。\n回复 菜单 查看其他服务。"
        )
    blocks = [_block(number, one) for number, one in enumerate(shown, start=1)]
    more = (
        f"\n\n收费依据、范围和监督电话：{public_url}/classes" if len(notices) <= _SHOWN else _more(public_url)
    )
    return "请选择分中心的培训通知，回复数字：\n\n" + "\n\n".join(blocks) + more


def _more(public_url: str) -> str:
    return f"\n\n全部通知和收费公示：{public_url}/classes（也可以直接回复班号）"


def _block(number: int, one: ClassNotice) -> str:
    fees = "；".join(fee(item) for item in one.fees.items)
    place = f"　{one.place}" if one.place else ""
    return (
        f"{number} {one.organisation[:24]}\n{one.title}（{one.code}）\n"
        f"{local_days(one.starts_on, one.ends_on)}{place}\n收费：{fees}"
    )


def fee(item: FeeItem) -> str:
    """`培训费 1800元/人`"""
    return f"{item.item} {format_yuan(item.amount_fen)}/{item.unit}"


def chosen(one: ClassNotice, public_url: str) -> str:
    """What was chosen, with its fees as published at this moment: they hold for who joins now."""
    fees = "\n".join(f"· {fee(item)}" for item in one.fees.items)
    return (
        f"✓ 已选择：{one.organisation} {one.title}\n收费公示：\n{fees}\n监督电话：{one.fees.hotline}\n"
        f"详情：{public_url}/classes/{one.code}\n审核通过后再缴费，请勿提前转账。"
    )


def gone() -> str:
    """Full, closed, or its sub-centre may not enrol any more."""
    return "这个班现在不能报名了（已满、已截止或分中心暂停招生）。\n\n"


def start_again() -> str:
    """The conversation is of a scheme that is not offered any more."""
    return "请回复 报名 重新选择项目。"
