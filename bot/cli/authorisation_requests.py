"""`authorisations`: a request for authorisation, from its papers to the grant (C1–C3)."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import typer

from bot.cli import printing
from bot.cli.authorisation_options import Day, Id, as_desk, identifier, scope_words
from bot.cli.environment import Desk
from bot.cli.options import AsJson, Login, Reason
from bot.cli.words import condition, word
from services.authorisation import scopes
from services.authorisation.requests import RequestService
from services.authorisation.reviewing import RequestReviewService

group = typer.Typer()


class Outcome(StrEnum):
    """What a visit found."""

    QUALIFIED = "qualified"
    FAILED = "failed"


@group.command()
def requests(login: Login = None, as_json: AsJson = False) -> None:
    """列出等待处理的申请。"""
    rows = as_desk(login, lambda at: RequestReviewService(at.work).queue(at.actor))
    printing.listing(
        rows,
        {
            "编号": "id",
            "单位": "organisation",
            "提交": "submitted_at",
            "状态": lambda row: word(row.state, "request"),
            "申请": lambda row: scope_words(row.wanted),
        },
        as_json=as_json,
        empty="没有等待处理的申请。",
    )


@group.command()
def check(request: Id, login: Login = None, as_json: AsJson = False) -> None:
    """逐项核对一份申请的条件。"""

    async def read(at: Desk) -> tuple[object, tuple[str, ...]]:
        view = await RequestService(at.work).show(at.actor, identifier(request))
        labels = scopes.occupations(at.work)
        return view, tuple(condition(item, labels) for item in view.unmet)

    view, unmet = as_desk(login, read)
    if as_json:
        printing.document({"request": view, "unmet": unmet})
        return
    printing.say("条件都符合。" if not unmet else "还不符合：")
    for sentence in unmet:
        printing.say(f"  {sentence}")


@group.command("pass")
def pass_(request: Id, login: Login = None, as_json: AsJson = False) -> None:
    """书面审查通过。"""
    view = as_desk(login, lambda at: RequestReviewService(at.work).pass_papers(at.actor, identifier(request)))
    printing.done(view, f"{view.organisation}：书面审查通过，待实地审核。", as_json=as_json)


@group.command("return")
def return_(request: Id, reason: Reason, login: Login = None, as_json: AsJson = False) -> None:
    """书面审查不通过，退还全部材料。"""
    view = as_desk(
        login, lambda at: RequestReviewService(at.work).return_papers(at.actor, identifier(request), reason)
    )
    printing.done(view, f"{view.organisation}：已退还全部材料。", as_json=as_json)


@group.command()
def visit(
    request: Id,
    expert: Annotated[list[str], typer.Option("--expert", metavar="姓名", help="可以写几次。")],
    on: Day,
    findings: Annotated[str, typer.Option("--findings", metavar="情况")],
    outcome: Annotated[Outcome, typer.Option("--outcome", help="qualified 合格、failed 不合格。")],
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """记录实地审核。"""
    view = as_desk(
        login,
        lambda at: RequestReviewService(at.work).record_visit(
            at.actor,
            identifier(request),
            experts=expert,
            visited_on=on.date(),
            findings=findings,
            outcome="failed" if outcome is Outcome.FAILED else "qualified",
        ),
    )
    printing.done(view, f"{view.organisation}：{word(view.state, 'request')}。", as_json=as_json)


@group.command()
def sign(
    request: Id,
    number: Annotated[str, typer.Option("--number", metavar="协议编号")],
    on: Day,
    until: Annotated[
        datetime | None, typer.Option("--until", formats=["%Y-%m-%d"], metavar="年-月-日")
    ] = None,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """登记合作协议。"""
    view = as_desk(
        login,
        lambda at: RequestReviewService(at.work).sign(
            at.actor,
            identifier(request),
            number=number,
            agreed_on=on.date(),
            agreed_until=until.date() if until else None,
        ),
    )
    printing.done(view, f"{view.organisation}：协议 {view.agreement_number} 已登记。", as_json=as_json)


@group.command()
def grant(
    request: Id,
    plaque: Annotated[str, typer.Option("--plaque", metavar="铜牌编号")],
    document: Annotated[str, typer.Option("--document", metavar="文号")],
    scope: Annotated[
        list[str] | None,
        typer.Option("--scope", metavar="职业/等级", help="例如 length/skilled；不写就是申请的全部。"),
    ] = None,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """授权。"""

    async def give(at: Desk) -> UUID:
        return await RequestReviewService(at.work).grant(
            at.actor, identifier(request), plaque_number=plaque, document_number=document, scope=scope or None
        )

    authorisation_id = as_desk(login, give)
    printing.done({"id": authorisation_id, "plaque_number": plaque}, f"已授权：{plaque}。", as_json=as_json)
