"""`staff`: accounts of those who work here."""

import secrets
import sys
from typing import Annotated

import typer

from bot.cli import printing
from bot.cli.environment import load_settings, opened, run
from bot.cli.options import AsJson
from bot.cli.words import label
from services import organisations
from services.models import StaffRole
from services.staff import MINIMUM_PASSWORD_LENGTH, StaffLine, StaffService

group = typer.Typer(help="工作人员账号。", no_args_is_help=True)

Account = Annotated[str, typer.Argument(metavar="账号", help="登录名，小写字母和数字。")]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="从标准输入的第一行读取密码。")]
Generated = Annotated[bool, typer.Option("--generate", help="生成一个密码并显示一次。")]


@group.command()
def add(
    login: Account,
    name: Annotated[str, typer.Option("--name", metavar="姓名")],
    role: Annotated[
        StaffRole, typer.Option("--role", help="admin 管理员、officer 经办人、viewer 只读。")
    ] = StaffRole.OFFICER,
    organisation: Annotated[
        str | None, typer.Option("--organisation", metavar="机构", help="默认 ZHENGTU_ORGANISATION。")
    ] = None,
    kind: Annotated[str, typer.Option("--kind", help="机构不存在时按这个类别新建。")] = "association",
    password_stdin: FromStdin = False,
    generate: Generated = False,
    as_json: AsJson = False,
) -> None:
    """添加一个账号。"""
    password = _password(password_stdin, generate)

    async def add_it() -> StaffLine:
        settings = load_settings()
        async with opened(settings) as running, running.tools.unit_of_work() as work:
            owner = await organisations.ensure(work, organisation or settings.organisation, kind)
            return await StaffService(work).add(
                None, login=login, name=name, password=password, role=role, organisation_id=owner
            )

    line = run(add_it())
    if as_json:
        printing.document({**printing.plain(line), **({"password": password} if generate else {})})
        return
    printing.say(f"已添加 {line.login}（{line.name}，{label(line.role)}，{line.organisation}）。")
    if generate:
        printing.say(f"密码：{password}")


@group.command("list")
def list_(as_json: AsJson = False) -> None:
    """列出所有账号。"""

    async def read() -> tuple[StaffLine, ...]:
        async with opened(load_settings()) as running, running.tools.unit_of_work() as work:
            return await StaffService(work).list_()

    columns = {"账号": "login", "姓名": "name", "角色": "role", "机构": "organisation", "在用": "active"}
    printing.listing(run(read()), columns, as_json=as_json, empty="还没有账号。用 zhengtu staff add 添加。")


@group.command()
def password(
    login: Account, password_stdin: FromStdin = False, generate: Generated = False, as_json: AsJson = False
) -> None:
    """重设密码：解除锁定，并退出所有登录。"""
    new = _password(password_stdin, generate)

    async def change() -> None:
        async with opened(load_settings()) as running, running.tools.unit_of_work() as work:
            await StaffService(work).set_password(None, login, new)

    run(change())
    shown = {"password": new} if generate else {}
    printing.done({"login": login, **shown}, f"{login} 的密码已重设。", as_json=as_json)
    if generate and not as_json:
        printing.say(f"密码：{new}")


def _password(from_stdin: bool, generate: bool) -> str:
    if generate:
        return secrets.token_urlsafe(12)
    if from_stdin or not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    prompt = f"密码（至少 {MINIMUM_PASSWORD_LENGTH} 个字符）"
    return str(typer.prompt(prompt, hide_input=True, confirmation_prompt="再输入一次"))
