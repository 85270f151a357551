"""`verify`: what a stranger is told about a certificate."""

from typing import Annotated, Any
from urllib.parse import urlsplit

import aiohttp
import typer

from bot.cli import printing
from bot.cli.environment import load_settings, opened, run
from bot.cli.options import AsJson
from bot.cli.problems import CommandError
from services.certificates.verification import VerificationService

_LABELS = {
    "status": "结论",
    "title": "证书",
    "number": "编号",
    "name": "持证人",
    "identity_number": "证件号",
    "specialty": "专业",
    "grade": "等级",
    "hours": "学时",
    "issuer": "颁证单位",
    "organisation": "组织实施",
    "issued_on": "签发日期",
    "expires_on": "有效期至",
    "reason": "原因",
    "queried_at": "查询时间",
}
STATUS = {
    "valid": "有效",
    "suspended": "暂停",
    "revoked": "已撤销",
    "expired": "已过期",
    "replaced": "已更换",
}
#: As the page's JSON calls them.
_PUBLIC_NAMES = {"name_masked": "name", "identity_masked": "identity_number"}
_PATIENCE = aiohttp.ClientTimeout(total=15)


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(verify)


def verify(
    what: Annotated[str, typer.Argument(metavar="网址或编号", help="二维码里的网址，或证书编号。")],
    code: Annotated[
        str | None, typer.Option("--code", metavar="查验码", help="按编号查验时，证书上的六位查验码。")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """查验一张证书。网址向该网站查询，编号在本机的数据库里查询。查不到时退出码为 1。"""
    verdict = (
        run(fetch_verdict(what))
        if urlsplit(what).scheme in ("http", "https")
        else run(_by_number(what, code))
    )
    if verdict is None:
        if as_json:
            printing.document({"status": "unknown"})
        raise CommandError("查不到这张证书，请核对。查不到的证书不能采信。")
    if as_json:
        printing.document(verdict)
        return
    shown = {label: verdict[key] for key, label in _LABELS.items() if verdict.get(key)}
    shown["结论"] = STATUS.get(str(verdict["status"]), verdict["status"])
    printing.card("查验结果", shown)


async def fetch_verdict(url: str) -> dict[str, Any] | None:
    """What the page at `url` says to a program; None when there is no such certificate.

    Raises:
        CommandError: nobody answers there, or not as a verification page does.
    """
    try:
        async with (
            aiohttp.ClientSession(timeout=_PATIENCE) as http,
            http.get(url, headers={"Accept": "application/json"}) as response,
        ):
            if response.status in (404, 410):
                return None
            if response.status != 200 or response.content_type != "application/json":
                raise CommandError(f"{url} 没有给出查验结果（HTTP {response.status}）")
            verdict: dict[str, Any] = await response.json()
            return verdict
    except (TimeoutError, aiohttp.ClientError) as error:
        raise CommandError(f"连不上 {urlsplit(url).netloc}：{type(error).__name__}") from error


async def _by_number(number: str, code: str | None) -> dict[str, Any] | None:
    if code is None:
        raise CommandError("按编号查验需要证书上的查验码，请加 --code")
    async with opened(load_settings()) as running, running.tools.unit_of_work() as work:
        verdict = await VerificationService(work).by_number(number, code, source="command line")
    if verdict is None:
        return None
    found: dict[str, Any] = printing.plain(verdict)
    return {_PUBLIC_NAMES.get(key, key): value for key, value in found.items()}
