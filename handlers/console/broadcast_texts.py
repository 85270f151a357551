"""Chinese words of broadcasts 群发; `texts` and `refusals` take them in."""

import re
from collections.abc import Mapping
from typing import Final

REFUSALS: Final[Mapping[str, str]] = {
    "broadcast.not_found": "没有找到这个群发，或者它不属于您所在的机构。",
    "broadcast.no_organisation": "请用所在机构的工作人员账号操作。",
    "broadcast.no_title": "请写一个名称，方便以后查找，例如 十二月考试地点变更。收件人看不到它。",
    "broadcast.title_long": "名称请控制在 {limit} 个字以内。",
    "broadcast.account": "请选择一个已接入的公众号。",
    "broadcast.no_text": "请填写正文。",
    "broadcast.text_long": "正文太长：{bytes} 字节，最多 {limit} 字节（约 680 个汉字）。请删减，或改用图文。",
    "broadcast.no_picture": "请选择一张图片（JPG 或 PNG）。",
    "broadcast.picture_kind": "图片只能是 JPG 或 PNG。",
    "broadcast.picture_large": "图片最大 {limit_mb} MB，请压缩后再传。",
    "broadcast.article_title": "图文标题要 1 到 {limit} 个字。",
    "broadcast.article_digest": "图文摘要最多 {limit} 个字。",
    "broadcast.article_long": "图文正文最多 {limit} 个字。",
    "broadcast.link": "“阅读原文”请填写完整的网址，例如 https://example.cn/notice。不需要的请留空。",
    "broadcast.personal_text": "个人消息只能是文字。",
    "broadcast.short": "“微信通知里的一句话”要 1 到 {limit} 个字，不能换行，例如 请按时参加考试。",
    "broadcast.field": "正文里的 {{{field}}} 不是可用的字段。可用的是：{fields}，写法如 {{姓名}}。",
    "broadcast.rest_days": "“最近收到过群发的”天数请填写 0 到 {limit}，0 表示不排除。",
    "broadcast.no_names": "请先保存草稿，再上传名单文件。",
    "broadcast.tag": "标签要 1 到 {limit} 个字，例如 成都地区。",
    "broadcast.nobody": "没有符合条件的收件人。请放宽条件，或减少“最近收到过群发的”天数。",
    "broadcast.too_few": "微信群发至少要 {least} 人。只发给一个人的，请改用“个人消息”。",
    "broadcast.same_person": "群发要两个人：撰写或提交的人不能自己审批，请由另一位工作人员审批。",
    "broadcast.changed": "内容或名单在您打开页面后有了变化，没有审批。请刷新页面，重新核对。",
    "broadcast.wrong_state": "这个群发现在的状态不能做这个操作，请刷新页面。",
    "broadcast.no_reason": "请写明原因。",
    "broadcast.reason_long": "原因请控制在 {limit} 个字以内。",
    "broadcast.due_past": "定时要晚于现在。",
    "broadcast.due_far": "最多提前 {days} 天定时。",
    "broadcast.none_to_retry": "没有可以重试的收件人：已取消关注、拒收的，重试也收不到；结果不明的，不会盲目重发。",
    "broadcast.not_bound": "请先用您自己的微信扫码绑定，再测试发送。",
    "broadcast.tests_used_up": "一天最多测试 {limit} 次，请明天再试。",
    "broadcast.code_gone": "二维码已过期或已用过，请重新打开。",
    "names.unknown": "没有找到这个人，或者不是本机构的考生",
    "names.twice": "与前面的行重复",
    "names.empty": "报名号和身份证号都没有填写",
}

DONE: Final[Mapping[str, str]] = {
    "broadcast_saved": "草稿已保存。",
    "broadcast_submitted": "已提交，名单已锁定。请另一位工作人员审批。",
    "broadcast_approved": "已审批。可以立即开始，也可以定时。",
    "broadcast_refused": "已退回草稿。",
    "broadcast_scheduled": "定时已设置，到时自动开始。",
    "broadcast_unscheduled": "定时已取消。",
    "broadcast_started": "已开始发送。",
    "broadcast_paused": "已暂停，正在途中的一批发完后不再发送。",
    "broadcast_resumed": "已继续发送。",
    "broadcast_cancelled": "已取消，没有发出的不再发送。",
    "broadcast_retried": "失败的收件人已重新排队。",
    "broadcast_tested": "测试已发出，请看您的微信。",
    "broadcast_labelled": "标签已加上。",
    "broadcast_unlabelled": "标签已去掉。",
}

SUBJECTS: Final[Mapping[str, str]] = {"broadcast": "群发"}

LABELS: Final[Mapping[str, Mapping[str, str]]] = {
    "broadcast": {
        "draft": "草稿",
        "freezing": "锁定名单中",
        "submitted": "待审批",
        "approved": "已审批",
        "running": "发送中",
        "paused": "已暂停",
        "finished": "已完成",
        "cancelled": "已取消",
    },
    "broadcast_kind": {"mass": "群发", "personal": "个人消息"},
    "broadcast_content": {"text": "文字", "picture": "图片", "article": "图文"},
    "recipient": {
        "pending": "未发",
        "sending": "发送中",
        "queued": "待发",
        "accepted": "微信已接收",
        "delivered": "已送达",
        "failed": "失败",
        "unknown": "结果不明",
        "skipped": "跳过",
        "cancelled": "已取消",
    },
    "chunk": {
        "waiting": "等待重试",
        "sending": "发送中",
        "accepted": "等微信报告",
        "finished": "已完成",
        "failed": "失败",
        "unknown": "结果不明",
        "released": "没有发出",
    },
    "broadcast_test": {
        "waiting": "等待发送",
        "sending": "发送中",
        "sent": "已发出",
        "failed": "失败",
        "unknown": "结果不明",
    },
}

ACTIONS: Final[Mapping[str, str]] = {
    "broadcast.created": "新建群发",
    "broadcast.edited": "修改群发",
    "broadcast.names_read": "上传群发名单",
    "broadcast.submitted": "提交群发",
    "broadcast.frozen": "锁定群发名单",
    "broadcast.approved": "审批群发",
    "broadcast.refused": "退回群发",
    "broadcast.scheduled": "群发定时",
    "broadcast.started": "开始群发",
    "broadcast.paused": "暂停群发",
    "broadcast.resumed": "继续群发",
    "broadcast.cancelled": "取消群发",
    "broadcast.finished": "群发完成",
    "broadcast.retried": "重试失败的收件人",
    "broadcast.reported": "微信报告群发结果",
    "broadcast.tested": "测试群发",
    "broadcast.exported": "导出群发报告",
    "broadcast.labelled": "加标签",
    "broadcast.unlabelled": "去标签",
    "staff.wechat_bound": "绑定测试微信",
}

NOTICES: Final[Mapping[str, str]] = {"broadcast": "群发的个人消息"}

TONES: Final[Mapping[str, str]] = {
    "freezing": "wait",
    "submitted": "wait",
    "running": "wait",
    "paused": "warn",
    "finished": "good",
    "delivered": "good",
}

_REASONS: Final[Mapping[str, str]] = {
    "gone": "锁定名单后取消了关注，或联系不上",
    "full": "本月已收满 4 次群发",
    "erased": "报名已删除",
    "alone": "其余的人都跳过后只剩一人，微信群发至少要两人",
    "unfollowed": "已取消关注",
    "unreachable": "微信联系不上此人",
    "no_channel": "48 小时内没有来过消息，公众号也没有可用的通知模板",
    "too_late": "24 小时内没有发出",
}
#: What WeChat's own check says of a mass message, as `err(10001)`.
_CHECKED: Final[Mapping[str, str]] = {
    "10001": "微信审核：涉嫌广告",
    "20001": "微信审核：涉嫌政治",
    "20002": "微信审核：涉嫌色情",
    "20004": "微信审核：涉嫌社会问题",
    "20006": "微信审核：涉嫌违法犯罪",
    "20008": "微信审核：涉嫌欺诈",
    "20013": "微信审核：涉嫌版权",
    "21000": "微信审核：其他原因",
    "22000": "微信审核：涉嫌互推",
    "30001": "微信原创校验没有通过",
}
_CODES: Final[Mapping[int, str]] = {
    40003: "不是本公众号的关注者",
    40007: "图片或图文在微信已失效",
    40013: "公众号的 AppID 不对，请核对设置",
    40125: "公众号的 AppSecret 不对，请核对设置",
    40164: "本服务器不在公众号的 IP 白名单里",
    43004: "没有关注公众号",
    43019: "在公众号的黑名单里",
    43101: "没有同意接收通知",
    45002: "内容太长",
    45009: "今天的接口次数已用完",
    45028: "本月（或今天）的群发次数已用完",
    47001: "微信不接受这个内容的格式",
    47003: "通知模板的字段不符合要求",
    48001: "公众号没有群发的权限",
    48002: "拒收公众号的消息",
    50005: "已取消关注",
}
_ERR: Final = re.compile(r"err\((\d+)\)")
_FAILURES: Final = re.compile(r"failures (\d+)/(\d+)")
_STANDSTILL: Final = re.compile(r"wechat (\d+) ?(.*)")


def reason(errcode: int | None, said: str) -> str:
    """Why somebody did not get it, for staff; WeChat's own words where we have none."""
    if said in _REASONS:
        return _REASONS[said]
    if (checked := _ERR.search(said)) is not None:
        return _CHECKED.get(checked[1], f"微信审核没有通过（{checked[1]}）")
    if errcode is not None and errcode in _CODES:
        return f"{_CODES[errcode]}（{errcode}）"
    return f"{errcode or ''} {said}".strip()


def paused_because(said: str) -> str:
    """Why it stands still: by itself, or in staff's words."""
    if (failures := _FAILURES.fullmatch(said)) is not None:
        return (
            f"失败超过 5%（{failures[2]} 人中 {failures[1]} 人），已自动暂停。请看下面的原因，处理后再继续。"
        )
    if (still := _STANDSTILL.fullmatch(said)) is not None:
        return f"微信暂时不接受群发：{reason(int(still[1]), still[2])}。已自动暂停，没有发出的人不受影响。"
    return said
