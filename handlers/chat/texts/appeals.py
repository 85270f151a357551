"""What is said about appeals (B7)."""

from collections.abc import Mapping, Sequence
from datetime import date

from handlers.chat.texts.common import where_to_complain
from services.appeals.models import Appealable, OwnAppeal
from services.rules.localtime import local_date
from services.rules.next_step import hours
from services.schemes.models import Contact
from storage.appeal_states import AppealOutcome, AppealState

_STATES: Mapping[AppealState, str] = {
    AppealState.LODGED: "已受理，等待提供材料",
    AppealState.DISCLOSED: "材料已提供，正在复核",
    AppealState.DECIDED: "已有结论",
    AppealState.WITHDRAWN: "已撤回",
}
_OUTCOMES: Mapping[AppealOutcome, str] = {
    AppealOutcome.UPHELD: "维持原成绩",
    AppealOutcome.CHANGED: "成绩已更正",
    AppealOutcome.REJECTED: "不予受理",
}
_REFUSALS: Mapping[str, str] = {
    "appeal.no_result": "没有找到这个成绩。回复 申诉 重新查看。",
    "result.not_published": "这个成绩刚有变动。回复 成绩 查看，再回复 申诉。",
    "appeal.over": "这个成绩的申诉期限是{until}，已经过了。",
    "appeal.lodged": "这个成绩已经提出过申诉（申诉号 {number}），正在办理。回复 申诉 查看。",
    "appeal.decided_before": "这个成绩的申诉（申诉号 {number}）已有结论。回复 申诉 查看。",
    "appeal.not_found": "没有找到这件申诉。回复 申诉 重新查看。",
    "appeal.closed": "这件申诉（申诉号 {number}）已经结束，不能再补充或撤回。",
    "appeal.too_many": "补充已有 {limit} 条，请等工作人员答复。",
    "appeal.words_empty": "没有收到文字，请写下理由。",
    "appeal.words_long": "写了 {length} 字，一次最多 {limit} 字，请分几次写。",
}
_MOST_SHOWN = 150


def nothing_to_appeal(contacts: list[Contact]) -> str:
    """No published result."""
    return (
        "您还没有已公布的成绩。成绩公布后，有异议的可在这里回复 申诉："
        "我们会提供原始成绩、评定方法和依据，并由另一位工作人员复核。"
        f"\n\n其他意见和投诉：\n{where_to_complain(contacts)}"
    )


def which(items: Sequence[Appealable]) -> str:
    """The results that can be objected to, numbered."""
    lines = [
        f"{place} 【{item.scheme}】{item.grade}（{hours(item.score)} 分），{local_date(item.until)}前可申诉"
        for place, item in enumerate(items, start=1)
    ]
    return "对哪个成绩有异议？请回复数字：\n" + "\n".join(lines)


def why(item: Appealable) -> str:
    """Why, and what happens then."""
    return (
        f"【{item.scheme}】{item.grade}（{hours(item.score)} 分）\n申诉期限：{local_date(item.until)}（含当日）\n\n"
        "请写下异议和理由，例如：第 12 题我选的是 B，记录里没有得分。\n\n"
        "提出后：我们把原始成绩、评定方法和计算过程发给您；由另一位工作人员重新评阅您这一份答卷，成绩可能上升、不变或下降；"
        "其他人的成绩不受影响。"
    )


def none_in_time(items: Sequence[Appealable], contacts: list[Contact]) -> str:
    """Published results, and none may be objected to any more."""
    lines = [
        f"【{item.scheme}】{item.grade}："
        + (
            "这个成绩的申诉已有结论"
            if item.obstacle == "decided"
            else f"申诉期限已于{local_date(item.until)}结束"
        )
        for item in items
    ]
    return "\n".join(lines) + f"\n\n其他意见和投诉：\n{where_to_complain(contacts)}"


def second_look(own: OwnAppeal) -> str:
    """What was written, before it is handed in."""
    shown = own.words if len(own.words) <= _MOST_SHOWN else f"{own.words[:_MOST_SHOWN]}…"
    return f"请核对：\n【{own.scheme}】{own.grade}\n理由：{shown}\n\n提交请回复 提交；要改请直接重新写；不申诉了请回复 退出。"


def submit_or_write() -> str:
    """Neither 提交 nor words."""
    return "请回复 提交，或重新写下理由。"


def lodged(own: OwnAppeal) -> str:
    """Handed in."""
    return (
        f"✓ 申诉已提交。\n申诉号：{own.number}\n办理期限：{_day(own.due_on)}前\n\n"
        "材料备好后会在这里发给您。随时可回复 申诉 查看进展或补充说明，回复 撤回申诉 撤回。"
    )


def standing(own: Sequence[OwnAppeal], link: str) -> str:
    """How the appeals stand; `link` to the pack of the first."""
    blocks = [one_line(one) for one in own]
    if link:
        blocks[0] += f"\n成绩和计算过程（2 小时内打开，只在一台手机上有效）：\n{link}"
    return "\n\n".join(blocks)


def one_line(own: OwnAppeal) -> str:
    """One appeal, for 申诉 and 进度."""
    told = f"【{own.scheme}】申诉 {own.number}：{_STATES[own.state]}"
    if own.outcome is not None:
        return f"{told}（{_OUTCOMES[own.outcome]}）\n理由：{own.decision_reason}"
    if own.state in (AppealState.LODGED, AppealState.DISCLOSED):
        told += f"\n办理期限：{_day(own.due_on)}前"
    return told


def in_progress(own: Sequence[OwnAppeal]) -> str:
    """What 进度 adds: the appeals that are under way."""
    told = [
        f"【{one.scheme}】申诉 {one.number}：{_STATES[one.state]}，{_day(one.due_on)}前有结论。回复 申诉 查看。"
        for one in own
        if one.state in (AppealState.LODGED, AppealState.DISCLOSED)
    ]
    return "\n\n" + "\n".join(told) if told else ""


def add_more(others: Sequence[Appealable]) -> str:
    """While an appeal is under way; other results may be objected to by their number."""
    told = "\n\n有疑问或要补充，直接写在这里；没有了请回复 菜单。要撤回请回复 撤回申诉。"
    lines = [f"{place} 【{item.scheme}】{item.grade}" for place, item in enumerate(others, start=1)]
    return told + ("\n对其他成绩有异议，请回复数字：\n" + "\n".join(lines) if lines else "")


def added(own: OwnAppeal) -> str:
    """It was kept."""
    return f"✓ 已补充到申诉 {own.number}，工作人员会看到。还要补充请继续写，没有了请回复 菜单。"


def withdraw_or_not(own: OwnAppeal) -> str:
    """A second look."""
    return f"确定撤回申诉 {own.number}？成绩维持不变；在申诉期限内可以重新提出。\n1 不撤回\n2 撤回"


def withdrawn(own: OwnAppeal) -> str:
    """Taken back."""
    return f"申诉 {own.number} 已撤回。回复 成绩 查看成绩。"


def kept() -> str:
    """It stays."""
    return "好的，申诉继续办理。回复 申诉 查看进展。"


def nothing_to_withdraw() -> str:
    """No appeal is under way."""
    return "您没有正在办理的申诉。回复 申诉 查看。"


def refused(code: str, facts: Mapping[str, object]) -> str:
    """Why not."""
    until = facts.get("until")
    told = {**facts, "until": local_date(until) if isinstance(until, date) else ""}
    return _REFUSALS.get(code, "现在不能这样做。回复 申诉 查看。").format_map(told)


def _day(day: date | None) -> str:
    return local_date(day) if day is not None else "近日"
