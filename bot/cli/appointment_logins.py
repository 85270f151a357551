"""`appointments`: accounts, logins and laboratories' business (E4, E5, E6)."""

from datetime import date, datetime
from typing import Annotated

import typer

from bot.cli import printing
from bot.cli.environment import Desk, desk, run
from bot.cli.options import AsJson, EnrolmentNumber, Login
from bot.cli.problems import CommandError
from services.appointments import AppointmentService
from services.appointments.coverage import CoverageService
from services.appointments.models import Coverage
from services.enrolments.account_registration import register_account
from services.enrolments.review import ReviewService
from services.models import AccountOrigin

group = typer.Typer()

Number = Annotated[str, typer.Argument(metavar="聘用号", help="例如 CQC000001。")]
Laboratory = Annotated[str, typer.Argument(metavar="检测机构", help="机构全称。")]


@group.command("register-account")
def register(
    number: EnrolmentNumber,
    account: Annotated[
        str, typer.Option("--login", metavar="账号", help="登录账号；不写则为本人身份证号。")
    ] = "",
    existing: Annotated[bool, typer.Option("--existing", help="已有其他认证人员资格，沿用原账号。")] = False,
    mailed_on: Annotated[
        datetime | None,
        typer.Option("--mailed-on", formats=["%Y-%m-%d"], metavar="日期", help="密码发到邮箱的日期。"),
    ] = None,
    held: Annotated[
        str, typer.Option("--number", metavar="聘用号", help="沿用原账号的人员已有的聘用号。")
    ] = "",
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """登记申请人的上网账号（分中心审核材料时）；登记后用 enrolments approve 通过。"""
    day: date | None = mailed_on.date() if mailed_on is not None else None
    origin = AccountOrigin.EXISTING if existing else AccountOrigin.CREATED
    if held and not existing:
        raise CommandError("--number 只用于沿用原账号的人员，请同时写 --existing")

    async def keep() -> None:
        async with desk(login) as at:
            enrolment_id = await ReviewService(at.work).find_by_number(at.actor, number)
            await register_account(
                at.work, at.actor, enrolment_id, login=account, origin=origin, mailed_on=day, number=held
            )

    run(keep())
    done = {"number": number, "origin": origin, "mailed_on": day}
    printing.done(done, f"报名号 {number}：账号已登记。", as_json=as_json)


@group.command("request-login")
def request(number: Number, login: Login = None, as_json: AsJson = False) -> None:
    """为已聘用、还没有登录权限的人员申请（检测机构）。"""

    async def ask() -> None:
        async with desk(login) as at:
            service = AppointmentService(at.work)
            await service.request_login(at.actor, await service.find_by_number(at.actor, number))

    run(ask())
    printing.done({"number": number, "requested": True}, f"{number} 的登录权限已申请。", as_json=as_json)


@group.command("confirm-login")
def confirm(number: Number, login: Login = None, as_json: AsJson = False) -> None:
    """登记业务系统已按现在的登录权限办理。"""

    async def keep() -> None:
        async with desk(login) as at:
            service = AppointmentService(at.work)
            await service.confirm_right(at.actor, await service.find_by_number(at.actor, number))

    run(keep())
    printing.done({"number": number, "applied": True}, f"{number}：业务系统已办理。", as_json=as_json)


@group.command("reveal-login")
def reveal(number: Number, login: Login = None, as_json: AsJson = False) -> None:
    """显示完整的登录账号；会记入操作日志。"""

    async def look() -> str:
        async with desk(login) as at:
            service = AppointmentService(at.work)
            return await service.reveal_login(at.actor, await service.find_by_number(at.actor, number))

    shown = run(look())
    printing.done({"number": number, "login": shown}, shown, as_json=as_json)


@group.command()
def laboratory(name: Laboratory, login: Login = None, as_json: AsJson = False) -> None:
    """显示一家检测机构承担的业务、在聘人员和没有人覆盖的领域。"""

    async def read() -> Coverage:
        async with desk(login) as at:
            found = await _laboratory(at, name)
            return await CoverageService(at.work).show(at.actor, found.laboratory_id, found.scheme_id)

    _told(run(read()), as_json=as_json)


@group.command("set-business")
def set_business(
    name: Laboratory,
    fields: Annotated[
        list[str], typer.Option("--field", metavar="领域", help="承担的认证领域，可写几次，例如 CCC。")
    ],
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """填写一家检测机构承担的全部认证业务，没有写的就是不承担。"""

    async def keep() -> Coverage:
        async with desk(login) as at:
            found = await _laboratory(at, name)
            return await CoverageService(at.work).set_business(
                at.actor, found.laboratory_id, fields, found.scheme_id
            )

    _told(run(keep()), as_json=as_json)


async def _laboratory(at: Desk, name: str) -> Coverage:
    service = CoverageService(at.work)
    for line in await service.list_lines(at.actor):
        if line.name == name.strip():
            return await service.show(at.actor, line.id, line.scheme_id)
    raise CommandError(f"没有检测机构“{name}”，或者它与您所在的机构无关。用 appointments coverage 查看")


def _told(found: Coverage, *, as_json: bool) -> None:
    if as_json:
        printing.document(found)
        return
    words = dict(found.options)
    printing.card(
        found.laboratory,
        {
            "业务": [words[value] for value in found.business],
            "在聘": [f"{one.name}（{'、'.join(one.fields)}）" for one in found.people],
            "无人覆盖": found.gaps,
        },
    )
