"""`scores` and `results`: scores from tables, and what becomes of them."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli import printing, tables
from bot.cli.environment import desk, run
from bot.cli.options import AsJson, DryRun, ErrorsTo, Login
from services.exams.result_views import ResultLine
from services.exams.results import ResultService
from services.exams.sittings import SittingService
from services.imports import ImportReport

group = typer.Typer(help="成绩导入。", no_args_is_help=True)
results_group = typer.Typer(help="成绩审核和公布。", no_args_is_help=True)

Sitting = Annotated[str, typer.Option("--sitting", metavar="场次", help="例如 KS2026-001。")]


@group.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="文件", help=".xlsx 或 .csv。")],
    sitting: Sitting,
    dry_run: DryRun = False,
    errors_to: ErrorsTo = None,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """导入一个场次的成绩表；同一个文件再导入一次不会重复。"""
    content = file.read_bytes()

    async def bring_in() -> ImportReport:
        async with desk(login) as at:
            return await ResultService(at.work).import_scores(
                at.actor, file.name, content, sitting_code=sitting, dry_run=dry_run
            )

    tables.told(run(bring_in()), errors_to, as_json=as_json)


@group.command()
def template(
    file: Annotated[Path, typer.Argument(metavar="文件.xlsx", help="写到这个文件。")],
    sitting: Sitting,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """生成成绩表模板，已填好考生。"""

    async def make() -> bytes:
        async with desk(login) as at:
            return await ResultService(at.work).scores_template(at.actor, sitting)

    tables.written(file, run(make()))
    printing.done({"file": file}, f"已写到 {file}。", as_json=as_json)


@results_group.command("list")
def list_(sitting: Sitting, login: Login = None, as_json: AsJson = False) -> None:
    """列出一个场次的成绩。"""

    async def read() -> tuple[ResultLine, ...]:
        async with desk(login) as at:
            found = await SittingService(at.work).find_by_code(at.actor, sitting)
            return await ResultService(at.work).list_for_sitting(at.actor, found.id)

    columns = {
        "座位": "seat_number",
        "准考证号": "ticket",
        "报名号": "enrolment_number",
        "姓名": "name",
        "成绩": "score",
        "等级": "grade",
        "状态": "state",
    }
    printing.listing(run(read()), columns, as_json=as_json, empty="这一场还没有考生。")


@results_group.command()
def approve(sitting: Sitting, login: Login = None, as_json: AsJson = False) -> None:
    """审核一个场次的全部成绩。"""

    async def decide() -> int:
        async with desk(login) as at:
            found = await SittingService(at.work).find_by_code(at.actor, sitting)
            return await ResultService(at.work).approve(at.actor, found.id)

    count = run(decide())
    document = {"sitting": sitting, "approved": count}
    printing.done(document, f"{sitting}：审核了 {count} 个成绩。", as_json=as_json)


@results_group.command()
def publish(sitting: Sitting, login: Login = None, as_json: AsJson = False) -> None:
    """公布一个场次审核过的成绩，并通知考生。"""

    async def announce() -> int:
        async with desk(login) as at:
            found = await SittingService(at.work).find_by_code(at.actor, sitting)
            return await ResultService(at.work).publish(at.actor, found.id)

    count = run(announce())
    document = {"sitting": sitting, "published": count}
    printing.done(document, f"{sitting}：公布了 {count} 个成绩。", as_json=as_json)
