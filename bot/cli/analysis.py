"""`analysis`: what the papers of many say, by knowledge area (B11)."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from bot.cli import printing, tables
from bot.cli.environment import desk, run
from bot.cli.options import AsJson, Login
from services.diagnosis.analysis import AnalysisService, AnalysisView, Grouping
from services.rules.diagnosis import Group

group = typer.Typer(help="分知识领域的分析。", no_args_is_help=True)

SchemeId = Annotated[str, typer.Option("--scheme", metavar="方案", help="例如 quality-safety-officer。")]
By = Annotated[Grouping, typer.Option("--by", metavar="分组", help="region、organisation 或 sitting。")]
Since = Annotated[datetime | None, typer.Option("--since", formats=["%Y-%m-%d"], metavar="日期")]
Until = Annotated[datetime | None, typer.Option("--until", formats=["%Y-%m-%d"], metavar="日期")]


@group.command()
def show(
    scheme: SchemeId,
    by: By = Grouping.REGION,
    since: Since = None,
    until: Until = None,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """各知识领域的平均得分率；人数少的分组不单独列出。"""

    async def read() -> AnalysisView:
        async with desk(login) as at:
            return await AnalysisService(at.work).show(
                at.actor, scheme, by=by, since=_day(since), until=_day(until)
            )

    view = run(read())
    if as_json:
        printing.document(view)
        return
    everybody = view.analysis.everybody
    columns: dict[str, str | Callable[[Group], str]] = {"分组": "name", "人数": "people"}
    columns |= {area.label: _mean(area.key) for area in view.diagnosis.areas}
    columns["最薄弱"] = "weakest"
    printing.listing(
        [everybody, *view.analysis.groups] if everybody is not None else [],
        columns,
        as_json=False,
        empty=f"有领域得分的已公布成绩只有 {view.analysis.people} 份，不足 {view.analysis.least} 份，不能显示。",
    )


@group.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="文件.xlsx", help="写到这个文件。")],
    scheme: SchemeId,
    by: By = Grouping.REGION,
    since: Since = None,
    until: Until = None,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """把分析写成表格；会记入操作日志。"""

    async def make() -> bytes:
        async with desk(login) as at:
            return await AnalysisService(at.work).export(
                at.actor, scheme, by=by, since=_day(since), until=_day(until)
            )

    tables.written(file, run(make()))
    printing.done({"file": file}, f"已写到 {file}。", as_json=as_json)


def _mean(key: str) -> Callable[[Group], str]:
    return lambda group: f"{group.means[key]}%" if key in group.means else ""


def _day(given: datetime | None) -> date | None:
    return given.date() if given is not None else None
