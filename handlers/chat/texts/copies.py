"""What is said to a card's holder who asks for a new copy of it (D9)."""

from collections.abc import Sequence

from services.cards import CopyCause
from services.cards.asking import Askable
from services.rules.localtime import local_date


def nothing() -> str:
    """No card of which anything can be asked."""
    return (
        "现在没有可以补办的证卡：证卡制作以后才能补办，已经申请过的请等候办理。\n"
        "回复 证书 查看您的证卡；过期的证卡要重新申报，回复 报名 开始。"
    )


def which(found: Sequence[Askable]) -> str:
    """What can be asked for, numbered."""
    lines = [f"{number} {_line(one)}" for number, one in enumerate(found, start=1)]
    return (
        "请选择要办理的事项，回复数字：\n" + "\n".join(lines) + f"\n{len(found) + 1} 不办理\n"
        "卡号不变；补办以后旧卡作废，扫旧卡会显示已作废。"
    )


def _line(one: Askable) -> str:
    until = f"，有效期至{local_date(one.until)}" if one.until is not None else ""
    what = {
        CopyCause.LOST: "遗失补办",
        CopyCause.DAMAGED: "损坏补办",
        CopyCause.RENEWED: f"{one.renewal}（延长有效期{until}）",
    }[one.cause]
    return f"《{one.title}》{one.number} {what}"


def again(count: int) -> str:
    """No number of the list."""
    return f"请回复 1 到 {count} 的数字；不办理请回复 {count}。"


def stays() -> str:
    """Nothing was asked."""
    return "好的，没有办理。"


def asked(maker: str, cause: CopyCause) -> str:
    """It is with its maker."""
    brings = "请按通知参加复核" if cause is CopyCause.RENEWED else "请带身份证到该单位核实"
    return f"✓ 已转{maker}办理，{brings}。\n办好后会在这里通知您；办好以前，现在的证卡继续有效。"


def not_any_more() -> str:
    """It changed meanwhile."""
    return "这张证卡现在不能这样办理，可能已经在办。请回复 证书 查看，或回复 人工。"
