"""Chinese words of retention reports in the console; `texts` and `refusals` take them in."""

from collections.abc import Mapping
from typing import Final

REFUSALS: Final[Mapping[str, str]] = {
    "retention.not_found": "没有找到这份到期清单，或者它不属于您所在的机构。",
    "retention.wrong_state": "这份清单现在的状态不能做这个操作，请刷新页面。",
    "retention.nothing_due": "清单上的材料现在都还须保存，没有可以删除的。",
    "retention.same_person": "提出删除和确认删除不能是同一个人，请由另一位管理员办理。",
    "retention.other_count": "文件数对不上：现在到期的是 {files} 份。请重新核对清单，再填写文件数。",
    "authorisation.paper_purged": "保存期限已满，这份材料已经删除。",
    "certificate.purged": "保存期限已满，证书文件已经删除；编号仍可以查验。",
}

DONE: Final[Mapping[str, str]] = {
    "retention_proposed": "已提出删除，请另一位管理员核对后确认。",
    "retention_declined": "已决定不删除，材料继续保存。",
    "retention_confirmed": "已确认删除，文件正在删除；记录和操作日志保留。",
}

#: What is kept, how the report calls it, and from when its time runs.
KINDS: Final[Mapping[str, str]] = {
    "document": "报名材料照片",
    "voucher": "缴费凭证",
    "older_voucher": "换下的缴费凭证",
    "practice_sheet": "实操答题卷",
    "attachment": "资料变更和黑名单的附件",
    "cancellation": "取消资格的依据材料",
    "certificate": "证书、证卡文件",
    "authorisation_paper": "分中心的申请材料和承诺书",
}

#: What is kept for how long, as the page says it.
PERIODS: Final[tuple[tuple[str, str], ...]] = (
    (
        "报名材料、缴费凭证、实操答题卷、附件、证书文件",
        "自报名办结（作出决定、公布成绩或撤回）之日起至少 10 年。计量类依据量学发〔2022〕37号第二十七条，其他项目由主办方规定。",
    ),
    ("分中心的申请材料和承诺书", "自材料撤下、申请未通过或授权终止之日起 10 年。"),
    ("没有报名的人的黑名单附件", "自黑名单到期、解除或决定不列入之日起 10 年。"),
    ("没有提交的草稿", "本人要求删除时，或取消关注满 7 天时删除。"),
)

SUBJECTS: Final[Mapping[str, str]] = {"retention_report": "到期清单"}

LABELS: Final[Mapping[str, Mapping[str, str]]] = {
    "kept": KINDS,
    "retention": {
        "open": "继续保存",
        "proposed": "待确认删除",
        "confirmed": "正在删除",
        "purged": "已删除",
    },
    "retention_next": {
        "open": "不再需要的，由管理员提出删除",
        "proposed": "另一位管理员确认",
        "confirmed": "不用办理",
        "purged": "已办完",
    },
}

ACTIONS: Final[Mapping[str, str]] = {
    "data.asked_for": "本人索取数据",
    "data.handed_over": "本人下载数据",
    "retention.reported": "生成到期清单",
    "retention.viewed": "查看到期清单",
    "retention.proposed": "提出删除到期材料",
    "retention.declined": "决定不删除到期材料",
    "retention.confirmed": "确认删除到期材料",
    "retention.purged": "到期材料已删除",
}

TONES: Final[Mapping[str, str]] = {"purged": "plain"}
