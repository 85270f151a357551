"""What is said about where things stand: enrolments, hours, results, certificates."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from handlers.chat.texts import blacklist
from handlers.chat.texts.enrolment import STATES
from services.blacklist import BarredError
from services.certificates.models import CertificateView
from services.enrolments.draft import Draft
from services.exams.result_views import ResultView
from services.models import CertificateState, EnrolmentState
from services.rules.localtime import local_date, local_datetime, local_days
from services.rules.next_step import hours
from services.schemes.models import Scheme
from services.study.classes import ClassView
from services.study.service import HoursProgress

#: As many enrolments as 进度 tells of.
MOST_SHOWN = 5
_RUNNING = frozenset(
    (EnrolmentState.DRAFT, EnrolmentState.IN_REVIEW, EnrolmentState.RETURNED, EnrolmentState.ADMITTED)
)
_MOST_RECORDS = 8
_PARTS = {"theory": "理论", "practice": "实操"}
_NEXT = {
    EnrolmentState.DRAFT: "回复 继续 接着填写。",
    EnrolmentState.IN_REVIEW: "工作人员正在审核，结果会在这里通知您。",
    EnrolmentState.RETURNED: "回复 修改 逐项补正。",
    EnrolmentState.REJECTED: "有疑问请回复 人工。",
    EnrolmentState.WITHDRAWN: "需要时回复 报名 重新开始。",
    EnrolmentState.CONCLUDED: "回复 成绩 或 证书 查看。",
}


def nothing_yet() -> str:
    """No enrolment at all."""
    return "您还没有报名。回复 报名 开始。"


def enrolments(drafts: Sequence[Draft], stops: Mapping[UUID, BarredError]) -> str:
    """Each enrolment with its state and what comes next; of those that are stopped why (C7)."""
    return "\n\n".join(_enrolment(draft, stops.get(draft.id)) for draft in drafts[:MOST_SHOWN])


def _enrolment(draft: Draft, stop: BarredError | None) -> str:
    again = f"（第{draft.attempt}次申请）" if draft.attempt > 1 else ""
    lines = [f"【{draft.scheme.short_title}】{STATES[draft.state]}{again}", f"报名号：{draft.number}"]
    if draft.submitted_at is not None:
        lines.append(f"提交时间：{local_datetime(draft.submitted_at)}")
    if draft.state is EnrolmentState.DRAFT:
        lines.append(f"已完成：{len(draft.steps) - len(draft.missing)}/{len(draft.steps)} 项")
    if draft.state is EnrolmentState.RETURNED:
        lines += [f"· {_label(draft, key)}：{reason}" for key, reason in draft.returned.items()]
    if draft.decision_reason:
        # Of a concluded one: the person was appointed, the login was refused (E6).
        told = "登录权限没有开通，原因" if draft.state is EnrolmentState.CONCLUDED else "原因"
        lines.append(f"{told}：{draft.decision_reason}")
    if stop is not None and draft.state in _RUNNING:
        return "\n".join([*lines, blacklist.stopped_in_short(stop)])
    if draft.state is EnrolmentState.ADMITTED:
        return "\n".join([*lines, _after_admission(draft)])
    appointed = draft.scheme.appointment is not None and draft.state is EnrolmentState.CONCLUDED
    lines.append("回复 证书 查看聘用。" if appointed else _NEXT.get(draft.state, "有疑问请回复 人工。"))
    return "\n".join(lines)


def _after_admission(draft: Draft) -> str:
    """The words that lead on: only what the scheme has."""
    scheme = draft.scheme
    pays = bool(scheme.fees) or scheme.authorised_for is not None
    if scheme.hours is None and not pays:
        if scheme.exam is None:
            return "工作人员会在这里通知您下一步。"
        return "回复 考试 查看考试安排。" if draft.in_class else "回复 学时 选择培训班。"
    words = [
        word
        for word, there in (
            ("缴费", pays),
            ("学时", scheme.hours is not None),
            ("考试", scheme.exam is not None),
        )
        if there
    ]
    return (
        f"回复 {'、'.join(words[:-1])} 或 {words[-1]} 查看下一步。"
        if len(words) > 1
        else f"回复 {words[0]} 查看下一步。"
    )


def _label(draft: Draft, key: str) -> str:
    return draft.scheme.field(key).label if draft.scheme.has_field(key) else draft.scheme.material(key).label


def not_admitted() -> str:
    """Hours before admission."""
    return "录取后这里会显示您的学时。\n回复 进度 查看审核情况。"


def study(draft: Draft, progress: HoursProgress, *, proof_waits: bool = False) -> str:
    """How far the hours are, and the newest records."""
    bar = "■" * (progress.percent // 10) + "□" * (10 - progress.percent // 10)
    lines = [
        f"【{draft.scheme.short_title}】学时 {hours(progress.done)}/{hours(progress.required)}",
        f"{bar} {progress.percent}%",
        *(f"{_PARTS[part.part]} {hours(part.done)}/{hours(part.required)}" for part in progress.parts),
    ]
    for record in progress.records[-_MOST_RECORDS:]:
        day = f"{local_date(record.studied_on)} " if record.studied_on else ""
        lines.append(f"· {day}{record.course} {hours(record.hours)} 学时")
    if progress.met:
        paper = draft.scheme.certificate("hours_met")
        proof = f"回复 证书 查看《{paper.title}》，" if paper is not None else ""
        lines.append(
            f"学时已完成。{proof}{'回复 考试 预约考试' if draft.scheme.exam else '回复 进度 查看下一步'}。"
        )
    elif proof_waits:
        lines.append("您的学时证明正在等工作人员认可，认可后会通知您。")
    elif any(record.source == "proof" for record in progress.records):
        lines.append(f"还差 {hours(progress.required - progress.done)} 学时；怎样补齐请回复 人工 咨询。")
    elif not progress.records:
        lines.append("还没有学时记录。学时更新后会通知您。")
    else:
        lines.append(f"还差 {hours(progress.required - progress.done)} 学时。")
    return "\n".join(lines)


def choose_class(classes: Sequence[ClassView]) -> str:
    """The open classes, numbered."""
    lines = []
    for number, item in enumerate(classes, start=1):
        place = f"　{item.place}" if item.place else ""
        lines.append(f"{number} {item.title}\n   {local_days(item.starts_on, item.ends_on)}{place}")
    return "请选择培训班，回复数字：\n" + "\n".join(lines)


def class_joined(item: ClassView, scheme: Scheme) -> str:
    """A place in a class, and which fees follow: those that it published, those for the class, others, or none."""
    place = f"\n地点：{item.place}" if item.place else ""
    if item.publishes_fees:
        fees = "\n本班公示了收费的，回复 缴费 查看费用和账号。"
    elif any(fee.due_before == "class" for fee in scheme.fees):
        fees = "\n回复 缴费 查看培训费和收款账号。"
    else:
        fees = "\n回复 缴费 查看费用和收款账号。" if scheme.fees else ""
    return f"✓ 已报入【{item.title}】\n时间：{local_days(item.starts_on, item.ends_on)}{place}{fees}"


def no_hours(draft: Draft) -> str:
    """Of a scheme that counts none: where the class stands, and what comes after it."""
    draft_title = f"【{draft.scheme.short_title}】"
    title = f"{draft_title}不计学时。"
    if draft.in_class:
        return f"{draft_title}\n您已报入培训班。回复 考试 查看考试安排，回复 进度 查看办理情况。"
    if draft.state is EnrolmentState.ADMITTED and draft.scheme.appointment is None:
        return f"{draft_title}\n目前没有可以报入的培训班，开班后会在这里通知您。"
    return f"{title}\n回复 进度 查看办理情况。"


def class_full() -> str:
    """It filled up or closed in the meantime."""
    return "这个培训班刚刚满员或已截止。回复 学时 重新选择。"


def no_result() -> str:
    """Nothing is published."""
    return "还没有已公布的成绩。成绩公布后会在这里通知您。"


def result(view: ResultView, scheme: Scheme) -> str:
    """Score, grade, and how the grade follows from the score (B6, B7)."""
    lines = [
        f"【{view.scheme}】成绩",
        f"结果：{view.grade}",
        f"得分：{hours(view.score)}（满分 {hours(view.full)}）",
        *_how_graded(view),
    ]
    if view.published_at is not None:
        lines.append(f"公布时间：{local_datetime(view.published_at)}")
    if view.diagnosed:
        lines.append("回复 诊断 查看各知识领域的强弱和培训建议。")
    lines.append(
        f"{'证卡办好' if scheme.card is not None else '证书签发'}后会发给您，也可回复 证书 查看。"
        if view.passed
        else "可以重新申请，回复 报名；有异议请回复 申诉。"
    )
    return "\n".join(lines)


def _how_graded(view: ResultView) -> list[str]:
    """The bands, or the standard score beside the benchmark index (B5)."""
    if view.index is None or view.standard_score is None:
        return ["等级划分：" + "；".join(f"{grade} {minimum}% 起" for grade, minimum in view.bands)]
    return [
        f"标准分：{hours(view.standard_score)}",
        f"基准指数：{hours(view.index)}（标准分不低于它为合格）",
    ]


def no_cards() -> str:
    """Nothing was numbered, where a way ends in a card (D7)."""
    return "您还没有证卡。\n考核合格、生成卡号后，证卡会在这里发给您。"


def no_certificates() -> str:
    """Nothing was issued."""
    return "您还没有证书。\n签发后会在这里发给您；回复 进度 查看办到哪一步。"


def certificates(papers: Sequence[tuple[CertificateView, str, str]]) -> str:
    """Each paper with its state, the public link, and the holder's download link."""
    blocks = []
    for view, link, download in papers:
        until = f"\n有效期至：{local_date(view.expires_on)}" if view.expires_on else ""
        withdrawn = view.state in (CertificateState.REVOKED, CertificateState.REPLACED)
        file = "" if withdrawn else f"\n下载PDF（7天内有效）：{download}"
        occupations = f"职业（工种）：{'、'.join(view.occupations)}\n" if view.occupations else ""
        blocks.append(
            f"《{view.title}》{view.specialty}（{_state(view)}）\n编号：{view.number}\n{occupations}"
            f"签发：{local_date(view.issued_on)}{until}\n查验：{link}{file}"
        )
    return "\n\n".join(blocks)


def _state(view: CertificateView) -> str:
    if view.expired:
        return "已过期"
    return {
        CertificateState.VALID: "有效",
        CertificateState.SUSPENDED: "暂停",
        CertificateState.REVOKED: "已撤销",
        CertificateState.REPLACED: "已换发",
    }[view.state]
