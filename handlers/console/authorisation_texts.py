"""Chinese words of authorisations in the console: states, conditions, causes, refusals, what was done."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Final

from services.rules.authorisation import Unmet

DONE: Final[Mapping[str, str]] = {
    "fees_published": "收费公示已更新，公开页面同步更新。",
    "request_saved": "申请内容已保存。",
    "paper_added": "材料已上传。",
    "paper_removed": "材料已移除。",
    "request_submitted": "申请已提交，等待学会审查书面材料。",
    "request_on_site": "书面审查已通过，请组织专家实地审核。",
    "request_returned": "已退还全部书面申请材料，并说明了原因。",
    "request_visited": "实地审核结果已记录。",
    "request_agreed": "合作协议已登记。",
    "authorisation_granted": "已授权，分中心可以在授权范围内开班。",
    "member_added": "人员已添加。",
    "member_left": "已登记离开。",
    "finding_recorded": "查处情况已记录。",
    "authorisation_suspended": "已暂停该分中心的一切评价工作。",
    "authorisation_lifted": "已恢复该分中心的评价工作。",
    "authorisation_ended": "已取消分中心资格，招生中的培训班已全部截止。",
    "proposal_kept": "已决定保留资格。",
    "self_check_handed_in": "年度自查已提交。",
    "self_check_assessed": "年度自查评估已记录。",
    "self_check_excused": "已准予继续开展工作。",
    "report_made": "已上报学会。",
    "report_approved": "上报已审核通过，证书已签发。",
    "report_returned": "已退回上报。",
}

LABELS: Final[Mapping[str, Mapping[str, str]]] = {
    "request": {
        "draft": "填写中",
        "submitted": "待书面审查",
        "returned": "已退还",
        "on_site": "待实地审核",
        "qualified": "待签协议",
        "failed": "实地审核不合格",
        "agreed": "待授权",
        "granted": "已授权",
    },
    "authorisation": {"active": "有效", "suspended": "暂停", "ended": "已取消"},
    "paper": {
        "application_form": "申请表",
        "staff": "人员情况",
        "equipment": "设备情况",
        "rules": "制度建设情况",
        "plan": "培训工作方案",
        "premises": "场地自有证明",
        "lease": "设备租用合同或协议",
        "undertaking": "评价员承诺书",
        "other": "其他",
    },
    "member": {"teacher": "教师", "assessor": "评价员"},
    "title": {"none": "无职称", "junior": "初级", "middle": "中级", "senior": "高级"},
    "finding": {
        "out_of_scope": "超出授权范围",
        "fees": "收费与公示不一致",
        "agents": "委托中介招生或培训",
        "leaked_papers": "泄漏考试试题",
        "lax_invigilation": "监考不严",
        "untrained": "未经培训考试申领证书",
        "other": "其他",
    },
    "cause": {
        "out_of_scope": "超出授权范围被查处两次以上",
        "agents": "委托中介机构代理招生或培训",
        "leaked_papers": "泄漏考试试题",
        "lax_invigilation": "监考不严",
        "untrained": "为未经培训和考试的人员申领证书",
        "failed_assessment": "评估考核不合格",
        "no_training": "一年内没有开展培训活动",
        "few_people": "年度培训人次不足",
        "investigation": "有关部门调查后存在问题",
    },
    "proposal": {"proposed": "待决定", "ended": "已取消资格", "kept": "已决定保留"},
    "self_check": {
        "due": "待提交",
        "handed_in": "待评估",
        "accepted": "评估合格",
        "failed": "评估不合格",
        "missed": "逾期未交",
        "excused": "准予继续",
    },
    "report": {"reported": "待学会审核", "returned": "已退回", "approved": "已发证"},
    "act": {
        "open_class": "开班",
        "join_class": "编班",
        "enrol": "受理报名",
        "admit": "录取",
        "examine": "考试评价",
        "issue": "申领证书",
    },
}

SUBJECTS: Final[Mapping[str, str]] = {
    "authorisation": "分中心授权",
    "authorisation_request": "分中心申请",
    "self_check": "年度自查",
    "result_report": "成绩上报",
}

ACTIONS: Final[Mapping[str, str]] = {
    "class.fees_published": "公示收费",
    "payment.dropped": "换班，取消原应缴费用",
    "authorisation.request_begun": "开始申请",
    "authorisation.request_submitted": "提交申请",
    "authorisation.request_on_site": "书面审查通过",
    "authorisation.request_returned": "退还申请材料",
    "authorisation.request_qualified": "实地审核合格",
    "authorisation.request_failed": "实地审核不合格",
    "authorisation.request_agreed": "签订合作协议",
    "authorisation.request_granted": "申请办结",
    "authorisation.granted": "授权",
    "authorisation.paper_added": "上传材料",
    "authorisation.paper_read": "查看材料",
    "authorisation.member_added": "添加教师或评价员",
    "authorisation.member_left": "教师或评价员离开",
    "authorisation.refused": "超出授权的操作被拒绝",
    "authorisation.finding": "记录查处情况",
    "authorisation.suspended": "暂停评价工作",
    "authorisation.lifted": "恢复评价工作",
    "authorisation.ended": "取消分中心资格",
    "authorisation.ending_proposed": "建议取消资格",
    "authorisation.kept": "决定保留资格",
    "self_check.opened": "开始年度自查",
    "self_check.reminded": "提醒年度自查",
    "self_check.missed": "年度自查逾期",
    "self_check.handed_in": "提交年度自查",
    "self_check.accepted": "年度自查评估合格",
    "self_check.failed": "年度自查评估不合格",
    "self_check.excused": "准予继续",
    "report.reported": "上报成绩",
    "report.approved": "审核上报并发证",
    "report.returned": "退回上报",
    "report.viewed": "查看上报",
}

TONES: Final[Mapping[str, str]] = {
    "submitted": "wait",
    "on_site": "wait",
    "qualified": "wait",
    "agreed": "wait",
    "handed_in": "wait",
    "reported": "wait",
    "proposed": "wait",
    "granted": "good",
    "active": "good",
    "missed": "bad",
    "ended": "bad",
}

ERRORS: Final[Mapping[str, str]] = {
    "authorisation.none": "本机构还没有获得分中心授权，不能办理“{scheme}”。请先申请授权。",
    "authorisation.ended": "分中心资格已被取消，不能再办理“{scheme}”。",
    "authorisation.suspended": "分中心的评价工作已暂停（{reason}），恢复以前不能办理。",
    "authorisation.self_check_missed": (
        "{year} 年度自查没有按时提交。在学会作出决定以前，不能开班、受理报名、录取、考试和申领证书；"
        "由学会管理员准予后恢复。"
    ),
    "authorisation.out_of_scope": (
        "“{occupation} {level}”不在授权的职业、等级范围内，不能办理。需要办理的，请先向学会申请增加授权。"
    ),
    "authorisation.not_applicant": "只有分中心可以申请授权。请先请管理员把本机构登记为分中心。",
    "authorisation.request_closed": "这份申请已经提交，不能再改。",
    "authorisation.unmet": "还有 {count} 项条件不符合，请看下面的说明，补齐后再提交。",
    "authorisation.no_figures": "请先填写场地、设备和人员的情况。",
    "authorisation.figure": "填写的数字超出了合理范围，请核对。",
    "authorisation.scope_unknown": "没有“{key}”这个职业、等级。",
    "authorisation.scope_empty": "请至少选择一个职业、等级。",
    "authorisation.scope_beyond": "只能授权申请过的职业、等级。",
    "authorisation.wrong_step": "这份申请现在不在这一步，请刷新页面查看。",
    "authorisation.wrong_state": "现在的状态不能做这个操作，请刷新页面查看。",
    "authorisation.not_investigated": "没有登记过介入调查，不能以此取消资格。请先登记调查并暂停。",
    "authorisation.no_reason": "请写明原因或情况。",
    "authorisation.too_long": "内容请控制在 {limit} 个字以内。",
    "authorisation.no_experts": "请填写实地审核的专家，一行一位。",
    "authorisation.experts": "专家最多 {limit} 位，每位不超过 60 个字。",
    "authorisation.visit_day": "实地审核日期应在申请提交以后、今天以前。",
    "authorisation.agreement_days": "协议日期不对：签订日期不能晚于今天，截止日期要晚于签订日期。",
    "authorisation.number": "请填写编号或文号，最多 60 个字。",
    "authorisation.plaque_taken": "铜牌编号“{plaque}”已经用过了。",
    "authorisation.proposal_decided": "这项建议已经有决定了。",
    "finding.day": "查处日期不能晚于今天。",
    "finding.attempt_taken": "这次操作已经记为查处情况了。",
    "member.name": "请填写姓名，2 到 40 个字。",
    "member.occupation": "请选择职业（工种）。",
    "member.title": "请选择职称。",
    "member.certificate": "证书编号最多 60 个字。",
    "member.undertaking": "承诺书要有签字日期和扫描件，日期不能晚于今天。",
    "member.many": "人员最多登记 {limit} 位。",
    "paper.empty": "文件是空的，请重新选择。",
    "paper.too_large": "文件超过 {limit_mb} MB，请压缩后再上传。",
    "paper.type": "只接受 PDF、JPG 和 PNG 文件。",
    "paper.too_many": "每份申请最多 {limit} 个文件。",
    "fees.none": "请填写收费项目。不收费的，请填写一项 0 元并写明。",
    "fees.many": "收费项目最多 {limit} 项。",
    "fees.twice": "收费项目“{item}”出现了两次。",
    "fees.item": "第 {row} 行：收费项目请填写 1 到 40 个字，例如 培训费。",
    "fees.amount": "第 {row} 行：收费标准请填写 0 以上的金额。",
    "fees.unit": "第 {row} 行：单位请填写，例如 人、人次。",
    "fees.basis": "第 {row} 行：收费依据请填写文号或标准，最多 200 个字。",
    "fees.scope": "第 {row} 行：收费范围请填写向谁收，最多 200 个字。",
    "fees.hotline": "请填写监督电话，例如 0851-12345678。",
    "fees.of_scheme": "这个项目有统一的收费标准，培训班不另行公示。",
    "class.fees_unpublished": "分中心的培训班要先公示收费项目、标准、依据、范围和监督电话，才能开班。",
    "class.fees_twice": "已经按公示收费，不要再填“培训费”；有统一收费标准的项目不另行公示。",
    "class.fees_begun": "这位考生已经按原培训班的公示缴费，不能直接换班。请先退款。",
    "self_check.closed": "年度自查已提交，或者已过截止日期，不能再提交。",
    "self_check.changed": "授权范围有了变化，请刷新页面后再填写。",
    "self_check.wrong_state": "这份年度自查现在不能做这个操作，请刷新页面。",
    "self_check.number": "“{label}”的人数请填写 0 以上的整数。",
    "self_check.order": "“{label}”的合格人数不能多于考试人数。",
    "self_check.note_missing": "您改动了系统统计的人数，请在说明里写明原因。",
    "self_check.empty": "总结、问题和评价员需求都要填写；没有的请写“无”。",
    "self_check.long": "每一项最多 {limit} 个字。",
    "self_check.plan_empty": "请填写下一年的培训计划，至少一个职业、等级的预计人数和时间。",
    "self_check.plan_times": "“{label}”请填写计划培训时间，例如 3月、9月。",
    "self_check.plan_scope": "“{label}”不在授权范围内，不能列入计划。",
    "report.no_assessor": "请选择上报的评价员：须有评价员证书并签了承诺书。",
    "report.note": "说明最多 {limit} 个字。",
    "report.not_needed": "这个项目的证书由本机构签发，不需要上报。",
    "report.no_results": "这场考试还没有公布的成绩，不能上报。",
    "report.running": "这场考试已经上报，正在等待学会审核。",
    "report.decided": "这份上报已经有决定了。",
    "report.untrained": "报名号 {numbers} 没有参加培训班，不能签发证书。请退回并核查。",
}

_CONDITIONS: Final[Mapping[str, str]] = {
    "premises_owned": "培训场地必须自有。请使用本单位自有的场地后再申请。",
    "premises_area": "场地面积 {actual} 平方米，要求不低于 {needed} 平方米，还差 {gap} 平方米。",
    "seats": "可同时培训和理论考试 {actual} 人，要求 {needed} 人，还差 {gap} 个座位。",
    "stations": "实习工位可供 {actual} 人同时实操，要求 {needed} 人，还差 {gap} 个工位。",
    "lease_years": "设备租用期限{actual_words}，要求不少于 {needed} 年。请与出租方续签到 {needed} 年以上。",
    "department": "没有填写分管培训的机构（部门）。请填写部门名称。",
    "dedicated_staff": "专职人员 {actual} 人，要求至少 {needed} 人。请落实专职人员。",
    "paper": "缺少材料“{paper_label}”。请上传扫描件（PDF、JPG 或 PNG）。",
    "scope_empty": "没有选择申请的职业、等级。请至少选择一项。",
    "teachers": "“{occupation_label}”符合条件的教师 {actual} 名，要求 {needed} 名及以上，还差 {gap} 名。",
    "teacher_title": "“{occupation_label}”的教师{name}没有{needed_title}以上职称，不计入。",
    "assessors": "“{occupation_label}”符合条件的评价员 {actual} 人，要求 {needed} 人及以上，还差 {gap} 人。",
    "assessor_papers": "“{occupation_label}”的评价员{name}缺少{lacks_words}，不计入。",
}
_LACKS: Final = {
    "certificate": "评价员证书编号",
    "undertaking": "签字的承诺书",
    "both": "评价员证书编号和签字的承诺书",
}


def condition(unmet: Unmet, occupations: Mapping[str, str]) -> str:
    """An unmet condition of C1 in plain Chinese, with what would meet it; `occupations` is key → label."""
    facts: dict[str, object] = dict(unmet.facts)
    facts["occupation_label"] = occupations.get(str(facts.get("occupation")), facts.get("occupation"))
    facts["paper_label"] = LABELS["paper"].get(str(facts.get("paper")), "")
    facts["needed_title"] = LABELS["title"].get(str(facts.get("needed")), "")
    facts["lacks_words"] = _LACKS.get(str(facts.get("lacks")), "")
    actual, needed = str(facts.get("actual", "")), str(facts.get("needed", ""))
    facts["actual_words"] = f" {actual} 年" if actual else "没有填写"
    facts["gap"] = _gap(needed, actual)
    return _CONDITIONS[unmet.code].format_map(facts)


def _gap(needed: str, actual: str) -> str:
    try:
        return f"{(Decimal(needed) - Decimal(actual)).normalize():f}"
    except InvalidOperation:
        return ""
