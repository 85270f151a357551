"""What is said when somebody asks for the deletion of their data (C11)."""

from collections.abc import Callable, Sequence

from services.erasure.asking import askable
from services.erasure.models import Asked, Holding
from services.erasure.telling import kept_line
from services.rules.erasure import Fate
from storage.erasure_states import ErasureState

#: So many lines of each part, and fewer where that does not fit into a reply.
_MOST = 3
_MOST_BYTES = 2000
#: So many requests are told of, the newest.
_MOST_REQUESTS = 3
_STANDS = {
    ErasureState.WAITING: "等待工作人员办理",
    ErasureState.PROPOSED: "等待第二位工作人员核对",
    ErasureState.CONFIRMED: "正在办理",
    ErasureState.DONE: "已办结",
}


def nothing() -> str:
    """There is nothing."""
    return "您在这里没有填写过资料，没有可以删除的。\n回复 报名 可以开始报名。"


def left() -> str:
    """Not deleted after all."""
    return "好的，什么也没有删除。\n回复 菜单 查看其他事项。"


def again() -> str:
    """Neither yes nor no."""
    return "要删除请回复 确认删除；不删除请回复 0。"


def changed() -> str:
    """It is not what was shown."""
    return "刚才的情况有变化，请再看一遍。\n\n"


def look(holdings: Sequence[Holding]) -> str:
    """What would go, what stays, why and until when: the first look."""
    return _fitting(lambda most: _look(holdings, most))


def _look(holdings: Sequence[Holding], most: int) -> str:
    about = askable(holdings)
    parts = [
        _part("马上删除，不能恢复", about, Fate.DRAFT, _draft, most),
        _part("由两位工作人员核对后删除，不能恢复", about, Fate.ERASE, _erased, most),
        _part("按规定必须保存，停止使用", about, Fate.KEEP, kept_line, most),
        _part("正在办理，现在不能删除", holdings, Fate.RUNNING, _running, most),
    ]
    replaced = sum(one.replaced for one in about if one.ruling.fate is Fate.KEEP)
    if replaced:
        parts.append(f"必须保存的报名里，提交前换下的照片 {replaced} 张，马上删除。")
    if any(one.ruling.withdraws for one in about):
        parts.append("还在审核的报名会撤回。")
    if any(one.ruling.fate is Fate.KEEP for one in about):
        parts.append("停止使用：名单和导出里不再出现，工作人员写明理由才能打开，每次都有记录。")
    if any(one.papers for one in holdings):
        parts.append("已发的证书不受影响，别人仍可以查验。")
    known = "\n".join(part for part in parts if part)
    return f"删除我的数据，请先看清楚：\n{known}\n\n删除请回复 确认删除；不删除请回复 0。"


def asked(done: Asked) -> str:
    """It is asked for, and what happens now."""
    lines = ["已收到。"]
    if any(one.ruling.fate is Fate.DRAFT for one in done.holdings):
        lines.append("没有提交的报名，内容和照片正在删除，几分钟内完成；这里已经看不到它了。")
    if any(one.ruling.fate is Fate.KEEP for one in done.holdings):
        lines.append("必须保存的资料已停止使用。")
    if done.numbers:
        numbers = "、".join(map(str, done.numbers))
        lines.append(
            f"删除申请编号 {numbers}，工作人员会办理，结果在这里通知您。回复 删除我的数据 可随时查看。"
        )
    else:
        lines.append("没有其他资料了。")
    return "\n".join(lines)


def remaining(holdings: Sequence[Holding]) -> str:
    """Everything was asked for before: where that stands, and what is still here."""
    return _fitting(lambda most: _remaining(holdings, most))


def _remaining(holdings: Sequence[Holding], most: int) -> str:
    lines = []
    known = {one.request_number: one.request_state for one in holdings if one.request_number is not None}
    told = [(number, state) for number, state in sorted(known.items(), reverse=True) if state is not None]
    for number, state in told[:_MOST_REQUESTS]:
        lines.append(f"删除申请 {number}：{_STANDS[state]}。")
    said = len(lines)
    erased = [one for one in holdings if one.request_number and one.ruling.fate is Fate.ERASE]
    waits = [one for one in erased if one.request_state is not ErasureState.DONE]
    if waits:
        lines.append(_part("等待删除", waits, Fate.ERASE, _erased, most))
    lines.append(_part("现在还保存着、已停止使用", holdings, Fate.KEEP, kept_line, most))
    lines.append(_part("正在办理，现在不能删除", holdings, Fate.RUNNING, _running, most))
    if len([line for line in lines if line]) == said:
        lines.append("这里没有您的其他资料了。")
    return "\n".join(line for line in lines if line)


def _fitting(told: Callable[[int], str]) -> str:
    """With as many lines of each part as a reply has room for, at least one."""
    for most in range(_MOST, 1, -1):
        if len((text := told(most)).encode()) <= _MOST_BYTES:
            return text
    return told(1)


def _part(
    heading: str, holdings: Sequence[Holding], fate: Fate, line: Callable[[Holding], str], most: int
) -> str:
    theirs = [one for one in holdings if one.ruling.fate is fate]
    if not theirs:
        return ""
    lines = [line(one) for one in theirs[:most]]
    if len(theirs) > most:
        lines.append(f"· 另有 {len(theirs) - most} 份同样办理")
    return f"【{heading}】\n" + "\n".join(lines)


def _named(one: Holding) -> str:
    return f"· {one.scheme}（报名号 {one.number}）"


def _running(one: Holding) -> str:
    """What of it is kept, why, and how somebody gives it up."""
    basis = f"（{one.basis}）" if one.basis else ""
    return (
        f"{_named(one)}：已录取，填写的内容、照片、审核记录和学时、考试记录，培训、考试和发证要用，办结前都要保存；"
        f"办结后按规定再保存至少{one.years}年{basis}，到时再申请就停止使用。"
        "不想继续的，请回复 人工 联系主办单位退出，办好后再回复 删除我的数据。"
    )


def _draft(one: Holding) -> str:
    return f"· {one.scheme}，没有提交的报名：填写的内容和照片 {one.pictures} 张"


def _erased(one: Holding) -> str:
    return f"{_named(one)}：没有审核过，填写的内容和照片 {one.pictures} 张"
