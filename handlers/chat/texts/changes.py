"""What is said while data are changed after the review, and of what became of a request (E8)."""

from collections.abc import Mapping, Sequence

from handlers.chat.texts import questions
from services.certificates.models import CertificateView
from services.changes.models import Begun, Changeable, ChangeLine, Outcome
from services.models import ChangeState, EnrolmentState
from services.rules.answers import shown
from services.rules.localtime import local_date
from services.schemes.models import FieldKind, FormField

#: Another word led away in the middle of a request.
LEFT = "（资料变更还没有提交，已为您保存。回复 资料变更 接着办理。）"
_STATES: Mapping[ChangeState, str] = {
    ChangeState.DRAFT: "还没有提交，回复 资料变更 接着办理",
    ChangeState.PENDING: "审核中",
    ChangeState.APPROVED: "已变更",
    ChangeState.REFUSED: "未通过",
    ChangeState.WITHDRAWN: "已撤回",
}
_HOW: Mapping[str, str] = {"a": "立即生效", "b": "需审核", "c": "需审核"}


def nothing_to_change(state: EnrolmentState | None) -> str:
    """No enrolment whose data can be changed now."""
    return {
        EnrolmentState.IN_REVIEW: "报名正在审核中，这时不能变更资料。有需要改的，工作人员会退回补正，到时回复 修改 即可；"
        "急需更改请回复 人工。",
        EnrolmentState.RETURNED: "报名已退回补正，请回复 修改 改正退回的项目；其他项目要改的，审核通过后再回复 资料变更。",
        EnrolmentState.DRAFT: "报名还没有提交，可以直接改：回复 修改 加上项目名，例如 修改 手机号。",
        None: "您还没有报名，没有可以变更的资料。回复 报名 开始。",
    }.get(state, "这份报名已经结束，资料不能再变更。有疑问请回复 人工。")


def where(items: Sequence[Changeable]) -> str:
    """Which of several enrolments."""
    lines = [
        f"{index} {item.scheme.short_title}（报名号 {item.number}）"
        for index, item in enumerate(items, start=1)
    ]
    return "要变更哪一份报名的资料？回复数字：\n" + "\n".join(lines)


def which(item: Changeable) -> str:
    """Which field, and whether it is changed at once."""
    lines = [
        f"{index} {field.label}（{_HOW[kind]}）" for index, (field, kind) in enumerate(item.fields, start=1)
    ]
    told = f"【{item.scheme.short_title}】要变更哪一项？回复数字：\n" + "\n".join(lines)
    if item.limited is None:
        return told
    note = {
        EnrolmentState.RETURNED: "报名已退回补正，这里只能改联系方式；退回的项目请回复 修改 改正，其他项目审核通过后再变更。"
    }.get(
        item.limited,
        "报名正在审核中，这时只能改联系方式。其他有需要改的，工作人员会退回补正，到时回复 修改 即可；急需更改请回复 人工。",
    )
    return f"{told}\n{note}"


def go_on_or_drop(left: Begun) -> str:
    """A request that was begun and left."""
    return f"{_left(left)}\n1 接着办理\n2 放弃，改其他项\n回复数字。"


def resumed(left: Begun) -> str:
    """Where it was left."""
    if not left.reason:
        return f"{_left(left)}\n请用一两句话写明变更原因。"
    if not left.proofs:
        return f"{_left(left)}\n请发送证明照片，可发多张；发完回复 提交。"
    return f"{_left(left)}\n还有证明请继续发；没有了请回复 提交。"


def taken_for(left: Begun) -> str:
    """A picture that came by itself."""
    return f"这张当作【{left.line.field}】变更的证明照片，接着办理。"


def _left(left: Begun) -> str:
    written = f"；原因：{left.reason}" if left.reason else ""
    proofs = f"；证明照片{left.proofs}张" if left.proofs else ""
    return (
        f"您有一个还没有提交的变更：{left.line.field}　{left.line.old} → {left.line.new}{written}{proofs}。"
    )


def no_such(name: str) -> str:
    """资料 with an unknown name."""
    return f"没有“{name}”这一项。"


def ask(item: Changeable, field: FormField) -> str:
    """What it is now, and the question of the form."""
    kind = next(kind for one, kind in item.fields if one.key == field.key)
    now = shown(field, item.answers.get(field.key, ""))
    lead = f"现在是：{now}\n" if now and len(now) <= 80 else ""
    note = "改好后立即生效。" if kind == "a" else "这一项要审核：填好后再写原因、发证明照片。"
    several = (
        "可以一次改几行：每行一条，先写行号，例如\n2 2026.11.3，合格\n5 2026.11.4，合格\n"
        if field.kind is FieldKind.TABLE
        else ""
    )
    return f"{lead}{questions.field(field, item.answers, '')}\n{several}{note}不改了请回复 菜单。"


def changed(outcome: Outcome) -> str:
    """Done at once."""
    also = f"\n同时更新了：{'、'.join(outcome.also)}" if outcome.also else ""
    return f"✓ {outcome.field.label}已改为：{outcome.shown}{also}\n已签发的证书不变。回复 资料变更 可继续改其他项。"


def why(outcome: Outcome) -> str:
    """A request is begun: its reason."""
    return (
        f"✓ {outcome.field.label}拟改为：{outcome.shown}\n\n请用一两句话写明变更原因（最多200字）。\n"
        "例如：户籍登记已更正。"
    )


def prove(proofs: int) -> str:
    """The proof."""
    if proofs:
        return f"✓ 已记录原因，已收到{proofs}张证明照片。\n还有证明请继续发；没有了请回复 提交。"
    return "✓ 已记录原因。\n请发送证明照片，例如新的身份证、户口本变更页、单位证明，可发多张；发完回复 提交。"


def proof_before_reason() -> str:
    """A picture came before the reason."""
    return "收到证明照片。请再用一两句话写明变更原因。"


def proof_taken(proofs: int) -> str:
    """A picture."""
    return f"收到第{proofs}张证明照片。还有请继续发；发完回复 提交。"


def submit_or_show() -> str:
    """Something else than a picture or 提交."""
    return "请发送证明照片；发完回复 提交。不办了请回复 菜单。"


def filed(line: ChangeLine) -> str:
    """It is under way."""
    return (
        f"✓ 变更申请已提交。\n变更号：{line.number}\n项目：{line.field}　{line.old} → {line.new}\n"
        f"现在：{line.stage}。结果会在这里通知您，回复 进度 查看；要撤回请回复 撤回变更。\n已签发的证书不变，通过后可以换发。"
    )


def refused(code: str, facts: Mapping[str, object]) -> str:
    """Why it was not done."""
    return {
        "change.same": f"和现在的内容一样（{facts.get('value')}），不用变更。要改成别的请直接回复；不改了请回复 菜单。",
        "change.pending": f"这一项已有一个变更申请在审核（变更号 {facts.get('number')}）。\n要改内容，请先回复 撤回变更。",
        "change.in_review": nothing_to_change(EnrolmentState.IN_REVIEW),
        "change.no_proof": "还没有收到证明照片。请先发送至少一张，再回复 提交。",
        "change.no_reason": "还没有写变更原因，请先用一两句话说明。",
        "change.over": "这个变更申请已经处理过了。回复 进度 查看结果。",
        "change.running": f"这个身份证号已经有一份报名（报名号 {facts.get('number')}），不能变更。有疑问请回复 人工。",
        "organisation.none_responsible": "暂时没有受理变更的机构，申请没有提交。请回复 人工。",
        "review.nobody": "暂时没有受理变更的机构，申请没有提交。请回复 人工。",
        "organisation.several_responsible": "暂时不能确定由哪个机构受理，申请没有提交。请回复 人工。",
        "words.empty": "没有看到变更原因，请用一两句话说明。",
        "words.short": (
            f"原因太短了，请用一句话说明为什么要改（至少{facts.get('minimum')}个字），例如：身份证上的姓名有误，派出所已更正。"
        ),
        "words.long": f"原因太长了，请控制在{facts.get('limit')}字以内。",
        "words.identity_number": "原因里不要写身份证号，请去掉号码后再发一次。",
        "attachment.too_many": f"证明照片已有{facts.get('limit')}张，不能再增加。请回复 提交。",
        "certificate.nothing_changed": "这份证书上的内容没有变化，不用换发。",
        "certificate.wrong_state": "这份证书现在不能换发。有疑问请回复 人工。",
        "certificate.unprintable_name": "姓名里有暂时打印不出的字，还不能换发。请回复 人工。",
    }.get(code, "没有找到要变更的资料。回复 资料变更 重新开始。")


def in_progress(lines: Sequence[ChangeLine]) -> str:
    """Behind 进度: each request with its state."""
    if not lines:
        return ""
    told = []
    for line in lines:
        stage = f"，{line.stage}" if line.stage else ""
        told.append(f"· {line.field}（变更号 {line.number}）：{_STATES[line.state]}{stage}")
        if line.refusal:
            told.append(f"　原因：{line.refusal}")
    more = "\n要撤回请回复 撤回变更。" if any(line.state is ChangeState.PENDING for line in lines) else ""
    return "\n\n【资料变更】\n" + "\n".join(told) + more


def nothing_pending() -> str:
    """撤回变更 with nothing under way."""
    return "没有正在审核的变更申请。回复 资料变更 可以变更资料。"


def which_to_take_back(lines: Sequence[ChangeLine]) -> str:
    """A second look before one is taken back."""
    told = [
        f"{index} {line.field}（变更号 {line.number}，{local_date(line.filed_at)}提交）"
        if line.filed_at is not None
        else f"{index} {line.field}（变更号 {line.number}）"
        for index, line in enumerate(lines, start=1)
    ]
    return "撤回后不再审核。要撤回哪一项？回复数字；不撤回请回复 菜单。\n" + "\n".join(told)


def take_back_again() -> str:
    """Not understood."""
    return "请回复要撤回的数字；不撤回请回复 菜单。"


def taken_back(line: ChangeLine) -> str:
    """Taken back."""
    return f"✓ 已撤回变更申请（变更号 {line.number}），{line.field}不变。"


def nothing_to_replace() -> str:
    """换证 with nothing to replace."""
    return "没有需要换发的证书。\n姓名或身份证号变更通过后，可以换发证书；回复 资料变更 办理变更，回复 证书 查看证书。"


def which_to_replace(views: Sequence[CertificateView]) -> str:
    """A second look before a certificate is replaced."""
    told = [
        f"{index} 《{view.title}》{view.number}（证书上：{view.name}）"
        for index, view in enumerate(views, start=1)
    ]
    return (
        "换发后旧证书作废，新证书有新的编号，有效期不变。要换发哪一份？回复数字；不换请回复 菜单。\n"
        + "\n".join(told)
    )


def replace_again() -> str:
    """Not understood."""
    return "请回复要换发的数字；不换请回复 菜单。"


def replaced(view: CertificateView) -> str:
    """A new number."""
    return f"✓ 已换发，新编号：{view.number}（{view.name}）。\n新证书做好后马上发给您，也可回复 证书 查看。"


def stuck() -> str:
    """After two failures in a row."""
    return "\n\n办理有困难？回复 人工 请工作人员帮您，回复 菜单 离开。"
