"""WeChat's answer codes as data: what to do about each, and what to tell staff.

Source: the errcode table of WeChat's platform rules, one entry a code. A code that is not in the table is `DEAD`:
the message is kept as a dead letter and the alarm tells the code, because retrying what we do not understand may
send twice or burn the day's quota, while a dead letter can be sent again by a person.
"""

from dataclasses import dataclass

import structlog

from services.ports import Reaction

log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Errcode:
    """One line of the table."""

    code: int
    reaction: Reaction
    #: For staff, in the console and in alarms.
    explanation: str


def _line(reaction: Reaction, explanations: dict[int, str]) -> tuple[Errcode, ...]:
    return tuple(Errcode(code=c, reaction=reaction, explanation=text) for c, text in explanations.items())


TABLE: tuple[Errcode, ...] = (
    *_line(Reaction.OK, {0: "成功"}),
    *_line(Reaction.RETRY, {-1: "微信系统繁忙，稍后自动重试"}),
    *_line(
        Reaction.REFRESH_TOKEN,
        {
            40001: "access_token 无效，或不是最新的；自动换新后重试一次",
            40014: "access_token 不合法；自动换新后重试一次",
            42001: "access_token 已过期；自动换新后重试一次",
        },
    ),
    *_line(
        Reaction.MISCONFIGURED,
        {
            40013: "AppID 不正确，请核对公众号设置",
            40125: "AppSecret 不正确，请核对公众号设置",
            40164: "本服务器的 IP 不在公众号的 IP 白名单里，请在公众平台添加",
            40243: "AppSecret 已被冻结，请在公众平台解冻",
        },
    ),
    *_line(Reaction.BAD_OPENID, {40003: "openid 不属于本公众号，已停止向其发送"}),
    *_line(
        Reaction.UNSUBSCRIBED,
        {43004: "对方没有关注公众号", 50005: "对方已取消关注公众号"},
    ),
    *_line(
        Reaction.BLOCKED,
        {43019: "对方在公众号的黑名单里", 48002: "对方拒收公众号的消息"},
    ),
    *_line(Reaction.GRANT_GONE, {43101: "对方没有同意或已用完订阅通知的授权"}),
    *_line(
        Reaction.NO_WINDOW,
        {
            45015: "对方超过 48 小时没有互动，客服消息发不出；改发模板消息，或等对方来消息",
            45047: "客服消息条数已到上限；改发模板消息，或等对方来消息",
        },
    ),
    *_line(Reaction.PAUSE_DAY, {45009: "该接口今天的调用次数已用完，明天自动继续"}),
    *_line(
        Reaction.PAUSE_MINUTE,
        {45011: "该接口调用太频繁，一分钟后自动继续", 45066: "同一编号的群发仍在处理，一分钟后自动查看"},
    ),
    *_line(
        Reaction.DEAD,
        {
            40037: "模板编号不正确，请核对模板设置",
            47003: "模板字段不符合要求，请核对模板内容",
            43116: "该模板已被禁用或不可用，请更换模板",
        },
    ),
    *_line(Reaction.TOO_OFTEN, {43117: "向此人发送过于频繁，推迟后再发"}),
    *_line(Reaction.DUPLICATE, {45065: "同一编号的群发此前已成功，没有重复发送"}),
    *_line(Reaction.QUOTA_GONE, {45028: "群发次数已用完"}),
    *_line(Reaction.UPLOAD_AGAIN, {40007: "媒体文件已失效，重新上传后再发"}),
    *_line(
        Reaction.TOO_LONG,
        {
            40032: "接收人数超过一次群发的上限或不足，分批后再发",
            45002: "消息内容太长，拆分后再发",
            45008: "图文内容太长，删减后再发",
            45067: "群发编号太长，缩短后再发",
        },
    ),
    *_line(
        Reaction.CAPABILITY_OFF,
        {
            48001: "公众号没有此接口的权限，功能已停用",
            48004: "此接口已被微信封禁，功能已停用，请登录公众平台查看",
            50002: "公众号或用户受限，功能已停用，请登录公众平台查看",
        },
    ),
)

_BY_CODE = {entry.code: entry for entry in TABLE}

#: A person has to act on these: each is logged as an error.
ALARMS = frozenset({Reaction.MISCONFIGURED, Reaction.DEAD, Reaction.CAPABILITY_OFF})


def classify(errcode: int, errmsg: str = "") -> Reaction:
    """What to do about `errcode`. An unknown code is `DEAD`, and logged with WeChat's own words."""
    if entry := _BY_CODE.get(errcode):
        return entry.reaction
    log.error("wechat.errcode.unknown", errcode=errcode, errmsg=errmsg)
    return Reaction.DEAD


def classify_status(status: int) -> Reaction:
    """What to do about an HTTP status other than 2xx.

    502 and 504 come from a proxy that lost the answer of the server behind it: the request may have been carried
    out, so the outcome is `UNKNOWN`. Any other 5xx is a refusal by WeChat and worth another try.
    """
    if status in (502, 504):
        return Reaction.UNKNOWN
    if status >= 500:
        return Reaction.RETRY
    return {413: Reaction.TOO_LONG, 429: Reaction.PAUSE_MINUTE}.get(status, Reaction.MISCONFIGURED)


def explain(errcode: int) -> str:
    """One Chinese sentence for staff."""
    entry = _BY_CODE.get(errcode)
    return entry.explanation if entry else f"微信返回了未知的错误码 {errcode}，请查看日志"
