"""Chinese words of appeals, benchmarks and analyses; `texts` and `refusals` take them in."""

from collections.abc import Mapping
from typing import Final

REFUSALS: Final[Mapping[str, str]] = {
    "appeal.not_found": "没有找到这件申诉，或者它不属于您所在的机构。",
    "appeal.closed": "这件申诉已经有了结论或已由本人撤回，请刷新页面。",
    "appeal.not_disclosed": "请先把原始成绩、基准指数和测算方法提供给本人，再作结论。",
    "appeal.nothing_changed": "复核结果与原成绩相同，或还没有复核，不能更正。请先录入复核得分。",
    "appeal.remark_differs": "复核得分与原成绩不同，不能作“维持”或“不予受理”的结论。请作“更正”，或重新复核。",
    "appeal.approver_remarks": "这份成绩是您审核的，请由另一位工作人员复核。",
    "appeal.approver_decides": "这份成绩是您审核的，又没有另一位工作人员的复核，请由另一位工作人员作结论。",
    "appeal.same_person": "更正成绩要两个人：复核的人和作结论的人不能是同一个人。",
    "score.empty": "请填写得分。",
    "score.format": "得分请填写数字，例如 85.5。",
    "score.decimals": "得分最多 {maximum} 位小数，例如 85.5。",
    "score.range": "得分应在 0 到 {maximum} 之间，请核对。",
    "certificate.not_named": "这份证书没有等待决定的申诉，请刷新页面。",
    "result.not_published": "这个成绩刚有变动，请刷新页面。",
    "regrade.nothing_published": "这场考试还没有公布的成绩，直接导入正确的成绩即可。",
    "regrade.waits": "这场考试已有一份重新评定的方案等待另一位工作人员决定。",
    "regrade.no_change": "文件里的成绩和现在的全部相同，不用重新评定。",
    "regrade.faulty": "文件里有 {count} 处问题，没有提交：{first}。请改好后重新上传。",
    "regrade.incomplete": "重新评定要包括本场全部已公布成绩的考生，文件里缺少 {count} 人：{names}。",
    "regrade.same_person": "提出和决定不能是同一个人，请由另一位工作人员决定。",
    "analysis.no_areas": "这个项目没有分知识领域。",
    "analysis.too_many": "符合条件的成绩超过 {limit} 份，请把日期范围缩小。",
    "regrade.none": "没有等待决定的重新评定方案，请刷新页面。",
}

DONE: Final[Mapping[str, str]] = {
    "appeal_disclosed": "已提供，本人会收到一个只能自己打开的链接。",
    "appeal_answered": "答复已发给本人。",
    "appeal_remarked": "复核得分已录入，成绩还没有变。",
    "appeal_decided": "结论已作出，本人会收到通知。",
    "regrade_proposed": "方案已提交，由另一位工作人员核对后决定，成绩还没有变。",
    "regrade_carried_out": "已重新评定并公布新版基准指数，全体考生会收到通知；原来的成绩和证书都保留。",
    "regrade_dropped": "方案已放弃，成绩不变。",
    "named_revoked": "证书已撤销，持证人会收到通知。",
    "named_kept": "已决定保留证书，理由已记录。",
}

SUBJECTS: Final[Mapping[str, str]] = {"appeal": "申诉", "scheme": "项目"}

LABELS: Final[Mapping[str, Mapping[str, str]]] = {
    "appeal": {
        "lodged": "待提供材料",
        "disclosed": "待结论",
        "decided": "已有结论",
        "withdrawn": "本人撤回",
        "draft": "填写中",
    },
    "appeal_outcome": {"upheld": "维持", "changed": "更正", "rejected": "不予受理"},
    "named": {"open": "待决定", "revoked": "已撤销", "kept": "保留"},
    "regrade": {"proposed": "待决定", "carried_out": "已执行", "dropped": "已放弃"},
    "grouping": {"region": "地区", "organisation": "报名机构", "sitting": "考试场次"},
    "basis": {"pool": "成绩样本", "provisional": "小样本", "snapshot": "沿用上次", "prior": "初始值"},
}

ACTIONS: Final[Mapping[str, str]] = {
    "appeal.lodged": "提出申诉",
    "appeal.added_to": "补充申诉",
    "appeal.withdrawn": "撤回申诉",
    "appeal.viewed": "查看申诉",
    "appeal.disclosed": "提供申诉材料",
    "appeal.pack_opened": "本人查看申诉材料",
    "appeal.answered": "答复申诉",
    "appeal.remarked": "复核答卷",
    "appeal.decided": "作出申诉结论",
    "appeal.certificate_revoked": "撤销申诉涉及的证书",
    "appeal.certificate_kept": "保留申诉涉及的证书",
    "result.changed_by_appeal": "申诉后更正成绩",
    "benchmark.renewed": "重新测算并公布基准指数",
    "result.diagnosed": "登记领域得分",
    "analysis.exported": "导出分领域分析",
    "result.regraded": "重新评定成绩",
    "regrade.proposed": "提出重新评定",
    "regrade.carried_out": "重新评定全体成绩",
    "regrade.dropped": "放弃重新评定",
}

NOTICES: Final[Mapping[str, str]] = {
    "appeal_disclosed": "申诉材料",
    "appeal_answered": "申诉答复",
    "appeal_decided": "申诉结论",
    "result_regraded": "成绩重新评定",
}

TONES: Final[Mapping[str, str]] = {
    "lodged": "wait",
    "disclosed": "wait",
    "decided": "good",
    "carried_out": "good",
}
