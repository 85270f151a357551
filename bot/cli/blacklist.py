"""`blacklist`: who may not apply, proposed and decided by two people (C7)."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from bot.cli import printing
from bot.cli.environment import Desk, desk, run
from bot.cli.options import AsJson, Login, Page, Reason
from bot.cli.problems import CommandError
from services.blacklist import Bar, BlacklistDetail, BlacklistPage, BlacklistService, HearingService
from services.blacklist.proposing import Charge
from services.enrolments.review import ReviewService
from services.models import BlacklistState

group = typer.Typer(help="黑名单。", no_args_is_help=True)

Entry = Annotated[int, typer.Argument(metavar="编号", help="例如 101。")]
Evidence = Annotated[
    list[Path] | None, typer.Option("--file", metavar="文件", help="证据材料，照片或 PDF，可写多个。")
]


@group.command("list")
def list_(
    state: Annotated[BlacklistState | None, typer.Option("--state")] = None,
    page: Page = 1,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """列出本机构提出的，或本机构监督的；新的在前。"""

    async def read() -> BlacklistPage:
        async with desk(login) as at:
            return await BlacklistService(at.work).list_lines(at.actor, state=state, page=page)

    columns = {
        "编号": "number",
        "姓名": "name",
        "原因": "reason",
        "机构": "organisation",
        "状态": "state",
        "陈述到": "heard_until",
        "期限至": "last_on",
    }
    printing.listing(run(read()).items, columns, as_json=as_json, empty="没有记录。")


@group.command()
def show(number: Entry, login: Login = None, as_json: AsJson = False) -> None:
    """显示一条记录和本人的陈述；看过会记下来。"""

    async def read(at: Desk, entry_id: UUID) -> None:
        """Nothing more."""

    _told(_with_entry(login, number, read), as_json)


@group.command()
def check(
    number: Annotated[str, typer.Argument(metavar="身份证号")],
    list_key: Annotated[str | None, typer.Option("--list", metavar="名单", help="有几个名单时写明。")] = None,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """查询一个身份证号是否在黑名单中；会记入操作日志。"""

    async def look() -> Bar | None:
        async with desk(login) as at:
            service = BlacklistService(at.work)
            return await service.check(at.actor, list_key or await _only_list(at), number)

    found = run(look())
    sentence = (
        f"在黑名单中，期限至 {printing.shown(found.until)}（含当日）；可向{found.organisation}查询。"
        if found is not None
        else "不在黑名单中。"
    )
    told = {"until": found.until, "organisation": found.organisation} if found is not None else {}
    printing.done({"barred": found is not None, **told}, sentence, as_json=as_json)


@group.command()
def propose(
    reason: Annotated[str, typer.Option("--reason", metavar="原因", help="例如 false_degree。")],
    allegation: Annotated[str, typer.Option("--allegation", metavar="情况", help="本人会看到。")],
    enrolment: Annotated[int | None, typer.Option("--enrolment", metavar="报名号")] = None,
    identity: Annotated[str | None, typer.Option("--identity", metavar="身份证号")] = None,
    name: Annotated[str | None, typer.Option("--name", metavar="姓名", help="与 --identity 一起写。")] = None,
    list_key: Annotated[str | None, typer.Option("--list", metavar="名单")] = None,
    papers: Annotated[str, typer.Option("--papers", metavar="依据", help="依据材料的名称和存放处。")] = "",
    files: Evidence = None,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """提出列入黑名单；本人会被告知，并有时间陈述。"""
    if (enrolment is None) == (identity is None or name is None):
        raise CommandError("请写 --enrolment 报名号，或者 --identity 身份证号 和 --name 姓名")
    charge = Charge(reason=reason, allegation=allegation, papers=papers, files=_contents(files))

    async def put() -> BlacklistDetail:
        async with desk(login) as at:
            service = BlacklistService(at.work)
            if enrolment is not None:
                enrolment_id = await ReviewService(at.work).find_by_number(at.actor, enrolment)
                return await service.propose(at.actor, enrolment_id, charge)
            key = list_key or await _only_list(at)
            return await service.propose_by_number(at.actor, key, identity or "", name or "", charge)

    done = run(put())
    until = (
        f"陈述期限到 {printing.shown(done.line.heard_until)}"
        if done.line.heard_until
        else "请书面告知本人并登记"
    )
    printing.done(done, f"已提出，编号 {done.line.number}。{until}。", as_json=as_json)


@group.command()
def serve(
    number: Entry,
    on: Annotated[datetime, typer.Option("--on", formats=["%Y-%m-%d"], metavar="日期")],
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """登记书面告知本人的日期。"""

    async def verb(at: Desk, entry_id: UUID) -> None:
        await BlacklistService(at.work).serve(at.actor, entry_id, on.date())

    _told(_with_entry(login, number, verb), as_json)


@group.command()
def statement(
    number: Entry,
    text: Annotated[str, typer.Option("--text", metavar="内容")] = "",
    files: Evidence = None,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """登记本人的书面陈述。"""

    async def verb(at: Desk, entry_id: UUID) -> None:
        await HearingService(at.work).take_paper(at.actor, entry_id, text, _contents(files))

    _told(_with_entry(login, number, verb), as_json)


@group.command()
def confirm(number: Entry, reason: Reason, login: Login = None, as_json: AsJson = False) -> None:
    """认定列入黑名单；不能是提出的人，并且要看过本人陈述（show）。"""

    async def verb(at: Desk, entry_id: UUID) -> None:
        await BlacklistService(at.work).confirm(at.actor, entry_id, reason)

    _told(_with_entry(login, number, verb), as_json)


@group.command()
def dismiss(number: Entry, reason: Reason, login: Login = None, as_json: AsJson = False) -> None:
    """决定不列入。"""

    async def verb(at: Desk, entry_id: UUID) -> None:
        await BlacklistService(at.work).dismiss(at.actor, entry_id, reason)

    _told(_with_entry(login, number, verb), as_json)


@group.command()
def lift(
    number: Entry,
    reason: Annotated[str | None, typer.Option("--reason", metavar="原因", help="提出解除。")] = None,
    agree: Annotated[bool, typer.Option("--confirm", help="同意别人提出的解除。")] = False,
    decline: Annotated[str | None, typer.Option("--decline", metavar="理由", help="不同意解除。")] = None,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """提出解除（--reason），或由另一人决定（--confirm、--decline）。"""
    if sum((reason is not None, agree, decline is not None)) != 1:
        raise CommandError("请在 --reason、--confirm、--decline 中写一个")

    async def verb(at: Desk, entry_id: UUID) -> None:
        service = BlacklistService(at.work)
        if reason is not None:
            await service.propose_lift(at.actor, entry_id, reason)
        elif decline is not None:
            await service.decline_lift(at.actor, entry_id, decline)
        else:
            await service.confirm_lift(at.actor, entry_id)

    _told(_with_entry(login, number, verb), as_json)


def _with_entry(
    login: str | None, number: int, verb: Callable[[Desk, UUID], Awaitable[None]]
) -> BlacklistDetail:
    """Do it to the entry of this number; the entry as it is then."""

    async def work() -> BlacklistDetail:
        async with desk(login) as at:
            service = BlacklistService(at.work)
            entry_id = await service.find_by_number(at.actor, number)
            await verb(at, entry_id)
            return await service.show(at.actor, entry_id)

    return run(work())


def _told(one: BlacklistDetail, as_json: bool) -> None:
    if as_json:
        printing.document(one)
        return
    lines: dict[str, object] = {
        "状态": one.line.state,
        "原因": f"{one.line.reason}。{one.allegation}",
        "提出": one.proposed_by,
        "陈述期限": one.line.heard_until,
        "期限": [one.line.starts_on, one.line.last_on] if one.line.starts_on else None,
        "决定": one.decided_by,
        "理由": one.decision_reason,
    }
    lines |= {f"陈述 {index}": item.text for index, item in enumerate(one.statements, start=1)}
    printing.card(f"黑名单 {one.line.number}　{one.line.name}　{one.identity_masked}", lines)


def _contents(files: list[Path] | None) -> tuple[tuple[str, bytes], ...]:
    return tuple((path.name, path.read_bytes()) for path in files or ())


async def _only_list(at: Desk) -> str:
    keys = [
        scheme.blacklist.list
        for scheme in await BlacklistService(at.work).lists(at.actor)
        if scheme.blacklist
    ]
    if len(keys) != 1:
        raise CommandError(
            f"本机构有 {len(keys)} 个共同使用的黑名单，请用 --list 写明"
            if keys
            else "本机构没有共同使用的黑名单"
        )
    return keys[0]
