"""Chinese words of retention reports in the console; `texts` and `refusals` take them in."""

from collections.abc import Mapping
from typing import Final

REFUSALS: Final[Mapping[str, str]] = {
    "retention.not_found": "没有找到这份到期清单，或者它不属于您所在的机构。",
    "retention.wrong_state": "这份清单现在的状态不能做这个操作，请刷新页面。",
    "retention.nothing_due": "清单上的材料现在都还须保存，没有可以删除的。",
    "retention.same_person": "提出删除和确认删除不能是同一个人，请由另一位管理员办理。",
    "retention.other_count": "文件数对不上：现在到期的是 {files} 份。请重新核对清单，再填写文件数。",
    "certificate.purged": "保存期限已满，证书文件已经删除；编号仍可以查验。",
}

DONE: Final[Mapping[str, str]] = {
    "retention_proposed": "已提出删除，请另一位管理员核对后确认。",
    "retention_declined": "已决定不删除，材料继续保存。",
    "retention_confirmed": "已确认删除，文件正在删除；记录和操作日志保留。",
}

SUBJECTS: Final[Mapping[str, str]] = {"retention_report": "到期清单"}

LABELS: Final[Mapping[str, Mapping[str, str]]] = {
    "retention": {
        "open": "继续保存",
        "proposed": "待确认删除",
        "confirmed": "正在删除",
        "purged": "已删除",
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
