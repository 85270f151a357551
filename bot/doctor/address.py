"""The server address: is called as WeChat calls it, with a right signature, a wrong one, and a sealed body."""

import asyncio
import secrets
import time
from typing import Final

import aiohttp

from bot.doctor.findings import Finding, fault, ok, warning
from bot.wechat.account import WeChatAccount
from bot.wechat.crypto import seal, sign
from services.ports import Clock

#: WeChat gives up after 5 s.
DEADLINE_SECONDS: Final = 5.0
SLOW_SECONDS: Final = 2.0
_STEP: Final = "callback"
#: Decrypted and then refused as no message: it shows that the key is right, and leaves no trace but a line in the log.
_NO_MESSAGE: Final = "<xml><doctor>1</doctor></xml>"


async def examine(public_url: str, account: WeChatAccount, clock: Clock) -> Finding:
    """Whether our own server answers at the address that WeChat is told, with the same settings as here."""
    url = f"{public_url}/wechat/{account.name}"
    timeout = aiohttp.ClientTimeout(total=DEADLINE_SECONDS)
    try:
        async with aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as http:
            return await _ask(http, url, account, clock)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        said, advice = _unreachable(error)
        return fault(_STEP, f"{url} {said}", advice, account=account.name)


async def _ask(http: aiohttp.ClientSession, url: str, account: WeChatAccount, clock: Clock) -> Finding:
    echo = secrets.token_hex(8)
    begun = time.perf_counter()
    async with http.get(
        url, params={**_signed(account, clock), "echostr": echo}, allow_redirects=False
    ) as answer:
        status, body = answer.status, await answer.content.read(4096)
    seconds = time.perf_counter() - begun
    if status != 200 or body != echo.encode():
        said, advice = _wrong(status, account)
        return fault(_STEP, f"{url} {said}", advice, account=account.name)
    forged = {**_signed(account, clock), "signature": "0" * 40, "echostr": echo}
    async with http.get(url, params=forged, allow_redirects=False) as answer:
        if answer.status != 403:
            return fault(
                _STEP,
                f"{url} 对错误的签名也回答 {answer.status}",
                "这个地址上不是本程序，或前面的代理自己作了回答；检查反向代理的设置。",
                account=account.name,
            )
    params, sealed = _sealed(account, clock)
    async with http.post(url, params=params, data=sealed.encode(), allow_redirects=False) as answer:
        if answer.status != 400:
            return _key_differs(url, answer.status, account)
    if seconds > SLOW_SECONDS:
        return warning(
            _STEP,
            f"{url} 签名验证通过，但用了 {seconds:.1f} 秒",
            "微信只等 5 秒；检查服务器负载和反向代理。",
            account=account.name,
        )
    return ok(
        _STEP,
        f"{url} 可以访问，签名和加解密验证通过（从本机检查；微信能否访问，以公众平台“提交”时的结果为准）",
        account=account.name,
    )


def _signed(account: WeChatAccount, clock: Clock) -> dict[str, str]:
    timestamp, nonce = str(int(clock.now().timestamp())), secrets.token_hex(5)
    return {
        "signature": sign(account.token, timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
    }


def _sealed(account: WeChatAccount, clock: Clock) -> tuple[dict[str, str], str]:
    """A body that only somebody with the account's key could have made, and the query that goes with it."""
    query = _signed(account, clock)
    if account.mode == "plain":
        return query, _NO_MESSAGE
    timestamp, nonce = query["timestamp"], query["nonce"]
    envelope = seal(account, _NO_MESSAGE, aes_key=account.aes_keys[0], timestamp=int(timestamp), nonce=nonce)
    encrypted = envelope.partition("<Encrypt><![CDATA[")[2].partition("]]>")[0]
    query |= {"encrypt_type": "aes", "msg_signature": sign(account.token, timestamp, nonce, encrypted)}
    return query, envelope


def _wrong(status: int, account: WeChatAccount) -> tuple[str, str]:
    upper = account.name.upper()
    if status == 403:
        return (
            "回答签名不对（403）",
            f"运行中的服务用的是另一个 ZHENGTU_WECHAT__{upper}__TOKEN，或本机时间差了一小时以上；改好后重新启动服务。",
        )
    if status == 404:
        return (
            f"没有公众号 {account.name}（404）",
            "运行中的服务没有这个公众号的设置，或反向代理没有把 /wechat/ 转给它；检查后重新启动。",
        )
    if 300 <= status < 400:
        return f"转到了别的地址（{status}）", "微信不跟随跳转；ZHENGTU_PUBLIC_URL 要写最后的 https 地址。"
    if status >= 500:
        return f"出错（{status}）", "服务没有运行，或反向代理连不上它；查看服务和代理的日志。"
    return f"的回答不对（{status}）", "这个地址上不是本程序；检查域名和反向代理。"


def _key_differs(url: str, status: int, account: WeChatAccount) -> Finding:
    upper = account.name.upper()
    return fault(
        _STEP,
        f"{url} 签名验证通过，但解不开加密的消息（{status}）",
        f"运行中的服务的 ZHENGTU_WECHAT__{upper}__AES_KEYS、…__APP_ID 或 …__MODE 和这里的不同；改好后重新启动服务。",
        account=account.name,
    )


def _unreachable(error: Exception) -> tuple[str, str]:
    match error:
        case aiohttp.ClientConnectorDNSError():
            return "的域名解析不到", "检查域名的解析记录和这台机器的 DNS。"
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            return "的 https 证书有问题", "换成受信任、没有过期、含中间证书的证书。"
        case asyncio.TimeoutError():
            return f"在 {DEADLINE_SECONDS:.0f} 秒内没有回答", "检查防火墙、反向代理和服务的负载。"
        case _:
            return "连不上", "检查 zhengtu serve 和反向代理是否在运行、防火墙是否放行 443。"
