"""Chinese words of the status page."""

from collections.abc import Mapping
from typing import Final

from services.operations import Concern

#: What is wrong, and what to do about it.
_CONCERNS: Final[Mapping[str, tuple[str, str]]] = {
    "no_worker": ("后台没有在运行，通知不会发出，照片不会检查。", "请联系运维人员启动 zhengtu worker。"),
    "no_leader": (
        "没有进程在执行定时任务，提醒不会发出。",
        "正在换班的，几秒后会好；一直这样的，请联系运维人员。",
    ),
    "ticks_stopped": ("定时任务停了两分钟以上。", "请联系运维人员查看 worker 的日志。"),
    "stuck": (
        "最早的一条消息已经等了 {minutes} 分钟。",
        "多为微信限流或公众号设置有误；运维人员可以运行 zhengtu doctor 查原因。",
    ),
    "disk_low": ("存放文件的磁盘只剩 {free_gib} GiB，满了以后照片收不下。", "请运维人员清理或扩大磁盘。"),
    "unknown": (
        "有 {count} 条消息不知道是否送到。",
        "请在“今日待办 → 要核实的消息”里处理；刚发出的会自己等微信的回执，不用管。",
    ),
    "dead": ("有 {count} 条消息发不出去。", "请在“今日待办 → 要核实的消息”里查看原因并决定。"),
    "jobs_failed": ("有 {count} 件后台任务失败。", "证书的在“证书”页可以重新生成；其他的请联系运维人员。"),
    "jobs_late": ("有 {count} 件后台任务在排队。", "不用处理，会陆续完成；总是这样的，请多开一个 worker。"),
    "quota_low": (
        "公众号 {account} 今天的{api_word}按微信的基本额度只剩 {left} 次。",
        "用完后明天自动继续；不急的群发请改天。",
    ),
}
API_WORDS: Final[Mapping[str, str]] = {"template": "模板消息", "custom": "客服消息"}
#: The ticks of `scheduler.ticks`.
TICKS: Final[Mapping[str, str]] = {
    "settle_lapsed_claims": "收回中断的发送",
    "retry_abandoned_jobs": "接手中断的后台任务",
    "start_broadcasts": "发出到时间的群发",
    "settle_broadcasts": "核对群发的结果",
    "nudge_drafts": "提醒没填完的报名",
    "follow_year": "授权年度的时间节点",
    "report_retention": "列出保存期限已满的材料",
    "purge_decided": "删除已决定删除的材料",
    "forget_unfollowed": "清除取消关注的人的微信资料",
    "erase_decided": "办理已决定的删除申请",
    "remind_overdue_stages": "提醒超过时限的审核",
    "remind_expiring_cards": "提醒快到期的证卡",
    "forget_old": "清理过期的临时记录",
}


def concern(one: Concern) -> tuple[str, str]:
    """What is wrong in a sentence, and what to do."""
    said, advice = _CONCERNS[one.code]
    facts = {**one.facts, "api_word": API_WORDS.get(str(one.facts.get("api")), "")}
    return said.format_map(facts), advice


def duration(seconds: float) -> str:
    """So long, in the largest unit that is not too coarse."""
    if seconds < 60:
        return f"{int(seconds)} 秒"
    if seconds < 3600:
        return f"{int(seconds // 60)} 分钟"
    if seconds < 48 * 3600:
        return f"{int(seconds // 3600)} 小时"
    return f"{int(seconds // 86400)} 天"


def size(number: int) -> str:
    """Bytes as a person reads them."""
    if number < 1024**3:
        return f"{number / 1024**2:.0f} MB"
    return f"{number / 1024**3:.1f} GB"
