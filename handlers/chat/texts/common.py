"""Greeting, menu, help, people, and what is said when nothing was understood."""

from collections.abc import Sequence

from services.schemes.models import Contact, Scheme


def menu_lines(schemes: Sequence[Scheme]) -> tuple[tuple[str, str], ...]:
    """What is shown, and the word that it stands for: only what these schemes lead to. Who is appointed learns and pays
    nothing here (E), and what it ends in is called by its name.
    """
    learns = not schemes or any(scheme.appointment is None for scheme in schemes)
    examined = not schemes or any(scheme.exam is not None for scheme in schemes)
    return (
        ("我要报名", "报名"),
        ("报名进度", "进度"),
        *((("学时", "学时"), ("缴费", "缴费")) if learns else ()),
        *((("考试", "考试"), ("成绩", "成绩")) if examined else ()),
        (_end_of(schemes), "证书"),
        ("人工服务", "人工"),
    )


def _end_of(schemes: Sequence[Scheme]) -> str:
    if schemes and all(scheme.appointment is not None for scheme in schemes):
        return "聘用"
    return "证卡" if schemes and all(scheme.card is not None for scheme in schemes) else "证书"


def menu(schemes: Sequence[Scheme]) -> str:
    """The menu as numbered lines."""
    lines = [f"{index} {label}" for index, (label, _) in enumerate(menu_lines(schemes), start=1)]
    return "请回复数字：\n" + "\n".join(lines)


def welcome(schemes: list[Scheme]) -> str:
    """To a new follower."""
    names, end = "、".join(scheme.short_title for scheme in schemes), _end_of(schemes)
    offers = "申请和聘用" if end == "聘用" else f"报名、学习、考试和{end}"
    return f"您好，欢迎使用证途。\n这里可以办理：{names}的{offers}。\n\n{menu(schemes)}\n\n直接回复 报名 就可以开始。"


def help_text(schemes: Sequence[Scheme]) -> str:
    """How the chat works."""
    words = [word for _, word in menu_lines(schemes) if word != "人工"]
    assigned = ["派遣", "补办"] if any(scheme.card is not None for scheme in schemes) else []
    diagnosed = ["诊断"] if any(scheme.diagnosis is not None for scheme in schemes) else []
    listed = "　".join([*words, *diagnosed, *assigned, "资料变更", "申诉", "人工", "菜单"])
    return (
        "怎么用：\n· 按提示逐项回答，选项回复前面的数字即可\n· 返回：回到上一项\n· 修改 手机号：改某一项\n"
        "· 退出：先停下，内容会保存\n· 继续：接着上次填写\n\n随时可回复：\n"
        f"{listed}\n"
        "我的数据：下载自己填过的内容和照片\n删除我的数据：先看哪些能删、哪些要保存"
    )


def human(contacts: list[Contact]) -> str:
    """Whom to call (A9)."""
    return f"{_contacts(contacts, 'help')}\n\n再回复一次 人工，可转给在线客服留言。"


def where_to_complain(contacts: list[Contact]) -> str:
    """Whom to complain to, and whom to ask (A9)."""
    return f"{_contacts(contacts, 'supervision')}\n\n{_contacts(contacts, 'help')}"


def contacts_for(contacts: list[Contact]) -> str:
    """Whom to ask or complain to; empty when the scheme names nobody."""
    return _contacts(contacts, "help") if any(contact.purpose == "help" for contact in contacts) else ""


def _contacts(contacts: list[Contact], purpose: str) -> str:
    blocks = []
    for contact in contacts:
        if contact.purpose == purpose:
            lines = [contact.name]
            lines += [f"电话：{'、'.join(contact.phones)}"] if contact.phones else []
            lines += [f"邮箱：{'、'.join(contact.mails)}"] if contact.mails else []
            lines += [f"地址：{contact.address}"] if contact.address else []
            blocks.append("\n".join(lines))
    return "\n\n".join(dict.fromkeys(blocks)) or "请留言，工作人员会尽快回复。"


def not_understood(schemes: Sequence[Scheme]) -> str:
    """Nothing fits."""
    return "没有明白您的意思。\n" + menu(schemes)


def answer(question: str, text: str) -> str:
    """The closest question of the scheme's FAQ."""
    return f"【{question}】\n{text}\n\n如果不是您要问的，回复 菜单 或 人工。"


def no_answer() -> str:
    """A question in the middle of something that no FAQ answers."""
    return "这个问题请回复 人工，由工作人员回答您。"


def go_on(*, draft_is_open: bool) -> str:
    """After a question was answered in the middle of something: how to go on with it."""
    if draft_is_open:
        return "\n\n刚才填到的地方还在：直接接着回答即可，忘了问到哪里请回复 继续。"
    return "\n\n上面的选择还在，可直接回复。"


def only_text_and_photos() -> str:
    """A voice, video, place or link came."""
    return "这里只能看懂文字和照片。请打字回复，或回复 菜单 查看功能。"


def stuck() -> str:
    """After two failures in a row."""
    return "\n\n填写有困难？回复 人工 请工作人员帮您，回复 返回 看上一项。"


def no_photo_needed() -> str:
    """A picture that nothing asked for."""
    return "收到一张照片，但现在不需要照片，没有保存。\n回复 菜单 查看可以办理的事项。"


def photo_before_consent() -> str:
    """A picture came before the consent: it is not kept."""
    return "照片先不用发，刚才这张没有保存。"


def trouble() -> str:
    """Something of ours failed; the message itself was taken."""
    return "系统刚才出了点问题，您的上一条消息没有处理成功，已填内容都在。请稍后再发一次，或回复 人工。"
