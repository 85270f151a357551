"""What is said while the organisation is picked that one enrols through (D7, E5)."""

from collections.abc import Sequence

from services.enrolments.through import Offered
from services.schemes.models import Scheme


def offered(scheme: Scheme, found: Offered) -> str:
    """All of them when they are few, else how to find one's own."""
    label = scheme.roles.through_label
    if not found.options:
        return (
            f"【{scheme.short_title}】目前没有可以报名的{label}。\n"
            f"请联系您的{label}先在系统里登记，再回复 报名；或回复 人工 咨询。"
        )
    if found.more:
        total = len(found.options) + found.more
        return (
            f"请选择您的{label}（共{total}家）。\n"
            "请回复名称里的几个字，例如“电力”或“武侯”，系统会列出来供您选择。\n回复 退出 结束。"
        )
    return f"请选择您的{label}，回复数字：\n{_lines(found)}\n名单里没有的，请联系您的{label}先在系统里登记。"


def found(scheme: Scheme, typed: str, matching: Offered) -> str:
    """Those whose name has what was typed."""
    label = scheme.roles.through_label
    if not matching.options:
        return (
            f"没有找到名称里有“{typed[:20]}”的{label}。\n"
            f"请换几个字再试，名称按公章上的写；还没有登记的，请联系您的{label}，或回复 人工。"
        )
    more = f"\n还有{matching.more}家，没有看到的请把名称写得更完整。" if matching.more else ""
    return f"找到这些{label}，回复数字选择，或换几个字再找：\n{_lines(matching)}{more}"


def chosen(scheme: Scheme, name: str, settled: Sequence[tuple[str, str]] = ()) -> str:
    """What was picked, what follows from it (label and answer), and how to change it."""
    label = scheme.roles.through_label
    follows = "".join(
        f"\n✓ {asked}：{answer}（由{label}的隶属关系确定，不用选择）" for asked, answer in settled
    )
    return f"✓ {label}：{name}{follows}\n提交前要改请回复：修改 {label}"


def follows(scheme: Scheme, asked: str, answer: str) -> str:
    """修改 with the name of what the organisation decides."""
    label = scheme.roles.through_label
    return f"【{asked}】由您选择的{label}确定：{answer}，不能单独修改。{label}选错了，请回复 修改 {label}。"


def gone(scheme: Scheme) -> str:
    """It was closed in the meantime."""
    return f"这家{scheme.roles.through_label}现在不能受理报名，请另选一家。\n\n"


def start_again() -> str:
    """The conversation is of a scheme that is not offered any more."""
    return "请回复 报名 重新选择项目。"


def too_late(scheme: Scheme) -> str:
    """After the submission."""
    return f"报名已提交，{scheme.roles.through_label}不能再改。有疑问请回复 人工。"


def _lines(found_: Offered) -> str:
    return "\n".join(f"{number} {item.name}" for number, item in enumerate(found_.options, start=1))
