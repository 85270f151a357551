"""`appointments`: who is appointed, suspending, restoring, ending, evaluating."""

from typing import Annotated

import typer

from bot.cli import appointment_logins, printing
from bot.cli.environment import desk, run
from bot.cli.options import AsJson, Login, Page, Reason
from bot.cli.problems import CommandError
from bot.cli.words import label
from services.appointments import AppointmentLine, AppointmentPage, AppointmentService, AppointmentView
from services.appointments.coverage import CoverageService
from services.appointments.models import LaboratoryLine
from services.models import AppointmentState, Decision

group = typer.Typer(help="聘用。", no_args_is_help=True)
group.add_typer(appointment_logins.group)

Number = Annotated[str, typer.Argument(metavar="聘用号", help="例如 CQC000001。")]
Uncovers = Annotated[
    list[str] | None,
    typer.Option("--uncovers", metavar="领域", help="已知悉这个认证领域将没有人覆盖；可写几次。"),
]
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
