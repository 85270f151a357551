"""Chinese words of the blacklist and of changes of personal data; `texts` and `refusals` take them in."""

from collections.abc import Mapping
from typing import Final

REFUSALS: Final[Mapping[str, str]] = {
    "blacklist.barred": "此人已列入黑名单，期限至 {until}（含当日），由{organisation}作出，可向其查询。",
    "blacklist.not_found": "没有找到这条记录，或者它不属于您所在的机构。",
    "blacklist.no_list": "您所在的机构没有共同使用的黑名单。",
    "blacklist.reason": "请选择列入原因。",
    "blacklist.no_evidence": "请上传证据材料，或写明依据材料的名称和存放处。",
    "blacklist.name_differs": "这个身份证号在系统里登记的是另一个姓名，请核对。",
    "blacklist.already_listed": "此人已在黑名单中，期限未满。",
    "blacklist.already_proposed": "已经有人提出将此人列入黑名单，正在听取意见。",
    "blacklist.not_proposed": "这条记录已经有了决定，请刷新页面。",
    "blacklist.not_told": "还没有告知本人。请书面告知并登记送达日期，听取意见的期限从那天起算。",
    "blacklist.not_delivered": "公众号里的告知没有送达本人。请书面告知并登记送达日期，期限重新起算。",
    "blacklist.hearing_open": "听取意见的期限到 {until}（含当日），期满后才能认定。",
    "blacklist.not_read": "本人作了陈述，您还没有看过。请打开这一页看完再作决定。",
    "blacklist.same_person": "提出和决定不能是同一个人，请由另一位工作人员办理。",
    "blacklist.served_on": "送达日期应在提出之日到今天之间。",
    "blacklist.not_in_force": "这条记录不在有效期内，不需要解除。",
    "blacklist.lift_waits": "已经有人提出解除，等待另一位工作人员决定。",
    "blacklist.no_lift": "没有等待决定的解除申请。",
    "blacklist.closed": "这条记录已经结束，不再收取陈述。",
    "blacklist.statement_empty": "请写下陈述内容，或上传扫描件。",
    "blacklist.too_many": "陈述已有 {limit} 条，不能再增加。",
    "statement.long": "陈述有 {length} 字，每条最多 {limit} 字，请分几次登记。",
    "words.empty": "请填写“{label}”。",
    "words.long": "“{label}”请控制在 {limit} 个字以内。",
    "words.identity_number": "“{label}”里有身份证号。这段话会记入日志并发给本人，请删去号码。",
    "change.not_found": "没有找到这件变更，或者它不属于您所在的机构。",
    "change.no_field": "这份报名没有这一项。",
    "change.in_review": "报名号 {number} 还在审核中，要改的内容请用“退回补正”。",
    "change.closed": "报名号 {number} 已经结束或没有通过，不能变更资料。",
    "change.same": "新内容和现在的一样（{value}），不用变更。",
    "change.pending": "这一项已有一件变更在审核，请先处理那一件。",
    "change.own_data": "联系信息由本人在公众号里回复“资料变更”直接修改，不用代为申请。",
    "change.no_proof": "请上传证明。",
    "change.over": "这件变更已经处理过了，请刷新页面。",
    "change.outdated": "申请提交后，这一项已经变了。请不同意这件申请，并请本人重新提出。",
    "change.running": "新的身份证号已经有一份报名（报名号 {number}），不能变更。",
    "change.same_person": "申请和审核不能是同一个人，请由另一位工作人员办理。",
    "certificate.nothing_changed": "证书上的姓名和证件号码没有变化，不用换发。",
    "attachment.not_found": "没有找到这个文件。",
    "attachment.too_many": "文件已有 {limit} 个，不能再增加。",
    "attachment.too_large": "文件太大，最大 {limit_mb} MB。",
    "attachment.kind": "只能上传照片（JPG、PNG）或 PDF。",
}

DONE: Final[Mapping[str, str]] = {
    "blacklist_proposed": "已提出。本人在公众号里会收到告知；没有关注公众号的，请书面告知并登记。",
    "blacklist_served": "送达日期已登记，听取意见的期限从那天起算。",
    "blacklist_stated": "本人的陈述已登记。",
    "blacklist_evidence": "证据材料已添加。",
    "blacklist_confirmed": "已列入黑名单，本人会收到通知。待审的报名已停止受理。",
    "blacklist_dismissed": "已决定不列入，本人会收到通知。",
    "blacklist_lift_proposed": "已提出解除，请另一位工作人员决定。",
    "blacklist_lifted": "已解除，本人会收到通知。",
    "blacklist_lift_declined": "已决定不解除，黑名单继续有效。",
    "change_filed": "变更申请已提交，本人会收到通知。",
    "change_passed_on": "已同意，转下一个环节。",
    "change_approved": "已同意，资料已变更，本人会收到通知。",
    "change_refused": "已决定不同意，本人会收到通知。",
    "certificate_replaced": "证书已换发，新证书会发给持证人；旧证书已标明“已更换”。",
}

SUBJECTS: Final[Mapping[str, str]] = {"blacklist": "黑名单"}

LABELS: Final[Mapping[str, Mapping[str, str]]] = {
    "blacklist": {
        "proposed": "听取意见",
        "confirmed": "已列入",
        "dismissed": "不予列入",
        "lifted": "已解除",
        "expired": "已期满",
    },
    "change": {
        "pending": "审核中",
        "approved": "已变更",
        "refused": "不同意",
        "withdrawn": "本人撤回",
        "draft": "填写中",
    },
    "change_kind": {"a": "联系信息", "b": "重要信息", "c": "资质信息"},
    "change_decision": {"approved": "同意", "refused": "不同意", "withdrawn": "本人撤回"},
    "attachment": {"fetching": "接收中", "kept": "已收到", "refused": "没有收到"},
    "channel": {
        "chat": "公众号",
        "paper": "书面",
        "named": "公众号（凭姓名和身份证号，账号未经核实）",
    },
}

ACTIONS: Final[Mapping[str, str]] = {
    "enrolment.blocked": "列入黑名单，停止受理",
    "blacklist.proposed": "提出列入黑名单",
    "blacklist.served": "登记书面告知",
    "blacklist.stated": "本人陈述",
    "blacklist.evidence_added": "添加证据材料",
    "blacklist.confirmed": "列入黑名单",
    "blacklist.dismissed": "不予列入",
    "blacklist.lift_proposed": "提出解除",
    "blacklist.lift_declined": "不予解除",
    "blacklist.lifted": "解除黑名单",
    "blacklist.viewed": "查看黑名单记录",
    "blacklist.file_viewed": "查看黑名单材料",
    "blacklist.checked": "查询黑名单",
    "change.made": "本人修改资料",
    "change.filed": "申请变更资料",
    "change.withdrawn": "撤回变更申请",
    "change.passed_on": "变更转下一环节",
    "change.approved": "同意变更",
    "change.refused": "不同意变更",
    "change.viewed": "查看变更",
    "change.revealed": "查看变更的完整内容",
    "change.file_viewed": "查看变更证明",
    "certificate.replaced": "换发证书",
}

NOTICES: Final[Mapping[str, str]] = {
    "blacklist_hearing": "拟列入黑名单，请陈述",
    "blacklist_confirmed": "列入黑名单",
    "blacklist_dismissed": "不予列入黑名单",
    "blacklist_lifted": "解除黑名单",
    "change_filed": "代为申请变更",
    "change_approved": "资料已变更",
    "change_refused": "变更未通过",
    "attachment_refused": "照片需重发",
}

TONES: Final[Mapping[str, str]] = {
    "proposed": "wait",
    "pending": "wait",
    "dismissed": "good",
    "lifted": "good",
}
