"""`hours`: study hours from tables, and the table to fill in."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli import printing, tables
from bot.cli.environment import desk, run
from bot.cli.options import AsJson, DryRun, ErrorsTo, Login
from services.imports import ImportReport
from services.study.service import StudyService

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
