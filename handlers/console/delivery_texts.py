"""Chinese words of messages that staff decide about; `texts` and `refusals` take them in."""

from collections.abc import Mapping
from typing import Final

REFUSALS: Final[Mapping[str, str]] = {
    "delivery.reason": "请写明原因，不超过 {limit} 个字，例如 已电话告知本人。",
    "delivery.decided": "这条消息已经有人处理过了，请刷新页面。",
    "delivery.unreachable": "对方已取消关注或无法接收消息，不能再次发送。请用联系电话告知，然后点“不再发送”。",
    "circuit.not_open": "公众号 {account} 没有暂停发送，请刷新页面。",
    "delivery.forgotten": "这条消息的内容已按规定删除，不能再次发送。",
}

DONE: Final[Mapping[str, str]] = {
    "delivery_sent_again": "已作为新消息发送。原来那条如果其实送到了，对方会看到两条。",
    "circuit_closed": "已恢复发送。",
    "delivery_set_aside": "已记录，这条消息不再发送。",
}

LABELS: Final[Mapping[str, Mapping[str, str]]] = {
    "channel": {
        "customer_service": "客服消息",
        "customer_service_after_picture": "客服消息（图片已发）",
        "template": "模板消息",
        "subscription": "订阅通知",
        "waiting": "等待对方来消息",
        "": "未选定",
    },
    "delivery_decision": {"sent_again": "已再次发送", "set_aside": "不再发送"},
}

ACTIONS: Final[Mapping[str, str]] = {
    "delivery.sent_again": "再次发送消息",
    "delivery.set_aside": "不再发送消息",
    "circuit.opened": "公众号暂停发送",
    "circuit.closed": "公众号恢复发送",
}
