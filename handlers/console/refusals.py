"""Why something was refused, in Chinese: by a service's code and facts, or by the HTTP status alone."""

from collections.abc import Mapping
from typing import Final

from handlers.chat.texts import problems
from handlers.console import (
    appeal_texts,
    appointment_texts,
    attendance_texts,
    authorisation_texts,
    broadcast_texts,
    card_texts,
    delivery_texts,
    erasure_texts,
    retention_texts,
    standing_texts,
)
from handlers.console.texts import label
from services.errors import ServiceError
from services.rules.errors import InvalidValueError

LOGIN_REFUSED: Final = "账号或密码不正确。连续输错 5 次，该账号会锁定 15 分钟；忘记密码请联系管理员重设。"


class _Facts(dict[str, object]):
    def __missing__(self, key: str) -> str:
        return "…"


_ERRORS: Final[Mapping[str, str]] = {
    "access.not_found": "没有找到这条记录，或者它不属于您所在的机构。",
    "access.read_only": "您的账号只有查看权限，不能做这个操作。",
    "access.admin_only": "只有管理员可以做这个操作。",
    "access.staff_only": "请用工作人员账号登录。",
    "staff.password_short": "新密码至少要 {minimum} 个字符。",
    "staff.password_long": "密码最多 {maximum} 个字符。",
    "staff.password_simple": "密码太简单，请换一个不易猜到的。",
    "staff.password_wrong": "原密码不正确。",
    "review.elsewhere": "这份报名现在由另一个机构办理“{stage}”，本机构可以查看，不能作决定。",
    "review.nobody": "“{stage}”还没有负责的{kind_label}：请先在“机构”里把它添加到“{organisation}”的上级，再通过。",
    "review.no_trainer": "还没有负责培训的{kind_label}：请先在“机构”里把它添加到“{organisation}”的上级，再通过。",
    "review.not_direct": "“{stage}”只受理直属机构的人员。",
    "review.forward_target": "请从列表里选择接收的机构。",
    "review.reference_too_long": "文号请控制在 {limit} 个字以内。",
    "review.form_outdated": "【{form}】打印后又改过{items}，纸上与填报的不一致，不能通过。"
    "请退回【{form}】，由本人重新打印、签字、盖章后再交。",
    "review.stopped": "“{organisation}”已暂停或终止，不能审核通过。请由上级机构恢复，或移交其他单位。",
    "standing.no_reason": "请写明原因。",
    "standing.too_long": "原因请控制在 {limit} 个字以内。",
    "standing.wrong_state": "“{name}”现在的状态不能做这个操作，请刷新页面。",
    "standing.by_authorisation": "“{name}”是分中心，请在“授权管理”里暂停、恢复或取消资格。",
    "standing.proposed": "已经有人提议终止“{name}”，正等待另一位管理员决定。",
    "standing.not_proposed": "没有等待决定的终止提议，请刷新页面。",
    "standing.same_person": "终止机构要两个人：提出的人不能自己确认或否决。",
    "standing.active": "“{name}”正常办理，不用移交或退回。",
    "standing.none_chosen": "请先勾选报名。",
    "standing.too_many": "一次最多 {limit} 份，请分几次办理。",
    "standing.no_target": "请选择一个正常办理的同类单位接收。",
    "standing.not_here": "所选的报名里有 {count} 份已经不在这里办理，请刷新页面。",
    "standing.named_in_form": "报名号 {number} 的报名表上写明了这个单位，不能移交；请退回，由本人改选后重新提交。",
    "standing.admitted": "报名号 {number} 已经录取或还在填写，不能退回。已经录取的请移交。",
    "standing.draft_there": "报名号 {number} 的本人已另外开始了一份报名，不能退回。请联系本人。",
    "organisation.not_found": "没有找到这个机构，或者它不在您所在机构之下。",
    "organisation.parent_not_found": "没有找到上级机构，或者它不在您所在机构之下。",
    "organisation.name": "机构名称要 {minimum} 到 {maximum} 个字，与公章一致，例如 成都市职业技能鉴定指导中心。",
    "organisation.name_taken": "已经有名为“{name}”的机构。",
    "organisation.parent_kind": "{kind_label}不能放在{parent_label}下面，它的上级只能是：{allowed_labels}。",
    "organisation.located_in": "只有省属评价机构可以另外写明所在的市（州）职鉴中心；属地评价机构请直接放在市（州）职鉴中心下面。",
    "organisation.circle": "“{parent}”就在“{name}”之下，不能反过来作它的上级。",
    "organisation.own": "自己所在的机构由上级机构或系统管理员修改。",
    "organisation.none_responsible": "“{organisation}”的上级里没有{kind_label}，请先在“机构”里添加，并把它放到上级位置。",
    "organisation.several_responsible": "“{organisation}”没有放在哪个{kind_label}之下，而这类机构不止一个，请先写明它的上级。",
    "form.required": "请填写“{label}”。",
    "form.number": "“{label}”请填写数字。",
    "form.date": "“{label}”请填写日期，例如 2026-12-26。",
    "form.time": "“{label}”请填写时间，例如 09:00。",
    "form.choice": "请选择“{label}”。",
    "form.no_file": "请先选择要导入的文件。",
    "upload.gone": "上传的文件已超过 1 小时或已被新的上传替换，请重新上传。",
    "enrolment.not_found": "没有找到这份报名，或者它不属于您所在的机构。",
    "enrolment.not_in_review": "这份报名已经不在待审核状态，请刷新页面查看。",
    "enrolment.changed": "您打开页面后，这份报名有了变化。请刷新页面，核对后再作决定。",
    "review.no_reason": "请勾选要退回的项目，并给每一项写明原因；不予通过也要写明原因。",
    "review.reason_too_long": "原因请控制在 {limit} 个字以内。",
    "payment.remark_mismatch": "银行附言“{remark}”与要求的“{expected}”不一致。确认是这笔款的，请在备注里说明后再确认。",
    "payment.amount": "到账金额要大于 0，请核对。",
    "payment.over": "到账比应缴的多，请核对金额；确实多缴的，请在备注里说明。",
    "payment.confirmed": "这笔缴费已经确认过了。",
    "payment.refunded": "这笔缴费已经退款。",
    "payment.changed": "您打开页面后，这笔缴费又有到账登记。请核对已到账金额后再确认，以免记两次。",
    "payment.nothing_paid": "这笔缴费还没有到账，不能退款。",
    "payment.reason_missing": "请填写退款原因。",
    "payment.no_voucher": "考生没有上传转账凭证。",
    "class.code_taken": "班号“{class_code}”已经用过了，请换一个。",
    "class.scheme": "请选择项目。",
    "class.code": "班号请控制在 40 个字以内。",
    "class.title": "请填写班名。",
    "class.dates": "结束日期不能早于开班日期。",
    "class.place": "现场班请填写地点。",
    "class.fee": "培训费请填写 0 以上的金额。",
    "class.capacity": "名额至少是 1。",
    "class.not_found": "没有找到这个培训班。",
    "class.not_admitted": "审核通过后才能编班。",
    "class.not_open": "这个培训班已经截止。",
    "class.over": "这个培训班已经结束。",
    "class.full": "这个培训班已满（{capacity} 人）。",
    "class.not_for_route": "这位考生已有学时证明，不需要参加培训班。",
    "study.hours": "学时请填写大于 0、不超过 {most} 的数字，最多两位小数。",
    "study.not_admitted": "审核通过后、成绩公布前才能认可学时证明。",
    "study.no_proof": "考生没有上传学时证明。",
    "study.proof_counted": "这份学时证明已经计过学时了。",
    "scheme.not_found": "没有这个项目。",
    "scheme.not_trained_here": (
        "“{scheme}”的培训和考试不由本机构组织（组织单位：{organiser}），本机构不能开班，也不能安排考试。"
        "应当由本机构组织的，请联系组织单位。"
    ),
    "sitting.not_found": "没有找到这个考试场次。",
    "sitting.no_exam": "“{scheme}”不安排考试。",
    "sitting.working_day": "{day} 是调休上班日（{occasion}），考生可能要上班。",
    "sitting.exists": "同一时间、同一地点已有场次 {sitting}，没有重复安排。",
    "sitting.weekday": "{day} 是工作日，考生可能要上班。",
    "sitting.holiday": "{day} 是法定节假日（{occasion}）。",
    "sitting.calendar_unknown": "{day} 的放假安排还没有公布，请届时核对是否调休上班。",
    "sitting.time_order": "结束时间要晚于开始时间。",
    "sitting.past": "考试时间已经过去，请重新选择。",
    "sitting.form": "请选择考试方式。",
    "sitting.place": "请填写地点或平台，最多 {limit} 个字。",
    "sitting.bring": "要带的东西最多 {limit} 样，每样不超过 60 个字。",
    "sitting.capacity": "名额请填写 1 到 {maximum}。",
    "sitting.capacity_in_use": "已经排到 {minimum} 号座位，名额不能少于 {minimum}。",
    "sitting.off_calendar": "按规定应安排在 {saturday} 或 {sunday}。另定日期的，请填写依据（官方通知的文号）。",
    "sitting.reason_missing": "请填写原因，考生会看到。",
    "sitting.reason_too_long": "原因请控制在 {limit} 个字以内。",
    "sitting.not_open": "这场考试已经截止或取消。",
    "sitting.started": "这场考试已经开始。",
    "sitting.has_results": "这场考试已有成绩，不能取消。",
    "enrolment.not_admitted": "审核通过、还没有出成绩的考生才能预约考试。",
    "seat.not_found": "没有找到这个座位。",
    "seat.already_booked": "这位考生已经预约了 {sitting}。",
    "seat.sitting_busy": "缺考的那一场正在录入成绩，请稍后再试。",
    "seat.hours_not_met": "学时还没有满（{done} / {required}），不能预约考试。",
    "seat.fees_outstanding": "还有费用没有确认到账：{fees}。",
    "seat.not_releasable": "这个座位现在不能取消。",
    "seat.not_booked": "这个座位不是“已预约”状态，不能签到。",
    "result.not_scored": "没有待审核的成绩，请刷新页面。",
    "result.two_people": "本次基准指数由 {count} 份成绩算得（不足 30 份），须由审核人以外的另一位工作人员公布。",
    "result.not_approved": "没有已审核、待公布的成绩。",
    "certificate.not_found": "没有找到这份证书。",
    "certificate.already_issued": "已经签发过证书（{number}）。",
    "certificate.holder_incomplete": "持证人的信息不全，不能签发证书，请核对姓名、证件号码和照片。",
    "certificate.no_passed_result": "成绩公布并且合格后才能签发证书。",
    "certificate.hours_not_met": "学时还没有满（{done} / {required}）。",
    "certificate.not_offered": "这个项目不签发这种证书。",
    "certificate.unprintable_name": "姓名里的“{characters}”没有可用的字形，暂时不能打印证书。",
    "certificate.no_reason": "请填写原因。",
    "certificate.reason_too_long": "原因请控制在 {limit} 个字以内。",
    "certificate.wrong_state": "证书现在的状态不能做这个操作，请刷新页面。",
    "certificate.paper_made": "证书 {number} 的文件已经生成，或证书不是有效状态，不用再生成。",
    "certificate.paper_waits": "证书 {number} 正在生成，请过几分钟刷新页面。",
    "certificate.nobody_waits": "这场考试没有可以签发证书的考生。",
    "spreadsheet.too_large": "文件超过 {limit_mb} MB，请分成几个文件导入。",
    "spreadsheet.too_many_rows": "表格超过 {limit} 行，请分成几个文件导入。",
    "spreadsheet.old_or_locked": "这是旧格式（.xls）或设了密码的文件。请另存为 .xlsx、去掉密码后再上传。",
    "spreadsheet.unreadable": "看不懂这个文件。请上传 .xlsx 或 .csv 表格。",
    "spreadsheet.header_missing": "表头缺少这些列：{columns}。请下载模板对照。",
    "spreadsheet.column_twice": "表头里“{column}”出现了两次，请删去一列。",
    "spreadsheet.empty": "表格里没有数据行。",
    "amount.empty": "请填写金额。",
    "amount.format": "金额请填写数字，例如 180 或 180.50。",
    "amount.negative": "金额不能是负数。",
    "choice.unknown": "没有这个选项，请写成列出的选项之一，一字不差。",
    "choice.ambiguous": "不能确定是哪一个选项，请写成列出的选项之一，一字不差。",
    "long_text.short": "已写 {length} 字，至少要 {limit} 字，还差 {needed} 字（空格和换行不算）。",
    "long_text.long": "已写 {length} 字，最多 {limit} 字，请精简。",
    "list.many": "填了 {count} 项，最多 {limit} 项，请减少。",
    "number.format": "没有看懂这个数，请只填一个数字。",
    "amount.decimals": "金额最多到分。",
    "amount.too_large": "金额太大，请核对。",
    **appeal_texts.REFUSALS,
    **broadcast_texts.REFUSALS,
    **appointment_texts.REFUSALS,
    **authorisation_texts.ERRORS,
    **card_texts.ERRORS,
    **erasure_texts.REFUSALS,
    **retention_texts.REFUSALS,
    **standing_texts.REFUSALS,
    **delivery_texts.REFUSALS,
    **attendance_texts.REFUSALS,
}

_KINDS: Final[Mapping[str, str]] = {
    "invalid": "填写的内容不符合要求，请核对后再试。",
    "forbidden": "您没有权限做这个操作。",
    "not_found": "没有找到这条记录，或者它不属于您所在的机构。",
    "conflict": "这条记录刚被修改过，或者当前状态不能做这个操作。请刷新页面后再看。",
    "limited": "操作太频繁，请稍后再试。",
}

_TITLES: Final[Mapping[int, str]] = {
    403: "不能做这个操作",
    404: "没有找到",
    405: "不能这样打开",
    409: "情况有变",
    413: "文件太大",
    422: "请核对一下",
    429: "请稍后再试",
    500: "系统出了点问题",
}

_HTTP: Final[Mapping[int, str]] = {
    404: "没有这个页面。请从菜单进入。",
    405: "这个地址不能直接打开，请从页面上的按钮进入。",
    413: "文件太大，最大 5 MB。请删去不需要的工作表或分成几个文件再上传。",
}


def error(refusal: ServiceError | InvalidValueError) -> str:
    """The sentence for a refusal: by its code, else by its kind."""
    if (sentence := _ERRORS.get(refusal.code)) is not None:
        return sentence.format_map(_Facts({**refusal.facts, **_kinds(refusal.facts)}))
    if (sentence := problems.sentence(refusal.code, refusal.facts)) is not None:
        return sentence
    return _KINDS[refusal.kind if isinstance(refusal, ServiceError) else "invalid"]


def problem(code: str, **facts: object) -> str:
    """The sentence for a code that came as data: a row error, a warning."""
    return _ERRORS.get(code, code).format_map(_Facts({**facts, **_kinds(facts)}))


def _kinds(facts: Mapping[str, object]) -> dict[str, object]:
    """The words for kinds of organisations among the facts: `kind`, `parent`, `allowed` (joined by commas)."""
    return {
        f"{name}_label{'s' if name == 'allowed' else ''}": "、".join(
            label(one, "organisation_kind") if one else "（最上级）" for one in str(facts[name]).split(",")
        )
        for name in ("kind", "parent", "allowed")
        if name in facts
    }


def error_title(status: int) -> str:
    """The heading of an error page."""
    return _TITLES.get(status, "请求无法完成")


def http_error(status: int) -> str:
    """What an error page says of a request that no page took."""
    return _HTTP.get(status, "请返回上一页后重试。")
