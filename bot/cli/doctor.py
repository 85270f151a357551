"""`doctor`: is everything set up, and if not, what to do."""

import os
from typing import Annotated

import typer

from bot.cli import printing
from bot.cli.environment import DEMO, database, load_settings, run
from bot.cli.options import AsJson
from bot.cli.problems import CommandError
from bot.doctor import Finding, Verdict, examine
from bot.settings import Settings
from services.unit_of_work import SystemClock

_MARKS = {Verdict.OK: "✓", Verdict.WARNING: "！", Verdict.FAULT: "✗", Verdict.SKIPPED: "－"}
_STEPS = {
    "settings": "设置",
    "keys": "密钥",
    "schemes": "方案",
    "database": "数据库",
    "database_clock": "数据库时间",
    "migrations": "数据库结构",
    "running": "后台运行",
    "files": "文件",
    "fonts": "字体",
    "account": "公众号参数",
    "callback": "服务器地址",
    "token": "凭证",
    "wechat_addresses": "微信地址",
    "wechat_clock": "时间",
    "templates": "模板消息",
    "menu": "菜单",
}


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command()(doctor)


def doctor(
    account: Annotated[
        str | None, typer.Option("--account", metavar="公众号", help="只检查这一个公众号。")
    ] = None,
    dev: Annotated[bool, typer.Option("--dev", help="开发环境：缺少正式的设置只作提醒。")] = False,
    as_json: AsJson = False,
) -> None:
    """逐项检查设置、数据库、文件和公众号，说明问题和办法。有故障时退出码为 1。"""
    settings = load_settings(dev=dev)
    if account is not None and account not in settings.wechat:
        known = "、".join(settings.wechat) or "无"
        raise CommandError(f"没有公众号 {account}，已设置的有：{known}")
    production = not dev and not os.environ.get(DEMO)
    with database(settings) as url:
        found = run(_examined(settings, url, account, production=production, telling=not as_json))
    faults = sum(one.verdict is Verdict.FAULT for one in found)
    if as_json:
        printing.document({"ok": not faults, "findings": found})
    else:
        counts = [sum(one.verdict is verdict for one in found) for verdict in Verdict]
        printing.say("{} 项正常，{} 项提醒，{} 项故障，{} 项没有检查。".format(*counts))
    if faults:
        raise typer.Exit(1)


async def _examined(
    settings: Settings, url: str, account: str | None, *, production: bool, telling: bool
) -> list[Finding]:
    found: list[Finding] = []
    async for finding in examine(settings, url, production=production, clock=SystemClock(), only=account):
        found.append(finding)
        if telling:
            whose = f"［{finding.account}］" if finding.account else ""
            printing.say(
                f"{_MARKS[finding.verdict]} {whose}{_STEPS.get(finding.step, finding.step)}：{finding.said}"
            )
            if finding.advice:
                printing.say(f"   → {finding.advice}")
    return found
