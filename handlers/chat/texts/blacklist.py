"""What is said about the blacklist: to who is barred, and to who is heard (C7)."""

from collections.abc import Mapping

from handlers.chat.texts.common import contacts_for
from services.blacklist import BarredError
from services.blacklist.hearing import Hearing
from services.rules.localtime import local_date

#: To one who named themselves: staff tell it to the bearer of the card.
_NOT_SHOWN = "具体情况请本人带身份证向作出决定的机构查询。"


def barred(error: BarredError) -> str:
    """That nothing is accepted; since and until when, why, and how to object: to the person themselves only."""
    bar = error.bar
    asked = f"{bar.organisation}{f'（电话：{bar.phone}）' if bar.phone else ''}"
    if not error.disclosed:
        return (
            "这个身份证号现在不能报名。\n请核对姓名和号码是否填写正确（修改姓名请回复：修改 姓名）。"
            f"确实无误的，请本人带身份证向{asked}查询，或回复 人工。"
        )
    lines = [
        f"{bar.name}，您好：按规定，现在不能受理您的报名。",
        f"原因：{bar.reason}，已列入黑名单，全国分中心共享",
        f"期限：{local_date(bar.since)}至{local_date(bar.until)}（含当日）",
        f"作出决定的机构：{asked}",
        "",
        "有异议的，可以回复 陈述 写明理由、发送材料，也可以直接向上述机构提出，或回复 申诉 查看申诉方式。"
        "期满后可以重新报名。",
    ]
    if helped := contacts_for(list(bar.contacts)):
        lines.append(f"\n{helped}")
    return "\n".join(lines)


def stopped(error: BarredError) -> str:
    """To who was admitted before: no fee, class or seat any more, since when and why, and how to object."""
    bar = error.bar
    asked = f"{bar.organisation}{f'（电话：{bar.phone}）' if bar.phone else ''}"
    lines = [
        "您已被列入黑名单，这份报名不再办理：请不要缴费，也不能报培训班、预约考试。",
        f"原因：{bar.reason if error.disclosed else _NOT_SHOWN}",
        f"期限：{local_date(bar.since)}至{local_date(bar.until)}（含当日）",
        f"作出决定的机构：{asked}",
        "已经缴的费用，会列给收费的机构核对退费。",
        "",
        "有异议的，可以回复 陈述 写明理由、发送材料，也可以直接向上述机构提出。",
    ]
    if helped := contacts_for(list(bar.contacts)):
        lines.append(f"\n{helped}")
    return "\n".join(lines)


def stopped_in_short(error: BarredError) -> str:
    """The same as one line of 进度."""
    why = f"原因：{error.bar.reason}。" if error.disclosed else ""
    return (
        f"已被列入黑名单，期限至{local_date(error.bar.until)}（含当日），不再办理缴费、培训和考试。{why}"
        "有异议请回复 陈述。"
    )


def nothing_to_answer() -> str:
    """陈述 with nothing to answer to."""
    return (
        "现在没有需要您陈述的事项。\n回复 进度 查看报名情况；对成绩有异议请回复 申诉，其他问题请回复 人工。"
    )


_ON_PAPER = "也可以把书面说明和材料交给作出决定的机构，由工作人员登记；联系方式请回复 人工。"


def who() -> str:
    """This account has nothing to answer to: they may name themselves."""
    return (
        "这个微信号没有需要您陈述的事项。\n您的身份证号在报名时被告知不能受理的，请在一条消息里发送姓名和身份证号，"
        f"例如：王小明 520103199001010017。核对一致后可以陈述。\n{_ON_PAPER}\n不需要的请回复 菜单。"
    )


def who_again() -> str:
    """There was no valid number in it."""
    return f"没有认出身份证号。请在一条消息里发送姓名和18位身份证号，中间空一格。\n{_ON_PAPER}\n不需要的请回复 菜单。"


def nobody_named() -> str:
    """No entry of this name and number; which of the two is wrong is not said."""
    return f"没有查到需要您陈述的事项，或者姓名和号码不一致。请核对后重新回复 陈述。\n{_ON_PAPER}"


def named_too_often(facts: Mapping[str, object]) -> str:
    """Too many wrong ones."""
    return f"核对不一致的次数太多，{facts.get('hours')}小时内不能再试。\n{_ON_PAPER}"


def hearing(item: Hearing) -> str:
    """What is alleged and how to answer."""
    if item.proposed:
        until = f"请在{local_date(item.until)}（含当日）前说明。" if item.until is not None else ""
        lines = [
            f"【{item.scheme}】拟列入黑名单，听取您的意见",
            f"反映的情况：{item.reason}。{item.allegation or _NOT_SHOWN}",
        ]
        lines.append(f"{until}工作人员看过您的说明才会决定。")
    else:
        until = f"，期限到{local_date(item.until)}（含当日）" if item.until is not None else ""
        lines = [
            f"【{item.scheme}】您已被列入黑名单{until}",
            f"原因：{item.reason}。{item.allegation or _NOT_SHOWN}",
        ]
        lines.append("有异议请写明理由，工作人员会看到。")
    if item.statements or item.files:
        lines.append(f"已收到您的说明：文字{item.statements}条，照片{item.files}张。")
    lines.append("\n请直接打字说明（每条不超过1000字），也可以发照片。说完后回复 菜单 离开。")
    return "\n".join(lines)


def said(item: Hearing) -> str:
    """It is kept."""
    return (
        f"✓ 已收到，会转给作出决定的工作人员（文字{item.statements}条，照片{item.files}张）。\n"
        "可以继续说明或发照片；说完后回复 菜单 离开。"
    )


def refused(code: str, facts: Mapping[str, object]) -> str:
    """Why it was not kept."""
    return {
        "statement.long": f"这条说明有{facts.get('length')}字，每条最多{facts.get('limit')}字，请分成几条发送。",
        "blacklist.too_many": f"已经收到{facts.get('limit')}条说明，不能再增加。还有补充的，请回复 人工。",
        "attachment.too_many": f"已经收到{facts.get('limit')}张照片，不能再增加。还有材料的，请回复 人工。",
    }.get(code, "刚才这条没有收下，请稍后再发一次，或回复 人工。")
