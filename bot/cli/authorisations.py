"""`authorisations`: a society's sub-centres, from the application to the ending (C1–C4, C12–C14)."""

from enum import StrEnum
from typing import Annotated

import typer

from bot.cli import authorisation_requests, authorisation_years, printing
from bot.cli.authorisation_options import Day, Id, Plaque, as_desk, identifier, scope_words
from bot.cli.environment import Desk
from bot.cli.options import AsJson, Login, Reason
from bot.cli.words import word
from services.authorisation import changes
from services.authorisation.findings import FindingService
from services.authorisation.proposals import ProposalService
from services.authorisation.registry import RegistryService
from services.authorisation.views import AuthorisationView
from storage.authorisation_states import EndingCause, FindingKind

group = typer.Typer(help="分中心授权：申请、授权、查处、年度自查、取消。", no_args_is_help=True)
group.add_typer(authorisation_requests.group)
group.add_typer(authorisation_years.group)


class Decision(StrEnum):
    """About a proposed ending."""

    KEEP = "keep"
    END = "end"


@group.command("list")
def list_(login: Login = None, as_json: AsJson = False) -> None:
    """列出已授权的分中心。"""
    rows = as_desk(login, lambda at: RegistryService(at.work).list_(at.actor))
    printing.listing(
        rows,
        {
            "铜牌编号": "plaque_number",
            "分中心": "organisation",
            "授权日期": "authorised_on",
            "状态": lambda row: word(row.state, "authorisation"),
            "范围": lambda row: scope_words(row.scope),
        },
        as_json=as_json,
        empty="还没有授权的分中心。",
    )


@group.command()
def show(plaque: Plaque, login: Login = None, as_json: AsJson = False) -> None:
    """看一个分中心：协议、范围、查处、年度自查。"""

    async def read(at: Desk) -> AuthorisationView:
        registry = RegistryService(at.work)
        return await registry.show(at.actor, await registry.find_by_plaque(at.actor, plaque))

    one = as_desk(login, read)
    if as_json:
        printing.document(one)
        return
    printing.card(
        one.organisation,
        {
            "状态": word(one.state, "authorisation"),
            "铜牌编号": one.plaque_number,
            "授权文件": one.document_number,
            "合作协议": one.agreement_number,
            "授权日期": one.authorised_on,
            "授权范围": scope_words(one.scope),
            "查处": [f"{item.found_on:%Y-%m-%d} {word(item.kind, 'finding')}" for item in one.findings],
            "年度自查": [f"{item.year} {word(item.state, 'self_check')}" for item in one.self_checks],
            "说明": one.state_reason,
        },
    )


@group.command()
def find(
    plaque: Plaque,
    kind: Annotated[FindingKind, typer.Option("--kind", help="查处的类别。")],
    on: Day,
    text: Annotated[str, typer.Option("--text", metavar="情况")],
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """记录查处情况。"""

    async def record(at: Desk) -> object:
        authorisation_id = await RegistryService(at.work).find_by_plaque(at.actor, plaque)
        return await FindingService(at.work).record(
            at.actor, authorisation_id, kind=kind, found_on=on.date(), text=text
        )

    printing.done(as_desk(login, record), "已记录查处情况。", as_json=as_json)


@group.command()
def suspend(plaque: Plaque, reason: Reason, login: Login = None, as_json: AsJson = False) -> None:
    """有关部门介入调查，暂停一切工作。"""

    async def act(at: Desk) -> None:
        await changes.suspend(
            at.work, at.actor, await RegistryService(at.work).find_by_plaque(at.actor, plaque), reason
        )

    as_desk(login, act)
    printing.done({"plaque_number": plaque, "state": "suspended"}, f"{plaque} 已暂停。", as_json=as_json)


@group.command()
def lift(plaque: Plaque, reason: Reason, login: Login = None, as_json: AsJson = False) -> None:
    """调查结束，恢复工作。"""

    async def act(at: Desk) -> None:
        await changes.lift(
            at.work, at.actor, await RegistryService(at.work).find_by_plaque(at.actor, plaque), reason
        )

    as_desk(login, act)
    printing.done({"plaque_number": plaque, "state": "active"}, f"{plaque} 已恢复。", as_json=as_json)


@group.command()
def end(
    plaque: Plaque,
    cause: Annotated[EndingCause, typer.Option("--cause", help="取消的原因。")],
    reason: Reason,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问。")] = False,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """取消分中心资格；不能恢复。"""
    if not yes:
        typer.confirm(f"取消 {plaque} 的分中心资格，不能恢复。确定吗？", abort=True)

    async def act(at: Desk) -> None:
        authorisation_id = await RegistryService(at.work).find_by_plaque(at.actor, plaque)
        await changes.end(at.work, at.actor, authorisation_id, cause, reason)

    as_desk(login, act)
    printing.done({"plaque_number": plaque, "state": "ended"}, f"{plaque} 已取消资格。", as_json=as_json)


@group.command()
def proposals(login: Login = None, as_json: AsJson = False) -> None:
    """列出建议取消资格、等待决定的分中心。"""
    rows = as_desk(login, lambda at: ProposalService(at.work).open_ones(at.actor))
    printing.listing(
        rows,
        {
            "编号": "id",
            "分中心": "organisation",
            "原因": lambda row: word(row.cause, "cause"),
            "提出": "proposed_at",
        },
        as_json=as_json,
        empty="没有等待决定的建议。",
    )


@group.command()
def decide(
    proposal: Id,
    decision: Annotated[Decision, typer.Argument(metavar="决定", help="keep 保留、end 取消。")],
    reason: Reason,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """对一项建议作出决定。"""

    async def act(at: Desk) -> None:
        service = ProposalService(at.work)
        await (service.keep if decision is Decision.KEEP else service.end)(
            at.actor, identifier(proposal), reason
        )

    as_desk(login, act)
    done = "已决定保留资格。" if decision is Decision.KEEP else "已取消资格。"
    printing.done({"id": proposal, "decision": decision}, done, as_json=as_json)
