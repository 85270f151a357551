"""What is said while enrolling."""

from collections.abc import Sequence

from handlers.chat.texts import eligibility, pictures, questions
from services.enrolments.draft import Draft
from services.enrolments.ways import told
from services.models import EnrolmentState
from services.printing import OutdatedForm
from services.rules import completeness, tables
from services.rules.answers import shown
from services.rules.completeness import Step
from services.rules.files import Pile, pile_of
from services.rules.text import length
from services.schemes.models import Consent, FieldKind, FormField, Material, Scheme

STATES = {
    EnrolmentState.DRAFT: "填写中",
    EnrolmentState.IN_REVIEW: "审核中",
    EnrolmentState.RETURNED: "待补正",
    EnrolmentState.ADMITTED: "已录取",
    EnrolmentState.REJECTED: "未通过",
    EnrolmentState.WITHDRAWN: "已撤回",
    EnrolmentState.LAPSED: "已过期",
    EnrolmentState.BLOCKED: "已停办",
    EnrolmentState.CONCLUDED: "已完成",
}


def choose_scheme(schemes: list[Scheme]) -> str:
    """Which scheme to enrol in."""
    lines = [
        f"{index} {scheme.short_title}（{scheme.summary}）" for index, scheme in enumerate(schemes, start=1)
    ]
    return "请选择报名项目，回复数字：\n" + "\n".join(lines)


def no_schemes() -> str:
    """Nothing is offered."""
    return "目前没有开放报名的项目，开放后会在这里通知。"


def consent(consent_: Consent) -> str:
    """The whole text, and how to agree (A12)."""
    return (
        f"【{consent_.title}】\n{consent_.text.strip()}\n\n请仔细阅读。同意请回复：同意\n不同意请回复：退出"
    )


def consent_again(consent_: Consent) -> str:
    """Something else than 同意 was answered."""
    return f"需要您同意《{consent_.title}》才能继续报名。\n同意请回复：同意\n不同意请回复：退出"


def ask(draft: Draft, step: Step) -> str:
    """`（3/12）【身份证号】` + one line of help + an example."""
    place = f"（{draft.steps.index(step) + 1}/{len(draft.steps)}）" if step in draft.steps else ""
    reason = f"\n需要补正：{draft.returned[step.key]}" if step.key in draft.returned else ""
    if step.kind == "field":
        return place + questions.field(draft.scheme.field(step.key), draft.answers, reason)
    if step.key in draft.outdated:
        reason += "\n打印这份表以后资料又改过，纸上的内容已经不对：请重新打印、签字、盖章，再拍照发来。原来的照片作废。"
    return place + _material(draft, draft.scheme.material(step.key), reason) + _instead(draft, step.key)


def _material(draft: Draft, material: Material, reason: str) -> str:
    lines = [f"【{material.label}】{reason}", material.help]
    if material.max_files == 1:
        lines.append("请直接在这里发送照片。")
    else:
        # All pages of an outdated paper go, with the first of the new one.
        pile = Pile(()) if material.key in draft.outdated else pile_of(draft.files, material.key)
        lines.append(pictures.several(material, pile))
    if not material.is_required(dict(draft.answers)):
        lines.append("没有的，回复：跳过")
    return "\n".join(line for line in lines if line)


def _instead(draft: Draft, key: str) -> str:
    """Which material would do instead, and how to say so (C6)."""
    others = [
        draft.scheme.material(step.key).label
        for step in draft.instead
        if step.key in completeness.instead_of(draft.scheme, key)
    ]
    return "".join(f"\n没有这一项的，可改交【{other}】，请回复：修改 {other}" for other in others)


def noted(field: FormField, value: str) -> str:
    """What was understood; sensitive values masked. Of a table the row that was answered last, of a long text its length."""
    if field.kind is FieldKind.TABLE:
        return f"✓ {tables.latest(field, value)}"
    if field.kind is FieldKind.LONG_TEXT:
        return f"✓ {field.label}：已写{length(value)}字"
    return f"✓ {field.label}：{shown(field, value)}"


def on_page(link: str) -> str:
    """The same question as a page: for long texts and tables, and for whoever is stuck."""
    return (
        f"也可以点开网页填写，边写边看字数：\n{link}\n填好后回到这里，回复 继续。链接2小时内有效，请勿转发。"
    )


def to_print(link: str) -> str:
    """Where a form is, filled, and what becomes of it."""
    return (
        f"\n请打开表格，打印、签字、盖章后拍照发来：\n{link}\n链接3天内有效，表上有完整身份证号，请勿转发。"
    )


def answered_elsewhere(field: FormField, value: str) -> str:
    """The page was handed in since this was asked: it stays, and what was typed here is not taken for an answer."""
    return (
        f"{noted(field, value)}\n（这一项已在网页上填好，刚才这条消息没有记入。要改请回复 修改 {field.label}。）"
        if value
        else skipped(field.label)
    )


def skipped(label: str) -> str:
    """Something optional was left out."""
    return f"✓ {label}：不填"


def cannot_skip() -> str:
    """跳过 at a question that must be answered."""
    return "这一项必须填写，不能跳过。"


def still_checking() -> str:
    """Pictures are on their way."""
    return "照片还在检查，通常只要几秒钟。请稍后回复 继续。"


def summary(draft: Draft) -> str:
    """Everything before it is submitted; sensitive values masked."""
    lines = [f"【{draft.scheme.short_title}】请核对："]
    lines += [f"{label}：{answer}" for label, answer in told(draft.scheme, draft.settled, draft.answers)]
    for step in draft.steps:
        if step.kind == "field" and step.key in draft.answers:
            field = draft.scheme.field(step.key)
            lines.append(f"{field.label}：{questions.summarised(field, draft.answers[step.key])}")
            if field.kind is FieldKind.IDENTITY_NUMBER:
                lines.append(f"性别：{'女' if int(draft.answers[step.key][16]) % 2 == 0 else '男'}")
        elif step.kind == "material" and step.key in draft.handed_in:
            count = len(draft.files[step.key].good)
            lines.append(
                f"{draft.scheme.material(step.key).label}：已上传{f'{count}张' if count > 1 else ''}"
            )
        elif step.kind == "material":
            lines.append(f"{draft.scheme.material(step.key).label}：不交")
    if draft.unmet:
        lines.append(f"\n{eligibility.told_early(draft.scheme, draft.unmet)}")
    else:
        lines.append("\n无误请回复：提交\n要改请回复：修改 加上项目名，例如 修改 手机号")
    return "\n".join(lines)


def submitted(draft: Draft) -> str:
    """It is in review now."""
    again = f"（第{draft.attempt}次申请）" if draft.attempt > 1 else ""
    return (
        f"✓ 已提交{again}。\n报名号：{draft.number}\n项目：{draft.scheme.title}\n"
        "工作人员审核后会在这里通知您，一般需要几个工作日。\n回复 进度 随时查看。"
    )


def submit_refused(code: str, facts: dict[str, object]) -> str:
    """Why it could not be submitted."""
    return {
        "enrolment.checking": still_checking(),
        "enrolment.consent": "还没有同意报名知情函。回复 继续 阅读并同意。",
        "enrolment.running": (
            f"这个身份证号已经有一份报名（报名号 {facts.get('number')}），不能重复报名。\n"
            "回复 进度 查看；如有疑问请回复 人工。"
        ),
        "card.barred": (
            f"不能提交：{facts.get('on')}，{facts.get('organisation')}决定永久取消您的《{facts.get('title')}》资格，"
            f"不能再申报同类资格。\n原因：{facts.get('reason')}\n"
            "有异议请回复 申诉 查看如何提出，或直接向决定单位提出并附上证明；决定撤回后可以重新提交。"
        ),
        "enrolment.organisation_closed": (
            f"您选择的{facts.get('organisation')}现在不能受理报名，填写的内容已保存。\n"
            "请回复 修改 报名机构，另选一家后再回复 提交。"
        ),
        "review.not_direct": (
            f"“{facts.get('stage')}”只受理直属机构的人员。您选择的报名机构不是它的直属机构，要先由上级机构审核。\n"
            "请回复 修改 审核渠道，改选后再回复 提交。"
        ),
        "review.nobody": (
            f"“{facts.get('stage')}”暂时没有负责的机构，您填写的内容已保存。\n"
            "请回复 人工 联系工作人员，处理好后再回复 提交。"
        ),
        "class.over": "所选的培训班已经结束。请回复 退出 放弃这份报名，再回复 报名 选择新的培训通知。",
        "class.not_open": "所选的培训班已经取消。请回复 退出 放弃这份报名，再回复 报名 选择新的培训通知。",
        "authorisation.suspended": "这家分中心目前暂停招生，您填写的内容已保留。可以过些时候再提交，或回复 人工 咨询。",
    }.get(
        code,
        "这家分中心目前不能受理这个项目的报名。请回复 退出 放弃这份报名，再回复 报名 选择其他分中心。"
        if code.startswith("authorisation.")
        else "现在不能提交。回复 进度 查看报名情况。",
    )


def nothing_to_submit() -> str:
    """提交 without a complete draft."""
    return "现在没有可以提交的报名。回复 报名 开始，或回复 继续 接着填写。"


def incomplete(draft: Draft, outdated: Sequence[OutdatedForm] = ()) -> str:
    """提交 before everything is there; of papers that say something else than the answers, what was changed."""
    anew = {form.material_key for form in outdated}
    names = [_label(draft.scheme, step) for step in draft.missing if step.key not in anew]
    lines = [f"还差{len(names)}项没有完成：{'、'.join(names)}。"] if names else []
    lines += [
        f"还不能提交：打印【{form.label}】以后改过{'、'.join(form.items) or '资料'}，纸上的内容与现在填写的不一致。"
        for form in outdated
    ]
    return "\n".join(lines)


def resumed(draft: Draft) -> str:
    """Where it was left."""
    done = len(draft.steps) - len(draft.missing)
    return f"接着填写【{draft.scheme.short_title}】，已完成{done}/{len(draft.steps)}项。"


def unfinished(draft: Draft) -> str:
    """An unfinished draft was found."""
    step = draft.missing[0] if draft.missing else draft.steps[-1]
    place = draft.steps.index(step) + 1 if step in draft.steps else len(draft.steps)
    return f"您有一份【{draft.scheme.short_title}】报名还没有完成，上次到第{place}步。\n回复 继续 接着填写，回复 退出 放弃。"


def which_to_modify(draft: Draft) -> str:
    """修改 alone."""
    open_steps = [
        step for step in draft.steps if draft.state is EnrolmentState.DRAFT or step.key in draft.reopened
    ]
    lines = [f"{index} {_label(draft.scheme, step)}" for index, step in enumerate(open_steps, start=1)]
    return "要修改哪一项？回复数字：\n" + "\n".join(lines)


def cannot_modify() -> str:
    """Staff reopened other items only."""
    return "这一项审核已通过，不用修改。回复 修改 查看需要补正的项目。"


def no_such_item(name: str) -> str:
    """修改 with an unknown name."""
    return f"没有“{name}”这一项。"


def leave_or_stay(draft: Draft) -> str:
    """A second look before a draft is given up."""
    return f"要放弃【{draft.scheme.short_title}】的报名吗？\n1 先保存，以后再填\n2 放弃报名（已填内容作废）\n回复数字。"


def saved() -> str:
    """Left for later."""
    return "已保存。回复 继续 随时接着填写；回复 菜单 查看其他功能。"


def withdrawn() -> str:
    """Given up."""
    return "已放弃这份报名。需要时回复 报名 重新开始。"


def left() -> str:
    """Nothing to leave."""
    return "好的。需要时回复 菜单。"


def nothing_open() -> str:
    """继续, 修改 or a picture without an open draft."""
    return "您现在没有正在填写的报名。回复 报名 开始，回复 进度 查看已提交的报名。"


def first_question() -> str:
    """返回 at the start."""
    return "已经是第一项了。"


def cropped(material: Material) -> str:
    """The crop that was offered is taken."""
    return f"✓ 【{material.label}】已换成裁好的照片。\n回复 继续 接着办理。"


def pictures_complete() -> str:
    """A picture that nobody asked for, while enrolling."""
    return "照片已经齐了。要更换请回复 修改 加上名称，例如 修改 毕业证；核对后回复 提交。"


def _label(scheme: Scheme, step: Step) -> str:
    return scheme.field(step.key).label if step.kind == "field" else scheme.material(step.key).label
