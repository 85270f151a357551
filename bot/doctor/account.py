"""One official account: token, server address, addresses to allow, templates, menu.

WeChat is only asked: the token is the one that all callers share in normal mode, and no message leaves.
"""

import re
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from bot.app import wechat_account
from bot.doctor import address
from bot.doctor.findings import Finding, fault, ok, skipped, warning
from bot.doctor.house import skew_finding
from bot.doctor.menus import same_menu
from bot.doctor.templates import template_findings
from bot.settings import Settings
from bot.wechat.account import WeChatAccount
from bot.wechat.errcodes import explain
from bot.wechat.tokens import TokenRefusedError, fetch_stable_token
from bot.wechat.transport import NeverLeftError, Transport, TransportError, json_object
from services.ports import Clock

#: WeChat says which address it saw: `invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist`.
_SEEN_FROM: Final = re.compile(r"invalid ip ([\da-fA-F.:]+)")
_NO_MENU: Final = 46003
_AFTER_THE_TOKEN: Final = ("wechat_addresses", "wechat_clock", "templates", "menu")
_REMEDIES: Final = {
    40013: "核对 ZHENGTU_WECHAT__{NAME}__APP_ID，在公众平台“设置与开发 → 基本配置”里可以看到。",
    40125: "核对 ZHENGTU_WECHAT__{NAME}__APP_SECRET；忘记了只能在公众平台重置，重置后旧的立即失效。",
    40243: "在公众平台把 AppSecret 解冻。",
    45009: "今天的次数用完了，明天自动恢复；可以在公众平台清零（每月 10 次）。",
    48001: "公众号没有这个接口的权限，多为没有认证或不是服务号。",
    50002: "公众号被限制，登录公众平台查看通知。",
}


class _AnsweredError(Exception):
    """WeChat answered with an errcode."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(f"{errcode} {errmsg}")
        self.errcode, self.errmsg = errcode, errmsg


@dataclass(frozen=True)
class _Asking:
    """Asks WeChat for one account, with a token that was just had."""

    transport: Transport
    account: WeChatAccount
    token: str

    async def get(self, path: str) -> tuple[dict[str, Any], datetime | None]:
        """The answer, and when WeChat's clock says it was given. Raises TransportError, _AnsweredError."""
        url = f"{self.account.api_url.rstrip('/')}/cgi-bin/{path}"
        async with self.transport.stream("GET", url, params={"access_token": self.token}) as response:
            answer = json_object(await response.read())
            date = response.headers.get("Date")
        if errcode := answer.get("errcode"):
            raise _AnsweredError(int(errcode), str(answer.get("errmsg", "")))
        return answer, parsedate_to_datetime(date).astimezone(UTC) if date else None


async def examine(settings: Settings, name: str, *, clock: Clock) -> AsyncIterator[Finding]:
    """One finding a step, some steps several."""
    try:
        account = wechat_account(name, settings.wechat[name])
    except ValueError as error:
        yield fault(
            "account",
            f"参数不能用：{error}",
            f"核对 ZHENGTU_WECHAT__{name.upper()}__TOKEN 和 …__AES_KEYS（43 个字符）。",
            account=name,
        )
        return
    yield await address.examine(settings.public_url, account, clock)
    async with Transport() as transport:
        try:
            token, seconds = await fetch_stable_token(transport, account, force=False)
        except (TokenRefusedError, TransportError) as error:
            yield _refused("token", name, error)
            for step in _AFTER_THE_TOKEN:
                yield skipped(step, "没有 access_token，没有检查", account=name)
            return
        yield ok("token", f"取得 access_token，还有 {seconds // 60} 分钟有效", account=name)
        asking = _Asking(transport, account, token)
        async for finding in _addresses(asking, clock):
            yield finding
        async for finding in _templates(asking, settings):
            yield finding
        yield await _menu(asking, settings)


async def _addresses(asking: _Asking, clock: Clock) -> AsyncIterator[Finding]:
    name = asking.account.name
    try:
        callers, told_at = await asking.get("getcallbackip")
        now = clock.now()
        hosts, _ = await asking.get("get_api_domain_ip")
    except (TransportError, _AnsweredError) as error:
        yield _refused("wechat_addresses", name, error)
        yield skipped("wechat_clock", "微信没有正常回应，没有检查", account=name)
        return
    yield ok(
        "wechat_addresses",
        f"微信从 {_count(callers)} 个地址回调，接口在 {_count(hosts)} 个地址"
        f"（如 {_first(callers)} 和 {_first(hosts)}），防火墙按地址放行的请对照",
        account=name,
    )
    if told_at is None:
        yield skipped("wechat_clock", "微信没有说它的时间", account=name)
        return
    # The header has whole seconds.
    ahead = (told_at - now).total_seconds()
    yield skew_finding("wechat_clock", "微信", ahead if abs(ahead) > 1 else 0.0, account=name)


async def _templates(asking: _Asking, settings: Settings) -> AsyncIterator[Finding]:
    name = asking.account.name
    try:
        answer, _ = await asking.get("template/get_all_private_template")
    except (TransportError, _AnsweredError) as error:
        yield _refused("templates", name, error)
        return
    listed = {
        str(one.get("template_id")): str(one.get("content", "")) for one in answer.get("template_list", ())
    }
    for finding in template_findings(name, settings.wechat[name].templates, listed):
        yield finding


async def _menu(asking: _Asking, settings: Settings) -> Finding:
    name = asking.account.name
    push = f"运行 zhengtu menu push --account {name}。"
    try:
        answer, _ = await asking.get("menu/get")
    except _AnsweredError as error:
        if error.errcode == _NO_MENU:
            return warning("menu", "公众号还没有菜单", push, account=name)
        return _refused("menu", name, error)
    except TransportError as error:
        return _refused("menu", name, error)
    if not same_menu(settings, name, answer.get("menu")):
        return warning("menu", "公众号的菜单和程序的不一样", f"如果不是有意改的，{push}", account=name)
    return ok("menu", "菜单已发布，和程序的一致", account=name)


def _count(answer: dict[str, Any]) -> int:
    return len(answer.get("ip_list", ()))


def _first(answer: dict[str, Any]) -> str:
    return str(next(iter(answer.get("ip_list", ())), "无"))


def _refused(step: str, name: str, error: Exception) -> Finding:
    told: Callable[[str, str], Finding] = lambda said, advice: fault(step, said, advice, account=name)  # noqa: E731
    match error:
        case (
            TokenRefusedError(errcode=errcode, errmsg=errmsg) | _AnsweredError(errcode=errcode, errmsg=errmsg)
        ):
            if errcode == 40164:
                seen = _SEEN_FROM.search(errmsg)
                address_seen = seen[1] if seen else "服务器的公网出口地址"
                return told(
                    f"微信看到的出口 IP 是 {address_seen}，不在公众号的 IP 白名单里（40164）",
                    f"在公众平台“设置与开发 → 基本配置 → IP 白名单”里添加 {address_seen}；多台机器各加一个，几分钟后生效。",
                )
            remedy = _REMEDIES.get(errcode, "按提示处理后再检查；微信的全部错误码见它的开发文档。")
            return told(f"微信回答 {errcode}：{explain(errcode)}", remedy.replace("{NAME}", name.upper()))
        case NeverLeftError():
            return told(
                "连不上微信的接口",
                "检查这台机器能否访问 https://api.weixin.qq.com（DNS、防火墙、代理）。",
            )
        case _:
            return told(
                f"微信没有正常回应：{error or type(error).__name__}",
                "过一会儿再检查；一直这样的，看是否有代理改动了回应。",
            )
