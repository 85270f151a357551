"""`sittings`: days of examination."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.cli import printing, tables
from bot.cli.classes import Form
from bot.cli.environment import desk, run
from bot.cli.options import AsJson, Login, Reason
from bot.cli.words import label, problem
from services.exams.sittings import SittingService
from services.exams.views import SittingDetail, SittingView
from services.rules.localtime import SHANGHAI

group = typer.Typer(help="考试场次。", no_args_is_help=True)

SittingCode = Annotated[str, typer.Argument(metavar="场次", help="例如 KS2026-001。")]
_MOMENT = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]


@group.command()
def add(
    scheme: Annotated[str, typer.Option("--scheme", metavar="方案")],
    starts_at: Annotated[
        datetime, typer.Option("--starts-at", formats=_MOMENT, metavar="年-月-日T时:分", help="北京时间。")
    ],
    ends_at: Annotated[
        datetime, typer.Option("--ends-at", formats=_MOMENT, metavar="年-月-日T时:分", help="北京时间。")
    ],
    capacity: Annotated[int, typer.Option("--capacity", metavar="人数", min=1)],
    place: Annotated[str, typer.Option("--place", metavar="地点", help="线上考试写考试平台。")],
    form: Annotated[Form, typer.Option("--form", help="online 线上、on_site 现场。")] = Form.ONLINE,
    bring: Annotated[list[str] | None, typer.Option("--bring", metavar="物品", help="默认按方案。")] = None,
    override_reason: Annotated[
        str, typer.Option("--override-reason", metavar="依据", help="不在季度末周末时，写明依据的通知。")
    ] = "",
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """添加一个场次；与法定节假日冲突会提示。"""

    async def announce() -> SittingView:
        async with desk(login) as at:
            return await SittingService(at.work).add(
                at.actor,
                scheme_id=scheme,
                starts_at=starts_at.replace(tzinfo=SHANGHAI),
                ends_at=ends_at.replace(tzinfo=SHANGHAI),
                place=place,
                form=form.value,
                capacity=capacity,
                bring=bring,
                override_reason=override_reason,
            )

    added = run(announce())
    printing.done(added, f"已添加 {added.code}：{printing.shown(added.starts_at)}。", as_json=as_json)
    if not as_json:
        for warning in added.warnings:
            printing.say(f"注意：{problem(warning.code, **warning.facts)}")


@group.command("list")
def list_(login: Login = None, as_json: AsJson = False) -> None:
    """列出本机构的场次，最近的在前。"""

    async def read() -> tuple[SittingView, ...]:
        async with desk(login) as at:
            return await SittingService(at.work).list_for(at.actor)

    columns = {
        "场次": "code",
        "项目": "scheme",
        "时间": "starts_at",
        "地点": "place",
        "名额": "capacity",
        "已约": "booked",
        "候补": "waitlisted",
        "状态": "state",
    }
    printing.listing(run(read()), columns, as_json=as_json, empty="还没有场次。")


@group.command()
def show(code: SittingCode, login: Login = None, as_json: AsJson = False) -> None:
    """显示一个场次和名单。"""

    async def read() -> SittingDetail:
        async with desk(login) as at:
            service = SittingService(at.work)
            return await service.show(at.actor, (await service.find_by_code(at.actor, code)).id)

    found = run(read())
    if as_json:
        printing.document(found)
        return
    sitting = found.sitting
    printing.card(
        f"{sitting.code}　{sitting.scheme}",
        {
            "时间": f"{printing.shown(sitting.starts_at)} 至 {printing.shown(sitting.ends_at)}",
            "地点": sitting.place,
            "请带": sitting.bring,
            "名额": f"{sitting.booked}/{sitting.capacity}，候补 {sitting.waitlisted}",
            "状态": label(sitting.state),
        },
    )
    columns = {
        "座位": "number",
        "准考证号": "ticket",
        "报名号": "enrolment_number",
        "姓名": "name",
        "身份证号": "identity_masked",
        "状态": "state",
    }
    printing.listing(found.roll, columns, as_json=False, empty="还没有人预约。")


@group.command()
def roll(
    code: SittingCode,
    file: Annotated[Path, typer.Argument(metavar="文件.xlsx")],
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """导出考场座次表。"""

    async def make() -> bytes:
        async with desk(login) as at:
            service = SittingService(at.work)
            return await service.roll_workbook(at.actor, (await service.find_by_code(at.actor, code)).id)

    tables.written(file, run(make()))
    printing.done({"file": file}, f"已写到 {file}。", as_json=as_json)


@group.command()
def cancel(code: SittingCode, reason: Reason, login: Login = None, as_json: AsJson = False) -> None:
    """取消一个场次：撤回提醒，并通知已预约的考生。"""

    async def call_off() -> SittingView:
        async with desk(login) as at:
            service = SittingService(at.work)
            sitting = await service.find_by_code(at.actor, code)
            return await service.cancel(at.actor, sitting.id, reason)

    cancelled = run(call_off())
    printing.done(cancelled, f"{cancelled.code} 已取消，已预约的考生会收到通知。", as_json=as_json)
