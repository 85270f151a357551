"""Every Chinese sentence of the console that is not in a template: names of states, refusals, what was done."""

from collections.abc import Mapping
from typing import Final

from services.errors import ServiceError
from services.rules.errors import InvalidValueError

LOGIN_REFUSED: Final = "账号或密码不正确。连续输错 5 次，该账号会锁定 15 分钟；忘记密码请联系管理员重设。"

#: (address, word, icon, other addresses that belong to it)
NAVIGATION: Final = (
    ("/console/", "今日待办", "home"),
    ("/console/enrolments", "报名审核", "list"),
    ("/console/payments", "缴费核对", "coin"),
    ("/console/classes", "培训班", "book"),
    ("/console/sittings", "考试场次", "calendar"),
    ("/console/hours", "学时导入", "upload"),
    ("/console/scores", "成绩导入", "upload"),
    ("/console/certificates", "证书", "seal"),
    ("/console/audit", "操作日志", "clock"),
)

#: What was done, shown once on the page after it.
DONE: Final[Mapping[str, str]] = {
    "signed_out": "已退出登录。",
    "password_changed": "密码已修改。",
    "approved": "审核已通过，考生会收到通知。",
    "returned": "已退回补正，考生会收到需要修改的项目。",
    "rejected": "已作出不予通过的决定，考生会收到通知。",
    "proof_accepted": "学时证明已认可，学时已计入。",
    "class_added": "培训班已添加。",
    "class_closed": "培训班已截止报名。",
    "enrolled_in_class": "已编入培训班。",
    "payment_confirmed": "缴费已确认，考生会收到通知。",
    "payment_short": "已记录到账金额，金额不足，考生会收到补缴通知。",
    "payment_refunded": "已登记退款。",
    "sitting_added": "考试场次已添加。",
    "sitting_changed": "场次已修改，已预约的考生会收到更正通知，旧的提醒已撤回。",
    "sitting_cancelled": "场次已取消，已预约的考生会收到通知。",
    "booked": "已预约考试，考生会收到通知。",
    "released": "已取消预约，考生会收到通知。",
    "checked_in": "已签到。",
    "imported": "导入完成。",
    "results_approved": "成绩已审核。",
    "results_published": "成绩已公布，考生会收到通知。",
    "certificate_issued": "证书已签发。",
    "certificates_issued": "本场通过考生的证书已签发。",
    "certificate_suspended": "证书已暂停。",
    "certificate_restored": "证书已恢复有效。",
    "certificate_revoked": "证书已撤销。",
}

_LABELS: Final[Mapping[str, Mapping[str, str]]] = {
    "enrolment": {
        "draft": "填写中",
        "in_review": "待审核",
        "returned": "退回补正",
        "admitted": "已录取",
        "rejected": "未通过",
        "withdrawn": "已撤回",
        "lapsed": "已失效",
        "blocked": "已限制",
        "concluded": "已办结",
    },
    "document": {
        "fetching": "接收中",
        "uploaded": "待审",
        "accepted": "合格",
        "refused": "不合格",
        "missing": "未上传",
    },
    "payment": {
        "due": "待缴费",
        "claimed": "待核对",
        "confirmed": "已确认",
        "short": "金额不足",
        "refunded": "已退款",
    },
    "class": {"open": "招生中", "closed": "已截止", "cancelled": "已取消"},
    "sitting": {"open": "可预约", "closed": "已截止", "cancelled": "已取消"},
    "seat": {
        "booked": "已预约",
        "waitlisted": "候补",
        "checked_in": "已签到",
        "sat": "已参加",
        "absent": "缺考",
        "void": "已取消",
    },
    "result": {"scored": "待审核", "approved": "待公布", "published": "已公布", "superseded": "已更正"},
    "certificate": {
        "valid": "有效",
        "suspended": "暂停",
        "revoked": "已撤销",
        "replaced": "已更换",
        "expired": "已过期",
    },
    "delivery": {"failed": "发送失败", "dead": "多次失败，已停止", "unknown": "结果不明"},
    "role": {"admin": "管理员", "officer": "经办人", "viewer": "只读"},
    "form": {"online": "线上", "on_site": "现场", "mixed": "线上与现场"},
    "actor": {"staff": "工作人员", "applicant": "申请人", "system": "系统", "stranger": "访客"},
    "subject": {
        "enrolment": "报名",
        "document": "材料",
        "payment": "缴费",
        "class": "培训班",
        "course_class": "培训班",
        "sitting": "考试场次",
        "seat": "座位",
        "result": "成绩",
        "certificate": "证书",
        "staff": "工作人员",
        "organisation": "机构",
        "import": "导入",
        "import_run": "导入",
        "person": "考生",
        "follower": "关注者",
        "study_record": "学时记录",
    },
    "action": {
        "staff.signed_in": "登录",
        "staff.locked": "密码连错，账号锁定",
        "staff.added": "添加工作人员",
        "staff.password_changed": "修改密码",
        "organisation.added": "添加机构",
        "enrolment.begun": "开始报名",
        "enrolment.consented": "同意知情文件",
        "enrolment.submitted": "提交报名",
        "enrolment.withdrawn": "撤回报名",
        "enrolment.approved": "审核通过",
        "enrolment.returned": "退回补正",
        "enrolment.rejected": "不予通过",
        "enrolment.viewed": "查看报名",
        "enrolment.revealed": "查看完整信息",
        "document.uploaded": "收到照片",
        "document.refused": "照片不合格",
        "document.viewed": "查看照片",
        "class.added": "添加培训班",
        "class.closed": "培训班截止",
        "class.joined": "编入培训班",
        "study.hours_imported": "学时更新",
        "study.proof_accepted": "认可学时证明",
        "study.certificate_not_issued": "学时证明未能签发",
        "sitting.added": "安排考试",
        "sitting.changed": "修改考试安排",
        "sitting.cancelled": "取消考试",
        "sitting.roll_downloaded": "下载座位表",
        "seat.booked": "预约考试",
        "seat.waitlisted": "进入候补",
        "seat.released": "取消预约",
        "seat.moved_up": "候补转为预约",
        "seat.voided": "座位作废",
        "seat.checked_in": "签到",
        "result.scored": "录入成绩",
        "result.changed": "更正成绩",
        "seat.absent": "登记缺考",
        "result.approved": "审核成绩",
        "result.published": "公布成绩",
        "certificate.issued": "签发证书",
        "certificate.read": "下载证书",
        "certificate.suspended": "暂停证书",
        "certificate.restored": "恢复证书",
        "certificate.revoked": "撤销证书",
        "payment.amount_changed": "应缴金额变更",
        "payment.claimed": "考生填报已转账",
        "payment.voucher_kept": "收到转账凭证",
        "payment.voucher_viewed": "查看转账凭证",
        "payment.confirmed": "确认缴费",
        "payment.short": "到账金额不足",
        "payment.refunded": "退款",
        "hours.imported": "导入学时",
        "scores.imported": "导入成绩",
        "follower.followed": "关注公众号",
        "follower.unfollowed": "取消关注",
    },
    "notice": {
        "admitted": "审核通过",
        "returned": "退回补正",
        "rejected": "未通过",
        "nudge": "提醒继续填写",
        "document_refused": "照片需重发",
        "document_accepted": "照片已收",
        "payment_confirmed": "缴费确认",
        "payment_short": "缴费不足",
        "hours_progress": "学时更新",
        "hours_half": "学时过半",
        "hours_met": "学时完成",
        "sitting_opened": "考试开放预约",
        "seat_booked": "考试已预约",
        "exam_reminder": "考试提醒",
        "sitting_changed": "考试安排变更",
        "sitting_cancelled": "考试取消",
        "result_published": "成绩公布",
        "certificate_ready": "证书签发",
        "certificate_changed": "证书状态变更",
    },
}

_TONES: Final[Mapping[str, str]] = {
    "in_review": "wait",
    "claimed": "wait",
    "uploaded": "wait",
    "scored": "wait",
    "approved": "wait",
    "waitlisted": "wait",
    "fetching": "wait",
    "returned": "warn",
    "short": "warn",
    "suspended": "warn",
    "failed": "warn",
    "unknown": "warn",
    "admitted": "good",
    "accepted": "good",
    "confirmed": "good",
    "published": "good",
    "valid": "good",
    "open": "good",
    "booked": "good",
    "checked_in": "good",
    "sat": "good",
    "rejected": "bad",
    "refused": "bad",
    "blocked": "bad",
    "revoked": "bad",
    "cancelled": "bad",
    "absent": "bad",
    "dead": "bad",
}


#: A state's word where it is not known whose state it is; the same code has the same sense everywhere.
_ANY: Final = {
    code: word
    for kind in ("class", "sitting", "result", "seat", "certificate", "document", "enrolment", "payment")
    for code, word in _LABELS[kind].items()
}


def label(value: object, kind: str) -> str:
    """The Chinese word of a state or kind (`any`: whosever state it is); an unknown one stands as it is.

    >>> label("in_review", "enrolment")
    '待审核'
    """
    return (_ANY if kind == "any" else _LABELS[kind]).get(str(value), str(value))


def tone(value: object) -> str:
    """Which colour a state's mark has: wait, warn, good, bad, plain."""
    return _TONES.get(str(value), "plain")


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
    "payment.nothing_paid": "这笔缴费还没有到账，不能退款。",
    "payment.reason_missing": "请填写退款原因。",
    "payment.no_voucher": "考生没有上传转账凭证。",
    "class.code_taken": "班号“{code}”已经用过了，请换一个。",
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
    "sitting.not_found": "没有找到这个考试场次。",
    "sitting.working_day": "{day} 是调休上班日（{occasion}），考生可能要上班。",
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
    "seat.hours_not_met": "学时还没有满（{done} / {required}），不能预约考试。",
    "seat.fees_outstanding": "还有费用没有确认到账：{fees}。",
    "seat.not_releasable": "这个座位现在不能取消。",
    "seat.not_booked": "这个座位不是“已预约”状态，不能签到。",
    "result.not_scored": "没有待审核的成绩，请刷新页面。",
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
    "amount.decimals": "金额最多到分。",
    "amount.too_large": "金额太大，请核对。",
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
        return sentence.format_map(_Facts(refusal.facts))
    return _KINDS[refusal.kind if isinstance(refusal, ServiceError) else "invalid"]


def problem(code: str, **facts: object) -> str:
    """The sentence for a code that came as data: a row error, a warning."""
    return _ERRORS.get(code, code).format_map(_Facts(facts))


def error_title(status: int) -> str:
    """The heading of an error page."""
    return _TITLES.get(status, "请求无法完成")


def http_error(status: int) -> str:
    """What an error page says of a request that no page took."""
    return _HTTP.get(status, "请返回上一页后重试。")
