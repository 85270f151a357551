"""What is said to somebody who scans the QR code of a day of their class."""

from collections.abc import Mapping
from typing import Final

from services.attendance.signing import Signed
from services.errors import ServiceError
from services.rules.localtime import local_datetime
from services.rules.next_step import hours
from storage.attendance_states import DayKind

_REFUSED: Final[Mapping[str, str]] = {
    "day.not_found": "这个签到码已失效，请扫现场最新的签到码，或请老师代为登记。",
    "day.withdrawn": "这次课的签到已由老师撤回，不能再签到。请扫现场最新的签到码，或问现场老师。",
    "sign_in.not_member": "您不在【{class_title}】的学员名单里，没有签到。\n还没有编班的，请回复 学时；有疑问请找现场老师。",
    "sign_in.early": "还没到签到时间。{opens_at}起可以签到，请届时再扫一次。",
    "sign_in.late": "这次课已于{ended_at}结束，不能再扫码签到。\n确实到课的，请老师代为登记。",
    "sign_in.already": "【{day}】您已于{signed_at}签到，不用重复签到。",
}


def signed(done: Signed) -> str:
    """Signed in, with what it counts for."""
    day = done.day
    lines = [f"✓ 签到成功\n【{done.class_title}】{day.title}", f"时间：{local_datetime(day.starts_at)}"]
    if day.place:
        lines.append(f"地点：{day.place}")
    if day.kind is DayKind.PRACTICE:
        lines.append(f"实操课 {hours(day.hours)} 学时，老师登记实操记录后计入。")
    else:
        lines.append(f"计入理论 {hours(done.hours)} 学时，回复 学时 查看。")
    return "\n".join(lines)


def refused(error: ServiceError) -> str:
    """Why there was no signing in, and what to do."""
    known = _REFUSED.get(error.code, "暂时不能签到，请找现场老师。")
    return known.format_map({key: str(value) for key, value in error.facts.items()})
