"""Why something is kept and until when, in the words that the chat, the messages and the console share."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from services.rules.erasure import Duty
from services.rules.localtime import local_date

_DUTIES: Final = {
    Duty.PAPER: "证书仍有效，查验要用",
    Duty.APPOINTMENT: "聘用还没有结束",
    Duty.BLACKLIST: "黑名单的期限或听取意见还没有结束",
    Duty.CHANGE: "资料变更还在审核",
    Duty.APPEAL: "申诉还在办理",
    Duty.CANCELLATION: "取消资格的决定要以它为依据",
}


def duty(one: Duty, *, years: int, basis: str) -> str:
    """Why it is kept; `basis` is where the time is written, empty where it is the organiser's own."""
    if one is not Duty.REVIEW:
        return _DUTIES[one]
    if not years:
        return "报名审核材料和考务档案要保存，期限请问主办方"
    return f"报名审核材料和考务档案要保存至少{years}年（{basis or '主办方规定'}）"


def duties(known: Sequence[Duty], *, years: int, basis: str) -> str:
    """All reasons, in one line."""
    return "；".join(duty(one, years=years, basis=basis) for one in known)


def until(kept_until: date | None, *, overdue: bool = False) -> str:
    """Until when; None: until what it rests on has ended."""
    if kept_until is None:
        return "以上情况结束以前都要保存"
    if overdue:
        return f"{local_date(kept_until)}已期满，列入下一份到期清单，由两位管理员删除"
    return f"保存到{local_date(kept_until)}"
