"""What a candidate does next between admission and exam, as one sentence: decided from what is owed and learnt."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, kw_only=True)
class NextStep:
    """`sentence` for a message; `hint` for a template field, at most 20 characters."""

    sentence: str
    hint: str


def next_step(
    *,
    owed_for_class: Sequence[str],
    owed_for_sitting: Sequence[str],
    hours_left: Decimal,
    class_title: str | None,
) -> NextStep:
    """First the class is paid, then the hours are learnt, then the verification is paid, then a sitting is booked.

    `owed_for_…` are labels of fees that are not confirmed; `hours_left` is 0 when the hours are met;
    `class_title` is the class that was joined.
    """
    if hours_left > 0 and owed_for_class:
        return _pay(owed_for_class)
    if hours_left > 0 and class_title is not None:
        sentence = f"您已报入【{class_title}】，还差 {hours(hours_left)} 学时；学时更新后会通知您。"
        return NextStep(sentence=sentence, hint="回复 学时 查看进度")
    if hours_left > 0:
        sentence = f"还差 {hours(hours_left)} 学时。回复 学时 查看明细和安排。"
        return NextStep(sentence=sentence, hint="回复 学时 查看进度")
    if owed_for_sitting:
        return _pay(owed_for_sitting)
    return NextStep(sentence="学时和费用都齐了，回复 考试 选择考试场次。", hint="回复 考试 选择场次")


def hours(amount: Decimal) -> str:
    """`12`, `12.5`: without zeros that say nothing."""
    return f"{amount.normalize():f}"


def _pay(labels: Sequence[str]) -> NextStep:
    return NextStep(
        sentence=f"下一步：缴纳{'、'.join(labels)}，回复 缴费 查看账号和转账附言。", hint="回复 缴费 查看账号"
    )
