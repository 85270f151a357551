"""`authorisations`: a society's sub-centres, from the application to the ending (C1–C4, C12–C14)."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from enum import StrEnum
from typing import Annotated, TypeVar
from uuid import UUID

import typer

from bot.cli import printing
from bot.cli.environment import Desk, desk, run
from bot.cli.options import AsJson, Login, Reason
from bot.cli.problems import CommandError
from bot.cli.words import condition, word
from services.authorisation import changes, scopes
from services.authorisation.findings import FindingService
from services.authorisation.proposals import ProposalService
from services.authorisation.registry import RegistryService
from services.authorisation.reports import ReportService
from services.authorisation.requests import RequestService
from services.authorisation.reviewing import RequestReviewService
from services.authorisation.self_checks import SelfCheckService
from services.authorisation.views import AuthorisationView, ScopeView
from storage.authorisation_states import EndingCause, FindingKind

group = typer.Typer(help="分中心授权：申请、授权、查处、年度自查、取消。", no_args_is_help=True)
_Result = TypeVar("_Result")

Plaque = Annotated[str, typer.Argument(metavar="铜牌编号")]
Id = Annotated[str, typer.Argument(metavar="编号", help="列表 --json 里的 id。")]
Day = Annotated[datetime, typer.Option("--on", formats=["%Y-%m-%d"], metavar="年-月-日")]


class Outcome(StrEnum):
    """What a visit found."""

    QUALIFIED = "qualified"
    FAILED = "failed"


class Decision(StrEnum):
    """About a proposed ending."""

    KEEP = "keep"
    END = "end"


class Assessment(StrEnum):
    """Of a self-check."""

    ACCEPTED = "accepted"
    FAILED = "failed"
    EXCUSED = "excused"


def _at(login: str | None, act: Callable[[Desk], Awaitable[_Result]]) -> _Result:
    async def go() -> _Result:
        async with desk(login) as at:
            return await act(at)

    return run(go())


def _id(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise CommandError(f"“{text}”不是编号，编号形如 1b4e28ba-2fa1-4d3b-8f3e-9d0e5a6c7b8d") from None


def _scope(scope: tuple[ScopeView, ...]) -> str:
    return "、".join(f"{one.occupation_label} {one.level_label}" for one in scope)


@group.command("list")
def list_(login: Login = None, as_json: AsJson = False) -> None:
    """列出已授权的分中心。"""
    rows = _at(login, lambda at: RegistryService(at.work).list_(at.actor))
    printing.listing(
        rows,
        {
            "铜牌编号": "plaque_number",
            "分中心": "organisation",
            "授权日期": "authorised_on",
            "状态": lambda row: word(row.state, "authorisation"),
            "范围": lambda row: _scope(row.scope),
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

    one = _at(login, read)
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
            "授权范围": _scope(one.scope),
            "查处": [f"{item.found_on:%Y-%m-%d} {word(item.kind, 'finding')}" for item in one.findings],
            "年度自查": [f"{item.year} {word(item.state, 'self_check')}" for item in one.self_checks],
            "说明": one.state_reason,
        },
    )


@group.command()
def requests(login: Login = None, as_json: AsJson = False) -> None:
    """列出等待处理的申请。"""
    rows = _at(login, lambda at: RequestReviewService(at.work).queue(at.actor))
    printing.listing(
        rows,
        {
            "编号": "id",
            "单位": "organisation",
            "提交": "submitted_at",
            "状态": lambda row: word(row.state, "request"),
            "申请": lambda row: _scope(row.wanted),
        },
        as_json=as_json,
        empty="没有等待处理的申请。",
    )


@group.command()
def check(request: Id, login: Login = None, as_json: AsJson = False) -> None:
    """逐项核对一份申请的条件。"""

    async def read(at: Desk) -> tuple[object, tuple[str, ...]]:
        view = await RequestService(at.work).show(at.actor, _id(request))
        labels = scopes.occupations(at.work)
        return view, tuple(condition(item, labels) for item in view.unmet)

    view, unmet = _at(login, read)
    if as_json:
        printing.document({"request": view, "unmet": unmet})
        return
    printing.say("条件都符合。" if not unmet else "还不符合：")
    for sentence in unmet:
        printing.say(f"  {sentence}")


@group.command("pass")
def pass_(request: Id, login: Login = None, as_json: AsJson = False) -> None:
    """书面审查通过。"""
    view = _at(login, lambda at: RequestReviewService(at.work).pass_papers(at.actor, _id(request)))
    printing.done(view, f"{view.organisation}：书面审查通过，待实地审核。", as_json=as_json)


@group.command("return")
def return_(request: Id, reason: Reason, login: Login = None, as_json: AsJson = False) -> None:
    """书面审查不通过，退还全部材料。"""
    view = _at(login, lambda at: RequestReviewService(at.work).return_papers(at.actor, _id(request), reason))
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
    view = _at(
        login,
        lambda at: RequestReviewService(at.work).record_visit(
            at.actor,
            _id(request),
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
    view = _at(
        login,
        lambda at: RequestReviewService(at.work).sign(
            at.actor,
            _id(request),
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
            at.actor, _id(request), plaque_number=plaque, document_number=document, scope=scope or None
        )

    authorisation_id = _at(login, give)
    printing.done({"id": authorisation_id, "plaque_number": plaque}, f"已授权：{plaque}。", as_json=as_json)


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

    printing.done(_at(login, record), "已记录查处情况。", as_json=as_json)


@group.command()
def suspend(plaque: Plaque, reason: Reason, login: Login = None, as_json: AsJson = False) -> None:
    """有关部门介入调查，暂停一切工作。"""

    async def act(at: Desk) -> None:
        await changes.suspend(
            at.work, at.actor, await RegistryService(at.work).find_by_plaque(at.actor, plaque), reason
        )

    _at(login, act)
    printing.done({"plaque_number": plaque, "state": "suspended"}, f"{plaque} 已暂停。", as_json=as_json)


@group.command()
def lift(plaque: Plaque, reason: Reason, login: Login = None, as_json: AsJson = False) -> None:
    """调查结束，恢复工作。"""

    async def act(at: Desk) -> None:
        await changes.lift(
            at.work, at.actor, await RegistryService(at.work).find_by_plaque(at.actor, plaque), reason
        )

    _at(login, act)
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

    _at(login, act)
    printing.done({"plaque_number": plaque, "state": "ended"}, f"{plaque} 已取消资格。", as_json=as_json)


@group.command()
def proposals(login: Login = None, as_json: AsJson = False) -> None:
    """列出建议取消资格、等待决定的分中心。"""
    rows = _at(login, lambda at: ProposalService(at.work).open_ones(at.actor))
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
        await (service.keep if decision is Decision.KEEP else service.end)(at.actor, _id(proposal), reason)

    _at(login, act)
    done = "已决定保留资格。" if decision is Decision.KEEP else "已取消资格。"
    printing.done({"id": proposal, "decision": decision}, done, as_json=as_json)


@group.command("self-checks")
def self_checks(login: Login = None, as_json: AsJson = False) -> None:
    """列出要处理的年度自查。"""
    rows = _at(login, lambda at: SelfCheckService(at.work).waiting(at.actor))
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
            return await service.excuse(at.actor, _id(self_check), reason)
        return await service.assess(
            at.actor,
            _id(self_check),
            "failed" if outcome is Assessment.FAILED else "accepted",
            reason,
        )

    printing.done(_at(login, act), "已记录。", as_json=as_json)


@group.command()
def reports(login: Login = None, as_json: AsJson = False) -> None:
    """列出成绩上报。"""
    rows = _at(login, lambda at: ReportService(at.work).list_(at.actor))
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
    numbers = _at(login, lambda at: ReportService(at.work).approve(at.actor, _id(report)))
    printing.done({"certificates": numbers}, f"已颁发 {len(numbers)} 份证书。", as_json=as_json)
