"""`rosters`: the check of who may log in (E6)."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from bot.cli import printing, roster_answers, tables
from bot.cli.environment import desk, run
from bot.cli.options import AsJson, DryRun, ErrorsTo, Login
from services.appointments.roster_views import RosterLine, RosterView
from services.appointments.rosters import RosterService
from services.imports import ImportReport
from services.rules.roster import Action

group = typer.Typer(help="登录核查。", no_args_is_help=True)
group.add_typer(roster_answers.group)

Check = Annotated[UUID, typer.Argument(metavar="核查编号", help="见 rosters list。")]


@group.command("list")
def list_(login: Login = None, as_json: AsJson = False) -> None:
    """列出登录核查，新的在前。"""

    async def read() -> tuple[RosterLine, ...]:
        async with desk(login) as at:
            return await RosterService(at.work).list_lines(at.actor)

    columns = {"编号": "id", "名称": "title", "截止": "due_on", "到期": "overdue", "结束": "closed"}
    printing.listing(run(read()), columns, as_json=as_json, empty="还没有登录核查。")


@group.command()
def begin(
    title: Annotated[str, typer.Argument(metavar="名称")],
    due_on: Annotated[datetime, typer.Option("--due-on", formats=["%Y-%m-%d"], metavar="日期")],
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """开始一次登录核查。"""
    last: date = due_on.date()

    async def start() -> UUID:
        async with desk(login) as at:
            return await RosterService(at.work).begin(at.actor, title=title, due_on=last)

    found = run(start())
    printing.done({"id": found, "due_on": last}, f"核查已开始：{found}", as_json=as_json)


@group.command("import")
def import_(
    check: Check,
    file: Annotated[Path, typer.Argument(metavar="文件", help=".xlsx 或 .csv：姓名、登录账号、检测机构。")],
    dry_run: DryRun = False,
    errors_to: ErrorsTo = None,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """导入业务系统的登录人员名单；同一个文件再导入一次不会重复。"""
    content = file.read_bytes()

    async def bring_in() -> ImportReport:
        async with desk(login) as at:
            return await RosterService(at.work).import_logins(
                at.actor, check, file.name, content, dry_run=dry_run
            )

    tables.told(run(bring_in()), errors_to, as_json=as_json)


@group.command()
def template(
    check: Check,
    file: Annotated[Path, typer.Argument(metavar="文件.xlsx", help="写到这个文件。")],
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """生成登录人员名单的模板，已填好在聘人员。"""

    async def make() -> bytes:
        async with desk(login) as at:
            return await RosterService(at.work).logins_template(at.actor, check)

    tables.written(file, run(make()))
    printing.done({"file": file}, f"已写到 {file}。", as_json=as_json)


@group.command("show")
def show(
    check: Check,
    action: Annotated[Action | None, typer.Option("--action", help="只列出等着这样办理的人。")] = None,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """列出一次核查的人员、情形和待办。"""

    async def read() -> RosterView:
        async with desk(login) as at:
            return await RosterService(at.work).show(at.actor, check, action=action or "")

    one = run(read())
    if as_json:
        printing.document(one)
        return
    columns = {
        "姓名": "name",
        "检测机构": "laboratory",
        "聘用": "appointed",
        "登录": "has_login",
        "在岗": "still_there",
        "情形": "case",
        "待办": "action",
    }
    printing.listing(one.people, columns, as_json=False, empty="没有符合条件的人员。")
