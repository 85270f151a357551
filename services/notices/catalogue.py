"""Every notice: its text for the customer-service window, its template message, and whether it can wait for the morning.

A template field carries at most 20 characters and no line break (platform rule since 2023), so each is linted.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

TEMPLATE_FIELD_LIMIT = 20


@dataclass(frozen=True, kw_only=True)
class TemplateUse:
    """A template message: `key` names the template in the account's settings, `fields` its keys with format strings."""

    key: str
    fields: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One kind of notice. `{…}` are facts; `can_wait` ones keep the quiet hours 21:00–08:00."""

    text: str
    template: TemplateUse | None
    can_wait: bool = True
    #: Page that the template message opens, as a path below the public address; a fact may stand in it.
    path: str = ""
    #: A fact that holds a picture's file key: sent as a picture first when the window is open.
    picture_fact: str = ""


def _progress(result: str) -> TemplateUse:
    """办理进度通知: item, result, note."""
    return TemplateUse(
        key="progress",
        fields={"thing1": "{scheme}", "phrase2": result, "thing3": "{hint}", "time4": "{time}"},
    )


_EXAM = TemplateUse(
    key="exam",
    fields={"thing1": "{scheme}", "time2": "{time}", "thing3": "{place_short}", "thing4": "{hint}"},
)
_EXAM_REMINDER = (
    "考试提醒（{lead}）：【{scheme}】\n时间：{when}\n地点：{place}\n"
    "座位：{seat}　准考证号：{ticket}\n请带：{bring}"
)


NOTICES: Mapping[str, Notice] = {
    "document_accepted": Notice(text="✓ 【{material}】照片已收好。{next}", template=None, can_wait=False),
    "document_crop_offered": Notice(
        text="【{material}】照片收到了，但宽窄和要求的不太一样。我们裁好了一张（{cut}）。\n用裁好的，请回复 裁剪；\n"
        "想换一张，请回复 修改 {material}；\n不回复就用您原来的照片，由工作人员核对。{next}",
        template=None,
        can_wait=False,
        picture_fact="picture",
    ),
    "document_refused": Notice(
        text="【{material}】{problem}\n{remedy}\n请直接在这里重新发送【{material}】。",
        template=_progress("照片需重发"),
        can_wait=False,
    ),
    "nudge": Notice(
        text="您的【{scheme}】报名还没有完成，上次到{place}。\n回复 继续 接着填写；不想报名了可回复 退出。",
        template=_progress("报名未完成"),
    ),
    "admitted": Notice(
        text="【{scheme}】报名审核已通过（报名号 {number}）。\n{next}", template=_progress("审核通过")
    ),
    "passed_on": Notice(
        text="您的【{scheme}】报名（报名号 {number}）已通过“{stage}”，现由{organisation}办理“{next_stage}”。",
        template=_progress("审核中"),
    ),
    "overdue": Notice(
        text="您的【{scheme}】报名（报名号 {number}）在“{stage}”的办理时间已到，我们已提醒{organisation}尽快办理。"
        "您不用重新提交。",
        template=_progress("办理中"),
    ),
    "returned": Notice(
        text="您的【{scheme}】报名（报名号 {number}）需要补正：\n{reasons}\n回复 修改 逐项补正，其他内容不用重填。",
        template=_progress("需要补正"),
    ),
    "rejected": Notice(
        text="您的【{scheme}】报名（报名号 {number}）未通过审核。\n原因：{reason}\n有疑问请回复 人工。",
        template=_progress("未通过"),
    ),
    "payment_confirmed": Notice(
        text="✓ 已收到您的{fee} {amount}。\n{next}",
        template=TemplateUse(
            key="payment",
            fields={"thing1": "{scheme}", "thing2": "{fee}", "amount3": "{amount}", "time4": "{time}"},
        ),
    ),
    "payment_short": Notice(
        text="您的{fee}核对有差异：应缴 {amount}，到账 {paid}。{note}\n请补缴后回复 缴费，或回复 人工 咨询。",
        template=_progress("缴费有差异"),
    ),
    "class_opened": Notice(
        text="【{scheme}】有新的培训班可以报：\n{class}\n时间：{when}{place}\n还没有报班的，回复 学时 选择。",
        template=_progress("新班开放"),
    ),
    "hours_progress": Notice(
        text="【{scheme}】学时已更新：{done}/{required} 学时（{percent}%）。\n{next}",
        template=TemplateUse(
            key="study",
            fields={"thing1": "{scheme}", "thing2": "{progress}", "thing3": "{hint}", "time4": "{time}"},
        ),
    ),
    "hours_half": Notice(
        text="【{scheme}】学时过半了：{done}/{required} 学时（{percent}%），继续加油！",
        template=TemplateUse(
            key="study",
            fields={"thing1": "{scheme}", "thing2": "{progress}", "thing3": "{hint}", "time4": "{time}"},
        ),
    ),
    "hours_complete": Notice(
        text="【{scheme}】{required} 学时已全部完成。\n{next}",
        template=TemplateUse(
            key="study",
            fields={"thing1": "{scheme}", "thing2": "{progress}", "thing3": "{hint}", "time4": "{time}"},
        ),
    ),
    #: Where a 学时证明 is issued for them (A6).
    "hours_met": Notice(
        text="【{scheme}】{required} 学时已全部完成，《{proof}》随后发给您。\n{next}",
        template=TemplateUse(
            key="study",
            fields={"thing1": "{scheme}", "thing2": "{progress}", "thing3": "{hint}", "time4": "{time}"},
        ),
    ),
    "hours_taken_back": Notice(
        text="【{scheme}】{on}“{day}”的 {hours} 学时已撤回，不再计入。\n原因：{reason}\n"
        "现有 {done}/{required} 学时，回复 学时 查看；有疑问请联系培训老师，或回复 人工。",
        template=TemplateUse(
            key="study",
            fields={"thing1": "{scheme}", "thing2": "{progress}", "thing3": "{hint}", "time4": "{time}"},
        ),
    ),
    "sitting_opened": Notice(
        text="【{scheme}】考试已开放预约：\n{when}\n{place}\n回复 考试 选择场次。",
        template=_EXAM,
    ),
    "seat_booked": Notice(
        text="✓ 考试已预约：【{scheme}】\n时间：{when}\n地点：{place}\n座位：{seat}\n准考证号：{ticket}\n请带：{bring}",
        template=_EXAM,
    ),
    "seat_waitlisted": Notice(
        text="考试已满，您已进入候补：【{scheme}】\n时间：{when}\n地点：{place}\n"
        "候补第 {position} 位。有空位时会自动递补并通知您。",
        template=_EXAM,
    ),
    "seat_released": Notice(
        text="您的考试座位已取消：【{scheme}】\n原定：{when}{reason}\n如需另选场次，请回复 考试；有疑问请回复 人工。",
        template=_EXAM,
        can_wait=False,
    ),
    "exam_reminder": Notice(text=_EXAM_REMINDER, template=_EXAM),
    #: Two hours before there is no later: it keeps no quiet hours.
    "exam_reminder_urgent": Notice(text=_EXAM_REMINDER, template=_EXAM, can_wait=False),
    "sitting_changed": Notice(
        text="考试安排有变：【{scheme}】\n原定：{before}\n现改为：{when}\n地点：{place}\n"
        "座位：{seat}　准考证号：{ticket}\n此前的提醒作废。{reason}",
        template=_EXAM,
        can_wait=False,
    ),
    "sitting_cancelled": Notice(
        text="考试取消：【{scheme}】原定 {before} 的考试取消。\n原因：{reason}\n新的场次开放后会通知您，已缴费用不变。",
        template=_progress("考试取消"),
        can_wait=False,
    ),
    "result_published": Notice(
        text="【{scheme}】成绩已公布：{grade}（{score} 分）。\n{next}",
        template=TemplateUse(
            key="result",
            fields={"thing1": "{scheme}", "phrase2": "{grade}", "thing3": "{hint}", "time4": "{time}"},
        ),
    ),
    "result_regraded": Notice(
        text="【{scheme}】{sitting} 的评分有更正，全体考生重新评定。\n原因：{reason}\n"
        "原结果：{old}\n更正后：{new}\n{kept}{after}",
        template=_progress("成绩有更正"),
    ),
    "appeal_disclosed": Notice(
        text="【{scheme}】您的申诉（申诉号 {number}）：原始成绩、基准指数和测算方法已备好，7 天内可查看：\n{link}\n"
        "链接打开后只在那台手机上有效；过期了请回复 申诉 重新获取。有疑问也请回复 申诉 写给我们。",
        template=_progress("材料可查看"),
    ),
    "appeal_answered": Notice(
        text="【{scheme}】您的申诉（申诉号 {number}）有新的答复：\n{answer}\n还有疑问，请回复 申诉 继续写给我们。",
        template=_progress("有新答复"),
    ),
    "appeal_decided": Notice(
        text="【{scheme}】您的申诉（申诉号 {number}）已有结论：{outcome}。\n理由：{reason}{change}\n{further}",
        template=_progress("申诉有结论"),
        can_wait=False,
    ),
    "certificate_ready": Notice(
        text="您的《{title}》已签发。\n编号：{number}\n查验：{link}\n长按图片可保存，任何人扫描二维码即可查验真伪。",
        template=TemplateUse(
            key="certificate",
            fields={
                "thing1": "{title_short}",
                "character_string2": "{number}",
                "time3": "{time}",
                "thing4": "{hint}",
            },
        ),
        path="{path}",
        picture_fact="picture",
    ),
    "certificate_changed": Notice(
        text="您的《{title}》（{number}）状态变为：{state}。\n原因：{reason}\n有疑问请回复 人工。",
        template=_progress("状态变更"),
        can_wait=False,
    ),
    "account_ready": Notice(
        text="【{scheme}】您的上网权限已开通，登录密码已发到邮箱 {mail}。\n请登录{system}填写信息，"
        "所填内容要与报送的材料一致。",
        template=_progress("权限已开通"),
    ),
    "appointed": Notice(
        text="您已被聘用为{title}。\n{number_label}：{number}（终身不变）\n检测机构：{laboratory}\n认证领域：{fields}\n"
        "登录权限开通后会再通知您。",
        template=_progress("已聘用"),
    ),
    "login_granted": Notice(
        text="您的登录权限已开通，可以登录{system}开展{title}工作。",
        template=_progress("权限已开通"),
    ),
    "login_refused": Notice(
        text="您的{scheme}登录权限没有开通，聘用仍然有效。\n原因：{reason}\n解决后可由检测机构重新申请；有疑问请回复 人工。",
        template=_progress("权限未开通"),
    ),
    "appointment_changed": Notice(
        text="您的{title}聘用资格已{state}，{about_login}。\n原因：{reason}\n有疑问请回复 人工。",
        template=_progress("聘用变更"),
        can_wait=False,
    ),
    "appointment_amended": Notice(
        text="您的{title}聘用信息已变更。\n检测机构：{laboratory}\n认证领域：{fields}\n原因：{reason}",
        template=_progress("聘用变更"),
    ),
    "appointment_kept": Notice(
        text="{period}的持续评价已完成，您的{title}聘用资格继续保持。\n说明：{reason}",
        template=_progress("资格保持"),
    ),
    "blacklist_hearing": Notice(
        text="【{scheme}】{organisation}拟将您列入黑名单，先听取您的意见。\n所指情况：{reason}。{allegation}\n"
        "列入后，{years}年内各分中心都不受理您的报名申请。\n\n您可以在{until}（含当日）前陈述：回复 陈述，"
        "然后写下说明，也可以发照片。不陈述的，到期后由另一位工作人员按现有材料决定。",
        template=_progress("请您陈述"),
    ),
    "blacklist_confirmed": Notice(
        text="【{scheme}】{organisation}决定将您列入黑名单。\n原因：{reason}。{why}\n"
        "期限：{since}至{until}（含当日），期间各分中心都不受理您的报名申请。\n\n"
        "有异议的，回复 陈述 写明理由；也可回复 申诉 查看联系方式。",
        template=_progress("列入黑名单"),
    ),
    "blacklist_dismissed": Notice(
        text="【{scheme}】{organisation}决定不将您列入黑名单。\n{why}\n您的报名不受影响，回复 进度 查看。",
        template=_progress("不予列入"),
    ),
    "blacklist_lifted": Notice(
        text="【{scheme}】您已从黑名单中移出。\n原因：{why}\n可以重新报名，回复 报名 开始。",
        template=_progress("已解除"),
    ),
    "change_filed": Notice(
        text="【{scheme}】{by}代您申请变更【{field}】（变更号 {number}）。\n结果会在这里通知您；不是您的意思，请回复 撤回变更。",
        template=_progress("变更已提交"),
    ),
    "change_approved": Notice(
        text="【{scheme}】您的【{field}】已变更（变更号 {number}）。{papers}", template=_progress("变更通过")
    ),
    "change_refused": Notice(
        text="【{scheme}】您变更【{field}】的申请未通过（变更号 {number}）。\n原因：{reason}\n"
        "可补充证明后回复 资料变更 重新申请；有疑问请回复 人工。",
        template=_progress("变更未通过"),
    ),
    "attachment_refused": Notice(
        text="刚才发的照片{problem}\n{remedy}\n{again}", template=_progress("照片需重发"), can_wait=False
    ),
    "card_made": Notice(
        text="您的《{title}》（{number}）已制作好，由{organisation}发放，请留意领取通知。\n回复 证书 可随时查看电子证卡。",
        template=_progress("证卡已制作"),
    ),
    "card_copied": Notice(
        text="您的《{title}》（{number}）{what}，卡号不变，这是第 {copy} 张。\n原来的证卡即日起作废，请勿再使用。\n"
        "回复 证书 查看新的电子证卡；实物由{organisation}制作、发放，制作好后会通知您。",
        template=_progress("证卡已换新"),
        can_wait=False,
    ),
    "card_expiring": Notice(
        text="您的《{title}》（{number}）有效期至{until}，还有 {left} 天。\n过期的证卡不能用于评价工作。"
        "请在到期前回复 补办 申请{label}，由{organisation}办理；过期后要重新申报。",
        template=_progress("证卡将到期"),
    ),
    "card_cancelled": Notice(
        text="您的《{title}》{number}：已决定{measure}，证卡即日起不能使用。{lasting}\n决定单位：{organisation}\n原因：{reason}\n"
        "有异议请回复 申诉，或向决定单位提出并附上证明。",
        template=_progress("资格取消"),
        can_wait=False,
    ),
    "card_cancellation_lifted": Notice(
        text="您的《{title}》{number}：{organisation}已撤回{measure}的决定，您可以重新申报。\n说明：{reason}",
        template=_progress("决定已撤回"),
        can_wait=False,
    ),
    "assignment_drawn": Notice(
        text="您被抽派参加评价工作：【{scheme}】{occupation}\n时间：{when}\n地点：{place}\n评价机构：{assessed}\n"
        "请带证卡（{number}）和身份证原件。\n不能参加的，请尽快回复 派遣 说明原因。",
        template=TemplateUse(
            key="exam",
            fields={"thing1": "{scheme}", "time2": "{time}", "thing3": "{place_short}", "thing4": "{hint}"},
        ),
    ),
    "assignment_cancelled": Notice(
        text="派遣取消：{when} 到{place}的评价工作取消，请勿前往。\n原因：{reason}",
        template=_progress("派遣取消"),
        can_wait=False,
    ),
    "organisation_suspended": Notice(
        text="{organisation}已暂停办理。\n您的【{scheme}】报名（报名号 {number}）和已交的材料都保留，"
        "恢复或转到其他单位时会在这里通知您。\n有疑问请回复 人工。",
        template=_progress("暂停办理"),
    ),
    "organisation_resumed": Notice(
        text="{organisation}已恢复办理，您的【{scheme}】报名（报名号 {number}）继续进行。回复 进度 查看。",
        template=_progress("恢复办理"),
    ),
    "organisation_ended": Notice(
        text="{organisation}已终止办理。\n您的【{scheme}】报名（报名号 {number}）和已交的材料都保留，"
        "上级单位会安排由其他单位继续办理，或退回给您改选，届时在这里通知您。\n有疑问请回复 人工。",
        template=_progress("终止办理"),
    ),
    "organisation_handed_over": Notice(
        text="您的【{scheme}】报名（报名号 {number}）原由{organisation}办理，现改由{successor}继续办理，您不用重新提交。\n"
        "原因：{reason}\n回复 进度 查看；已约的考试取消的，请回复 考试 重新选择。",
        template=_progress("改由他处办理"),
    ),
    "organisation_sent_back": Notice(
        text="{organisation}不能继续办理，您的【{scheme}】报名（报名号 {number}）已退回给您，"
        "填写的内容和照片都保留。\n原因：{reason}\n请先回复 修改 {label}，另选一家，再回复 提交。",
        template=_progress("请改选后提交"),
    ),
    "sub_centre_suspended": Notice(
        text="{organisation}的职业能力评价工作暂停办理。\n您的【{scheme}】报名（报名号 {number}）和已完成的学时、已缴费用都保留；"
        "暂停期间不能提交、审核、考试和发证，已约的考试请等通知。\n恢复后会在这里告诉您。有疑问请联系{society}，或回复 人工。",
        template=_progress("暂停办理"),
    ),
    "sub_centre_resumed": Notice(
        text="{organisation}的职业能力评价工作已恢复。\n您的【{scheme}】报名（报名号 {number}）可以继续办理，回复 进度 查看。",
        template=_progress("恢复办理"),
    ),
    "sub_centre_ended": Notice(
        text="{organisation}的分中心资格已取消，不再办理报名、培训、考试和发证。\n"
        "您的【{scheme}】报名（报名号 {number}）：{how}\n有疑问请联系{society}，或回复 人工。",
        template=_progress("资格已取消"),
    ),
    "erasure_done": Notice(
        text="您的删除申请（编号 {number}）已办结。\n{gone}{kept}", template=_progress("已办结")
    ),
    "erasure_completed": Notice(
        text="您要求删除的报名（报名号 {number}）保存期限已满，填写内容和文件现已全部删除。已发的证书编号仍可以查验。",
        template=_progress("已删除"),
    ),
    "erasure_refused": Notice(
        text="您的删除申请（编号 {number}）没有同意，资料照常使用。\n原因：{reason}\n有异议请回复 人工，也可向主管部门投诉。",
        template=_progress("未同意"),
    ),
    "late_reply": Notice(text="{text}", template=None, can_wait=False),
    "broadcast": Notice(text="{text}", template=_progress("新通知")),
    "staff_reply": Notice(text="{text}", template=_progress("有新回复"), can_wait=False),
}


def lint_field(value: str) -> str:
    """One line of at most 20 characters: line breaks become spaces, the rest is cut with ….

    >>> lint_field("贵州省贵阳市云岩区头桥海马冲街51号二楼会议室")
    '贵州省贵阳市云岩区头桥海马冲街51号二…'
    """
    line = re.sub(r"\s+", " ", value).strip()
    return line if len(line) <= TEMPLATE_FIELD_LIMIT else line[: TEMPLATE_FIELD_LIMIT - 1] + "…"


class _Blank(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return ""


def render_text(notice: Notice, facts: Mapping[str, object]) -> str:
    """The text for the customer-service window."""
    return notice.text.format_map(_Blank(facts)).strip()


def render_fields(template: TemplateUse, facts: Mapping[str, object]) -> dict[str, str]:
    """The template's fields, linted; an empty one becomes “详情见公众号”."""
    filled = {key: lint_field(form.format_map(_Blank(facts))) for key, form in template.fields.items()}
    return {key: value or "详情见公众号" for key, value in filled.items()}
