"""Chinese words of the console that are not in a template: names of states and actions, what was done.

Why something was refused is in `refusals`.
"""

from collections.abc import Mapping
from typing import Final

from handlers.console import appointment_texts

#: (address, word, icon)
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
    **appointment_texts.DONE,
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
    "sitting": {"open": "可预约", "over": "已开考", "closed": "已截止", "cancelled": "已取消"},
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
    "remark": {"exact": "与要求一致", "other": "与要求不同"},
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
        **appointment_texts.SUBJECTS,
    },
    "action": {
        "staff.signed_in": "登录",
        "staff.locked": "密码连错，账号锁定",
        "staff.added": "添加工作人员",
        "keys.rotated": "轮换密钥",
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
        **appointment_texts.ACTIONS,
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
        **appointment_texts.NOTICES,
    },
    **appointment_texts.LABELS,
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
    **appointment_texts.TONES,
}


#: A state's word where it is not known whose state it is; the same code has the same sense everywhere.
_ANY: Final = {
    code: word
    for kind in (
        "class",
        "sitting",
        "result",
        "seat",
        "certificate",
        "document",
        "enrolment",
        "payment",
        "appointment",
    )
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
