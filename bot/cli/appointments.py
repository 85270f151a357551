"""`appointments` and `rosters`: who is appointed, suspending, restoring, ending, evaluating; the check of who may log in."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from bot.cli import printing, tables
from bot.cli.environment import desk, run
from bot.cli.options import AsJson, DryRun, ErrorsTo, Login, Page, Reason
from bot.cli.problems import CommandError
from bot.cli.words import label
from services.appointments import AppointmentLine, AppointmentPage, AppointmentService, AppointmentView
from services.appointments.coverage import CoverageService
from services.appointments.models import LaboratoryLine
from services.appointments.roster_views import RosterLine, RosterView
from services.appointments.rosters import RosterService
from services.imports import ImportReport
from services.models import AppointmentState, Decision
from services.rules.roster import Action

group = typer.Typer(help="聘用。", no_args_is_help=True)
rosters_group = typer.Typer(help="登录核查。", no_args_is_help=True)

Number = Annotated[str, typer.Argument(metavar="聘用号", help="例如 CQC000001。")]
Uncovers = Annotated[
    list[str] | None,
    typer.Option("--uncovers", metavar="领域", help="已知悉这个认证领域将没有人覆盖；可写几次。"),
]
Check = Annotated[UUID, typer.Argument(metavar="核查编号", help="见 rosters list。")]
_PAGE = {
    "聘用号": "number",
    "姓名": "name",
    "检测机构": "laboratory",
    "认证领域": "fields",
    "状态": "state",
    "登录权限": "right",
    "聘用日期": "appointed_on",
}


@group.command("list")
def list_(
    state: Annotated[AppointmentState | None, typer.Option("--state")] = None,
    field: Annotated[str, typer.Option("--field", metavar="领域", help="认证领域，例如 CCC。")] = "",
    query: Annotated[
        str, typer.Option("--query", metavar="文字", help="姓名、聘用号或检测机构的一部分。")
    ] = "",
    page: Page = 1,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """列出看得到的聘用人员。"""

    async def read() -> AppointmentPage:
        async with desk(login) as at:
            return await AppointmentService(at.work).list_lines(
                at.actor, state=state, field=field, query=query, page=page
            )

    found = run(read())
    printing.listing(found.items, _PAGE, as_json=as_json, empty="没有符合条件的人员。")
    if found.pages > 1 and not as_json:
        printing.say(f"第 {found.page}/{found.pages} 页，共 {found.total} 人。")


@group.command()
def show(number: Number, login: Login = None, as_json: AsJson = False) -> None:
    """显示一份聘用，连同评价和经过。"""

    async def read() -> AppointmentView:
        async with desk(login) as at:
            service = AppointmentService(at.work)
            return await service.show(at.actor, await service.find_by_number(at.actor, number))

    one = run(read())
    if as_json:
        printing.document(one)
        return
    line = one.line
    printing.card(
        f"{line.name}　{line.title}",
        {
            line.number_label: line.number,
            "状态": line.state,
            "原因": line.state_reason,
            "检测机构": line.laboratory,
            "认证领域": line.fields,
            "登录权限": line.right,
            "离开后无人覆盖": one.would_uncover,
        },
    )
    for item in one.evaluations:
        printing.say(f"{item.period} {item.organisation}：{item.mark} {item.remark}".rstrip())


@group.command()
def suspend(
    number: Number, reason: Reason, uncovers: Uncovers = None, login: Login = None, as_json: AsJson = False
) -> None:
    """暂停聘用，登录权限同时暂停。"""
    _change("suspend", number, reason, uncovers, login, as_json)


@group.command()
def restore(number: Number, reason: Reason, login: Login = None, as_json: AsJson = False) -> None:
    """恢复暂停的聘用。"""
    _change("restore", number, reason, None, login, as_json)


@group.command()
def end(
    number: Number, reason: Reason, uncovers: Uncovers = None, login: Login = None, as_json: AsJson = False
) -> None:
    """终止聘用，登录权限同时取消；不能恢复，聘用号仍归本人。"""
    _change("end", number, reason, uncovers, login, as_json)


@group.command()
def evaluate(
    number: Number,
    period: Annotated[str, typer.Option("--period", metavar="周期", help="例如 2026年度。")],
    mark: Annotated[str, typer.Option("--mark", metavar="结果")],
    remark: Annotated[str, typer.Option("--remark", metavar="说明")] = "",
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """提交一个周期的持续评价。"""

    async def give() -> None:
        async with desk(login) as at:
            service = AppointmentService(at.work)
            found = await service.find_by_number(at.actor, number)
            await service.evaluate(at.actor, found, period=period, mark=mark, remark=remark)

    run(give())
    printing.done({"number": number, "period": period, "mark": mark}, "已提交评价。", as_json=as_json)


@group.command()
def decide(
    number: Number,
    decision: Annotated[Decision, typer.Argument(metavar="keep|suspend|end")],
    period: Annotated[str, typer.Option("--period", metavar="周期", help="例如 2026年度。")],
    reason: Reason,
    uncovers: Uncovers = None,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """持续评价后决定：保持、暂停或终止资格。"""

    async def settle() -> None:
        async with desk(login) as at:
            service = AppointmentService(at.work)
            found = await service.find_by_number(at.actor, number)
            await service.decide(at.actor, found, decision, reason, period=period, uncovers=uncovers or ())

    run(settle())
    printing.done({"number": number, "decision": decision}, f"已决定：{label(decision)}。", as_json=as_json)


@group.command("grant-login")
def grant_login(number: Number, login: Login = None, as_json: AsJson = False) -> None:
    """授予登录权限（综合业务部）。"""

    async def grant() -> None:
        async with desk(login) as at:
            service = AppointmentService(at.work)
            await service.grant_login(at.actor, await service.find_by_number(at.actor, number))

    run(grant())
    printing.done({"number": number, "right": "granted"}, f"{number} 已有登录权限。", as_json=as_json)


@group.command()
def coverage(login: Login = None, as_json: AsJson = False) -> None:
    """列出检测机构承担的业务和没有人覆盖的领域。"""

    async def read() -> tuple[LaboratoryLine, ...]:
        async with desk(login) as at:
            return await CoverageService(at.work).list_lines(at.actor)

    columns = {"检测机构": "name", "在聘": "people", "业务": "business", "无人覆盖": "gaps"}
    printing.listing(run(read()), columns, as_json=as_json, empty="没有检测机构。")


@rosters_group.command("list")
def list_rosters(login: Login = None, as_json: AsJson = False) -> None:
    """列出登录核查，新的在前。"""

    async def read() -> tuple[RosterLine, ...]:
        async with desk(login) as at:
            return await RosterService(at.work).list_lines(at.actor)

    columns = {"编号": "id", "名称": "title", "截止": "due_on", "到期": "overdue", "结束": "closed"}
    printing.listing(run(read()), columns, as_json=as_json, empty="还没有登录核查。")


@rosters_group.command()
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


@rosters_group.command("import")
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


@rosters_group.command()
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


@rosters_group.command("show")
def show_roster(
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


def _change(
    verb: str, number: str, reason: str, uncovers: list[str] | None, login: str | None, as_json: bool
) -> None:
    async def change() -> AppointmentLine:
        async with desk(login) as at:
            service = AppointmentService(at.work)
            found = await service.find_by_number(at.actor, number)
            seen = uncovers or ()
            match verb:
                case "suspend":
                    return await service.suspend(at.actor, found, reason, uncovers=seen)
                case "restore":
                    return await service.restore(at.actor, found, reason)
                case "end":
                    return await service.end(at.actor, found, reason, uncovers=seen)
                case _:
                    raise CommandError(f"没有 {verb} 这个操作")

    changed = run(change())
    printing.done(changed, f"{changed.number} 现在是{label(changed.state)}。", as_json=as_json)
