"""What is said about assignments 派遣 (D9)."""

from collections.abc import Sequence

from services.assignments.models import ToCome
from services.rules.localtime import local_date

_MOST = 6


def nothing_to_come() -> str:
    """Drawn for nothing."""
    return "目前没有派给您的评价工作。抽中您时会在这里通知您；请留意证卡的有效期。"


def to_come(coming: Sequence[ToCome]) -> str:
    """Each with day, place and institution; how to say that one cannot come."""
    lines = "\n\n".join(f"{number} {_told(one)}" for number, one in enumerate(coming[:_MOST], start=1))
    return f"派给您的评价工作：\n{lines}\n\n能参加的不用回复，请带证卡和身份证原件。\n不能参加的，请回复它前面的数字。"


def ask_why(one: ToCome) -> str:
    """The reason, before anything happens."""
    return (
        f"您不能参加：\n{_told(one)}\n\n请用一句话写明原因，例如 单位出差。发出后不能撤回，会另外抽派一人。\n"
        "能参加的，请回复 返回。"
    )


def reason_refused(limit: object) -> str:
    """Empty, or too long."""
    return (
        f"原因请控制在{limit}个字以内，请重新回复。"
        if limit
        else "请用一句话写明原因；能参加的，请回复 返回。"
    )


def declined() -> str:
    """It is noted."""
    return "已记录您不能参加和原因，会另外抽派一人。"


def not_any_more() -> str:
    """It was cancelled, or is over."""
    return "这次派遣已经取消、结束或不再需要您参加。回复 派遣 查看其他安排。"


def _told(one: ToCome) -> str:
    occupation = f"　{one.occupation}" if one.occupation else ""
    starts = f" {one.starts}" if one.starts else ""
    return f"{local_date(one.held_on)}{starts}{occupation}\n地点：{one.place}\n评价机构：{one.assessed}"
