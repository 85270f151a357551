"""What is said about pictures while enrolling: what each is taken for, and how several for one paper are sent."""

from services.rules.files import Pile, has_room
from services.schemes.models import Material


def taken(material: Material, waiting: bool) -> str:
    """What a picture was taken for, at once."""
    more = "" if waiting else "\n检查好后马上告诉您。"
    return f"收到，这张当作【{material.label}】，正在检查，请稍候……{more}"


def taken_as(material: Material, place: int, pile: Pile) -> str:
    """The same of a paper of several pictures, and how to go on."""
    said = f"收到，这张当作【{material.label}】第{place}张（最多{material.max_files}张），正在检查。"
    if pile.refused:
        return f"{said}\n{_refused(pile)}"
    if has_room(material, pile):
        return f"{said}\n还有的请再发一张；没有了回复 完成。"
    return f"{said}\n{material.max_files}张都有了，回复 完成。"


def several(material: Material, pile: Pile) -> str:
    """How to send several, and how to change one of those that are there."""
    if not pile.files:
        return f"可以发1到{material.max_files}张，一张一张发，发完回复：完成"
    lines = [f"已收到{len(pile.files)}张（最多{material.max_files}张）。"]
    if pile.refused:
        lines.append(_refused(pile))
    else:
        more = "直接发照片会加在后面；" if has_room(material, pile) else ""
        lines.append(f"{more}要换哪一张，先回复它的数字（1到{pile.highest}）；没有要改的，回复：完成")
    return "\n".join(lines)


def full(material: Material, pile: Pile) -> str:
    """There is no room for one more."""
    return (
        f"【{material.label}】最多{material.max_files}张，已经满了，刚才这张没有保存。\n"
        f"要换哪一张，先回复它的数字（1到{pile.highest}），再发照片；不用换，回复：完成"
    )


def send_instead(material: Material, place: int) -> str:
    """One of several is to be replaced."""
    return f"请发新的【{material.label}】第{place}张，会换掉原来那一张。"


def none_yet(material: Material) -> str:
    """完成 without a picture."""
    return f"【{material.label}】还没有合格的照片，请先发一张。"


def photo_instead(material: Material) -> str:
    """A text came where a picture was asked for."""
    several_ = "发完回复 完成。" if material.max_files > 1 else ""
    return (
        f"现在需要【{material.label}】的照片：{material.help}\n"
        f"点输入框旁的“+”，选“照片”或“拍摄”。{several_}回复 返回 可改前面的内容。"
    )


def _refused(pile: Pile) -> str:
    places = "、".join(f"第{place}张" for place in pile.refused)
    leave = "；这张不要了，回复：完成" if pile.good else ""
    return f"{places}不合格，请重发{leave}。"
