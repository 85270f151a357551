"""What a person reads about their appointments: number, fields, state, login."""

from collections.abc import Sequence
from typing import Final

from services.appointments import AppointmentLine
from services.models import AppointmentState, LoginRight
from services.rules.localtime import local_date

_STATES: Final = {
    AppointmentState.ACTIVE: "有效",
    AppointmentState.SUSPENDED: "暂停",
    AppointmentState.ENDED: "已终止",
}
_RIGHTS: Final = {
    LoginRight.NONE: "还没有开通，开通后会通知您",
    LoginRight.GRANTED: "已开通",
    LoginRight.SUSPENDED: "已暂停",
    LoginRight.REVOKED: "已取消",
}
_MOST: Final = 3


def appointments(lines: Sequence[AppointmentLine]) -> str:
    """Each with what it is for and where it stands."""
    return "\n\n".join(_one(line) for line in lines[:_MOST])


def not_appointed() -> str:
    """Nothing yet, where people are appointed."""
    return "您还没有聘用记录。\n培训中心审批通过后，聘用号会在这里通知您；回复 进度 查看审核情况。"


def _one(line: AppointmentLine) -> str:
    told = [
        f"【{line.title}】{_STATES[line.state]}",
        f"{line.number_label}：{line.number}",
        f"检测机构：{line.laboratory}",
        f"认证领域：{'、'.join(line.fields)}",
        f"聘用日期：{local_date(line.appointed_on)}",
    ]
    if line.state is AppointmentState.ENDED and line.ended_on is not None:
        told.append(f"终止日期：{local_date(line.ended_on)}")
    else:
        told.append(f"登录权限：{_RIGHTS[line.right]}")
    if line.state is not AppointmentState.ACTIVE:
        told += [f"原因：{line.state_reason}", "有疑问请回复 人工。"]
    return "\n".join(told)
