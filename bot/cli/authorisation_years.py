"""`authorisations`: what comes every year (C12), or with every sitting: self-checks and reports of results."""

from enum import StrEnum
from typing import Annotated

import typer

from bot.cli import printing
from bot.cli.authorisation_options import Id, as_desk, identifier
from bot.cli.environment import Desk
from bot.cli.options import AsJson, Login, Reason
from bot.cli.words import word
from services.authorisation.reports import ReportService
from services.authorisation.self_checks import SelfCheckService

group = typer.Typer()


class Assessment(StrEnum):
    """Of a self-check."""

    ACCEPTED = "accepted"
    FAILED = "failed"
    EXCUSED = "excused"


@group.command("self-checks")
def self_checks(login: Login = None, as_json: AsJson = False) -> None:
    """列出要处理的年度自查。"""
    rows = as_desk(login, lambda at: SelfCheckService(at.work).waiting(at.actor))
    printing.listing(
        rows,
        {
            "编号": "id",
            "分中心": "organisation",
            "年度": "year",
            "截止": "due_on",
            "状态": lambda row: word(row.state, "self_check"),
        },
        as_json=as_json,
        empty="没有要处理的年度自查。",
    )


@group.command()
def assess(
    self_check: Id,
    outcome: Annotated[
        Assessment,
        typer.Argument(metavar="结论", help="accepted 合格、failed 不合格、excused 逾期但准予继续。"),
    ],
    reason: Reason,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """评估一份年度自查。"""

    async def act(at: Desk) -> object:
        service = SelfCheckService(at.work)
        if outcome is Assessment.EXCUSED:
            return await service.excuse(at.actor, identifier(self_check), reason)
        return await service.assess(
            at.actor,
            identifier(self_check),
            "failed" if outcome is Assessment.FAILED else "accepted",
            reason,
        )

    printing.done(as_desk(login, act), "已记录。", as_json=as_json)


@group.command()
def reports(login: Login = None, as_json: AsJson = False) -> None:
    """列出成绩上报。"""
    rows = as_desk(login, lambda at: ReportService(at.work).list_(at.actor))
    printing.listing(
        rows,
        {
            "编号": "id",
            "场次": "sitting_code",
            "项目": "scheme",
            "分中心": "organisation",
            "状态": lambda row: word(row.state, "report"),
        },
        as_json=as_json,
        empty="没有成绩上报。",
    )


@group.command()
def issue(report: Id, login: Login = None, as_json: AsJson = False) -> None:
    """审核通过一份上报，颁发证书。"""
    numbers = as_desk(login, lambda at: ReportService(at.work).approve(at.actor, identifier(report)))
    printing.done({"certificates": numbers}, f"已颁发 {len(numbers)} 份证书。", as_json=as_json)
