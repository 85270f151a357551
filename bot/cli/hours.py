"""`hours`: study hours from tables, and the table to fill in."""

from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated

import typer

from bot.cli import printing, tables
from bot.cli.environment import desk, run
from bot.cli.options import AsJson, DryRun, ErrorsTo, Login
from bot.cli.problems import CommandError
from services.enrolments.review import ReviewService
from services.imports import ImportReport
from services.study.service import HoursProgress, StudyService

group = typer.Typer(help="学时导入。", no_args_is_help=True)


@group.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="文件", help=".xlsx 或 .csv。")],
    dry_run: DryRun = False,
    errors_to: ErrorsTo = None,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """导入学时表；同一个文件再导入一次不会重复。"""
    content = file.read_bytes()

    async def bring_in() -> ImportReport:
        async with desk(login) as at:
            return await StudyService(at.work).import_hours(at.actor, file.name, content, dry_run=dry_run)

    tables.told(run(bring_in()), errors_to, as_json=as_json)


@group.command()
def accept(
    number: Annotated[int, typer.Argument(metavar="报名号")],
    hours: Annotated[str, typer.Argument(metavar="学时", help="学时证明认可的学时数，例如 40。")],
    note: Annotated[str, typer.Option("--note", metavar="说明")] = "",
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """认可考生上传的学时证明。"""
    try:
        counted = Decimal(hours)
    except InvalidOperation:
        raise CommandError(f"“{hours}”不是学时数，例如 40 或 7.5") from None

    async def count() -> HoursProgress:
        async with desk(login) as at:
            enrolment_id = await ReviewService(at.work).find_by_number(at.actor, number)
            return await StudyService(at.work).accept_proof(at.actor, enrolment_id, counted, note)

    progress = run(count())
    printing.done(
        {"number": number, "done": progress.done, "required": progress.required, "met": progress.met},
        f"已认可，现有 {progress.done}/{progress.required} 学时。",
        as_json=as_json,
    )


@group.command()
def template(
    file: Annotated[Path, typer.Argument(metavar="文件.xlsx", help="写到这个文件。")],
    class_code: Annotated[
        str | None, typer.Option("--class", metavar="班号", help="只列这个班的学员。")
    ] = None,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """生成学时表模板，已填好学员。"""

    async def make() -> bytes:
        async with desk(login) as at:
            return await StudyService(at.work).hours_template(at.actor, class_code=class_code)

    tables.written(file, run(make()))
    printing.done({"file": file}, f"已写到 {file}。", as_json=as_json)
