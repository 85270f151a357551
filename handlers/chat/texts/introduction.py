"""What is told before anything is asked: what a scheme is, who may apply, its costs, what to have ready, how long it takes."""

from collections.abc import Sequence
from typing import Final

from handlers.chat.texts import eligibility
from services.rules import money
from services.rules.eligibility import Facts, assess
from services.schemes.models import ClassPlan, Fee, FieldKind, Hours, Material, Printable, Scheme

#: What a reply may hold, in bytes of UTF-8.
_MOST: Final = 2048
#: The notice under which a source says its own conditions.
_CONDITIONS: Final = "conditions"
_ELSEWHERE: Final = "◆ 申报条件\n回复 条件 逐条查看。"
#: Seconds that an answer, a long text, a row of a table and a picture take somebody who types slowly.
_ANSWER, _LONG_TEXT, _ROW, _PICTURE = 20, 240, 40, 30


def introduction(scheme: Scheme) -> str:
    """What it is, who is responsible and may apply (D3), what it costs (A8, B10), what to have ready (C6, D6, E3)."""
    told = ""
    for form in (_conditions(scheme), _in_short(scheme), _ELSEWHERE):
        told = _told(scheme, form if has_conditions(scheme) else "")
        if len(told.encode()) <= _MOST:
            break
    return told


def has_conditions(scheme: Scheme) -> bool:
    """Whether there is something to tell of who may apply."""
    return bool(scheme.requirements or scheme.routes)


def conditions(scheme: Scheme) -> str:
    """All that stands behind 条件: every condition of every route."""
    if not has_conditions(scheme):
        return f"【{scheme.title}】没有列出申报条件，按培训通知办理。\n\n回复 1 开始报名，回复 退出 结束。"
    return (
        f"【{scheme.title}】\n{_conditions(scheme, whole=True)}\n\n符合的，回复 1 开始报名；回复 退出 结束。"
    )


def _told(scheme: Scheme, conditions_: str) -> str:
    parts = [f"【{scheme.title}】"]
    parts += [
        f"◆ {notice.title}\n{notice.text}"
        for notice in scheme.notices
        if notice.key != _CONDITIONS or not has_conditions(scheme)
    ]
    parts += [conditions_] if conditions_ else []
    if scheme.hours is not None:
        parts.append(
            f"◆ 学时要求\n{_hours_asked(scheme.hours)}。{scheme.hours.class_rhythm}".rstrip("。") + "。"
        )
    fees = "\n".join(_fee(fee) for fee in scheme.fees)
    if scheme.class_plan is not None:
        parts.append(_class_plan(scheme.class_plan))
    if fees:
        parts.append(f"◆ 收费标准\n{fees}\n审核通过后再缴费，请勿提前转账。")
    elif scheme.appointment is None:
        if scheme.authorised_for is not None:
            parts.append("◆ 收费标准\n由培训班公示，选择培训班时可以看到。审核通过后再缴费，请勿提前转账。")
        else:
            parts.append("◆ 收费标准\n培训文件没有规定收费标准；开班通知另有说明的，以通知为准。")
    parts.append(f"◆ 适用规则\n{scheme.rule_document.title}（{scheme.rule_document.code}）")
    parts += [_ready(scheme), _begin(scheme)]
    return "\n\n".join(part for part in parts if part)


def _in_short(scheme: Scheme) -> str:
    """Without the source's own words and what they are called: they are behind 条件."""
    return "\n".join(["◆ 申报条件", *_lines(scheme), "回复 条件 看详细说明。"])


def _conditions(scheme: Scheme, *, whole: bool = False) -> str:
    """From the file: the source's own words, what everybody must meet, and the routes of which one suffices (D3, D4, E2)."""
    own = [notice for notice in scheme.notices if notice.key == _CONDITIONS]
    lines = [f"◆ {own[0].title if own else '申报条件'}", *(notice.text.strip() for notice in own)]
    return "\n".join(lines + _lines(scheme, whole=whole))


def _lines(scheme: Scheme, *, whole: bool = False) -> list[str]:
    unmet = assess(Facts({}), scheme)
    general = [eligibility.condition(gap) for gap in unmet if not gap.route]
    lines = [f"· {sentence}" for sentence in general]
    if len(scheme.routes) > 1:
        lines.append("并符合以下任意一条：" if general else "符合以下任意一条：")
    for index, route in enumerate(scheme.routes, start=1):
        lines.append(f"{index}. {route.label}" if len(scheme.routes) > 1 else f"· {route.label}")
        if whole:
            lines += [f"　{eligibility.condition(gap)}" for gap in unmet if gap.route == route.key]
    return lines


def _ready(scheme: Scheme) -> str:
    """The papers: what everybody has, of which one suffices, what is printed from the answers, what only some hand in."""
    group_of = {key: group for group in scheme.alternatives for keys in group.sets for key in keys}
    lines: list[str] = []
    for material in scheme.materials:
        if material.when is not None or not material.required or material.printable:
            continue
        group = group_of.get(material.key)
        lines.append(_name(material) if group is None else _either(scheme, group.sets))
    ready = list(dict.fromkeys(lines))
    printed = [
        f"{material.label}（报名中生成，{_signed(scheme.printable(material.printable))}后拍照）"
        for material in scheme.materials
        if material.printable and material.required and material.when is None
    ]
    some = [
        material.label
        for material in scheme.materials
        if material.when is not None or material.required_when is not None
    ]
    text = "、".join(ready)
    parts = [f"◆ 请准备好\n{text}" if text else "◆ 请准备好"] if ready or printed or some else []
    parts += printed
    parts += [f"符合相应情况的还要交：{'、'.join(dict.fromkeys(some))}"] if some else []
    return "\n".join(parts)


def _name(material: Material) -> str:
    """Both sides of an identity card are one thing to have ready."""
    if material.label.startswith("身份证"):
        return "身份证"
    return f"{material.label}（可交多张）" if material.max_files > 1 else material.label


def _either(scheme: Scheme, sets: Sequence[Sequence[str]]) -> str:
    named = ["和".join(scheme.material(key).label for key in keys) for keys in sets]
    return f"{'，或'.join(named)}（{'二' if len(sets) == 2 else len(sets)}者之一）"


def _signed(form: Printable) -> str:
    """What has to happen to a printed form."""
    steps = ["需打印"]
    if any(row.consent for row in form.rows):
        steps.append("本人签字")
    if any(row.opinion for row in form.rows):
        steps.append("单位签字盖章" if any(row.opinion and row.signer for row in form.rows) else "单位盖章")
    return "、".join(steps)


def _begin(scheme: Scheme) -> str:
    """How long it takes, by the number of questions; sealing takes longer, and the draft waits for it."""
    waits = (
        "打印、盖章另需时间，填好的内容会保留，随时回复 继续。"
        if any(material.printable for material in scheme.materials)
        else "没填完可以先保存，随时回复 继续。"
    )
    return f"填写约需{minutes(scheme)}分钟，{waits}\n回复 1 开始报名；回复 退出 结束。"


def minutes(scheme: Scheme) -> int:
    """How long the questions and pictures take that everybody is asked for, in steps of five minutes."""
    seconds = 0
    for field in scheme.fields:
        if not field.asked or field.when is not None:
            continue
        match field.kind:
            case FieldKind.LONG_TEXT:
                seconds += _LONG_TEXT
            case FieldKind.TABLE:
                seconds += _ROW * (len(field.rows) + (1 if field.rows_of else 0))
            case _:
                seconds += _ANSWER
    seconds += _PICTURE * sum(material.when is None and material.required for material in scheme.materials)
    return max(5, 5 * round(seconds / 300))


def _class_plan(plan: ClassPlan) -> str:
    """The months of this scheme's classes beside the source's own words, with what is unclear in them (D1)."""
    months = "、".join(f"{month}月" for month in plan.months)
    return "\n".join(
        line
        for line in (f"◆ 培训计划\n{plan.year}年{months}。", f"原文：{plan.statement}", plan.remark)
        if line
    )


def _fee(fee: Fee) -> str:
    note = f"（{fee.note.rstrip('。')}）" if fee.note else ""
    return f"{fee.label}：{money.format_yuan(fee.amount_fen)}/{fee.unit}{note}"


def _hours_asked(asked: Hours) -> str:
    if not asked.practice_required:
        return f"{asked.required.normalize():f} 学时"
    return f"理论 {asked.required.normalize():f} 学时，实操 {asked.practice_required.normalize():f} 学时"
