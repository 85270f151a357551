"""What is said about sittings and seats."""

from collections.abc import Sequence
from decimal import Decimal

from services.exams.views import SeatView, SittingView
from services.rules.localtime import local_datetime


def no_enrolment() -> str:
    """Nothing to be examined in."""
    return "您还没有录取的报名，暂时不能预约考试。\n回复 报名 开始，或回复 进度 查看审核情况。"


def concluded() -> str:
    """The result is out already."""
    return "您的报名已经有结果。\n回复 成绩 或 证书 查看；要再次申请请回复 报名。"


def absent(view: SeatView) -> str:
    """They were not there, and only staff can free the seat."""
    return f"{_missed(view)}要重新安排，请回复 人工 联系工作人员；座位取消后回复 考试 可另选场次。"


def hours_first(done: Decimal, required: Decimal, *, proof_waits: bool = False) -> str:
    """Hours are not met."""
    if proof_waits:
        return "您的学时证明正在等工作人员认可，认可后会通知您，然后就可以预约考试。\n回复 学时 查看明细。"
    return f"学时完成后才能预约考试：现有 {done.normalize():f}/{required.normalize():f} 学时。\n回复 学时 查看明细。"


def fees_first(labels: Sequence[str]) -> str:
    """A fee is open."""
    return f"预约考试前需要先缴清：{'、'.join(labels)}。\n回复 缴费 查看账号和打款事由。"


def none_open(missed: SeatView | None = None) -> str:
    """No sitting can be booked; `missed` is where they were absent."""
    return f"{_missed(missed)}目前没有开放预约的考试场次，开放后会在这里通知您。"


def _missed(view: SeatView | None) -> str:
    """That they were absent, before whatever follows; nothing for one who was not."""
    return f"您没有参加 {local_datetime(view.starts_at)} 的考试，已记为缺考。\n" if view is not None else ""


def choose(sittings: Sequence[SittingView], missed: SeatView | None = None) -> str:
    """The open sittings, numbered; `missed` is where they were absent."""
    lines = []
    for number, sitting in enumerate(sittings, start=1):
        free = f"余{sitting.free}座" if sitting.free > 0 else "已满，可候补"
        lines.append(f"{number} {local_datetime(sitting.starts_at)}\n   {sitting.place}（{free}）")
    ask = "可以另选一场，请回复数字：" if missed is not None else "请选择考试场次，回复数字："
    return f"{_missed(missed)}{ask}\n" + "\n".join(lines)


def seat(view: SeatView) -> str:
    """A booked seat or a place on the waiting list."""
    when = f"时间：{local_datetime(view.starts_at)}\n地点：{view.place}"
    if view.number is None:
        return f"您在候补名单上，排第{view.waiting_position}位。\n{when}\n有空位会马上通知您。\n不考了请回复 取消考试。"
    bring = "、".join(view.bring) or "身份证原件"
    return (
        f"✓ 您的考试安排\n{when}\n座位：{view.number} 号\n准考证号：{view.ticket}\n请带：{bring}\n"
        "考前7天、1天、2小时会提醒您。\n要改期请回复 取消考试。"
    )


def over(view: SeatView) -> str:
    """The exam has begun or is past."""
    return f"您 {local_datetime(view.starts_at)} 的考试已经开始或结束，成绩公布后会在这里通知您。\n准考证号：{view.ticket}"


def release_or_keep(view: SeatView) -> str:
    """A second look before a seat is given up."""
    return f"要取消 {local_datetime(view.starts_at)} 的考试预约吗？\n1 保留预约\n2 取消预约\n回复数字。"


def released() -> str:
    """Given up."""
    return "已取消考试预约。回复 考试 可重新选择场次。"


def kept() -> str:
    """Kept after all."""
    return "好的，预约保留。"


def not_possible() -> str:
    """The sitting was closed in the meantime."""
    return "这个场次刚刚不能预约了。回复 考试 重新选择。"


def not_examining(code: str) -> str:
    """Who examines them is suspended, has ended, or may not hold this exam for another reason (C4, C12, C14)."""
    if code == "authorisation.suspended":
        return "您报名的分中心目前暂停办理，暂时不能预约考试。\n您的报名和学时都保留，恢复后会在这里通知您。有疑问请回复 人工。"
    if code == "authorisation.ended":
        return "您报名的分中心资格已取消，不能再在这里预约考试。\n已缴费用和后续安排，请回复 人工 咨询。"
    return "您报名的分中心现在不能组织这项考试，暂时不能预约。\n您的报名和学时都保留，有疑问请回复 人工。"
