"""`organisations`: the tree of organisations, which the review finds its way by."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated
from uuid import UUID

import typer

from bot.cli import printing
from bot.cli.environment import actor_called, load_settings, opened, run
from bot.cli.options import AsJson, Login, Reason
from bot.cli.problems import CommandError
from bot.cli.words import label
from services.models import Actor
from services.organisations import OrganisationKind, OrganisationNode, OrganisationTree, planting
from services.organisations.handing_over import HandingOverService, UnderWay
from services.organisations.standing import StandingService
from services.unit_of_work import Work

group = typer.Typer(help="机构和它们的上下级关系。", no_args_is_help=True)

_SYSTEM = Actor.system("command line")

Name = Annotated[str, typer.Argument(metavar="机构", help="机构全称。")]
Parent = Annotated[
    str | None, typer.Option("--parent", metavar="机构", help="上级机构的全称；最上级的不写。")
]
LocatedIn = Annotated[
    str | None,
    typer.Option("--located-in", metavar="机构", help="省属评价机构所在的市（州）职鉴中心。"),
]


@group.command()
def add(
    name: Name,
    kind: Annotated[OrganisationKind, typer.Option("--kind", help="类别。")],
    parent: Parent = None,
    located_in: LocatedIn = None,
    as_json: AsJson = False,
) -> None:
    """添加一个机构。"""

    async def add_it() -> OrganisationNode:
        async with opened(load_settings()) as running, running.tools.unit_of_work() as work:
            tree = OrganisationTree(work)
            return await tree.add(
                _SYSTEM,
                name=name,
                kind=kind,
                parent_id=await _id(tree, parent),
                located_in_id=await _id(tree, located_in),
            )

    made = run(add_it())
    under = f"，上级 {made.parent}" if made.parent else ""
    printing.done(made, f"已添加 {made.name}（{label(made.kind)}{under}）。", as_json=as_json)


@group.command("list")
def list_(
    kind: Annotated[OrganisationKind | None, typer.Option("--kind", help="只列这一类别。")] = None,
    as_json: AsJson = False,
) -> None:
    """列出机构，下级排在上级之后。"""

    async def read() -> tuple[OrganisationNode, ...]:
        async with opened(load_settings()) as running, running.tools.unit_of_work() as work:
            return await OrganisationTree(work).list_(_SYSTEM, kind=kind)

    printing.listing(
        run(read()),
        {
            "机构": lambda node: "　" * node.depth + node.name,
            "类别": "kind",
            "所在": "located_in",
            "账号": "staff",
            "状态": "status",
        },
        as_json=as_json,
        empty="还没有机构。用 zhengtu organisations add 添加。",
    )


@group.command()
def show(name: Name, as_json: AsJson = False) -> None:
    """显示一个机构。"""

    async def read() -> OrganisationNode:
        async with opened(load_settings()) as running, running.tools.unit_of_work() as work:
            return await OrganisationTree(work).find_by_name(_SYSTEM, name)

    found = run(read())
    if as_json:
        printing.document(found)
        return
    lines = {"类别": found.kind, "上级": found.parent, "所在": found.located_in, "账号": found.staff}
    printing.card(found.name, lines | {"状态": found.status, "原因": found.status_reason})


@group.command()
def rename(
    name: Name, new: Annotated[str, typer.Argument(metavar="新名称")], as_json: AsJson = False
) -> None:
    """修改机构名称；已经签发的证书不变。"""

    async def change() -> OrganisationNode:
        async with opened(load_settings()) as running, running.tools.unit_of_work() as work:
            tree = OrganisationTree(work)
            node = await tree.find_by_name(_SYSTEM, name)
            await tree.rename(_SYSTEM, node.id, new)
            return await tree.show(_SYSTEM, node.id)

    done = run(change())
    printing.done(done, f"{name} 已改名为 {done.name}。", as_json=as_json)


@group.command()
def move(name: Name, parent: Parent = None, located_in: LocatedIn = None, as_json: AsJson = False) -> None:
    """修改机构的上级，它的下级一起移动。"""

    async def change() -> OrganisationNode:
        async with opened(load_settings()) as running, running.tools.unit_of_work() as work:
            tree = OrganisationTree(work)
            node = await tree.find_by_name(_SYSTEM, name)
            await tree.move(
                _SYSTEM, node.id, await _id(tree, parent), located_in_id=await _id(tree, located_in)
            )
            return await tree.show(_SYSTEM, node.id)

    done = run(change())
    printing.done(done, f"{name} 的上级现在是 {done.parent or '（最上级）'}。", as_json=as_json)


@group.command()
def suspend(name: Name, reason: Reason, login: Login = None, as_json: AsJson = False) -> None:
    """暂停一个机构：不能通过它报名，也不能审核通过；在办的人会收到通知。"""
    done = run(_change(name, login, lambda at, one: at.suspend(*one, reason)))
    printing.done(done, f"{name} 已暂停。", as_json=as_json)


@group.command()
def resume(name: Name, reason: Reason, login: Login = None, as_json: AsJson = False) -> None:
    """恢复一个暂停的机构。"""
    done = run(_change(name, login, lambda at, one: at.resume(*one, reason)))
    printing.done(done, f"{name} 已恢复。", as_json=as_json)


@group.command()
def end(
    name: Name,
    reason: Annotated[str, typer.Option("--reason", metavar="原因", help="提议或否决的原因。")] = "",
    confirm: Annotated[bool, typer.Option("--confirm", help="确认别人的提议；生效后不能恢复。")] = False,
    decline: Annotated[bool, typer.Option("--decline", help="否决别人的提议。")] = False,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """提议终止一个机构；由另一个人加 --confirm 确认后生效。"""
    if confirm and decline:
        raise CommandError("--confirm 和 --decline 只能写一个")
    if confirm:
        done = run(_change(name, login, lambda at, one: at.confirm_end(*one)))
        sentence = "已终止，工作人员账号已全部退出。"
    elif decline:
        done = run(_change(name, login, lambda at, one: at.decline_end(*one, reason)))
        sentence = "的终止提议已否决。"
    else:
        done = run(_change(name, login, lambda at, one: at.propose_end(*one, reason)))
        sentence = "已提议终止，等待另一个人确认。"
    printing.done(done, f"{name} {sentence}", as_json=as_json)


@group.command("under-way")
def under_way(name: Name, login: Login = None, as_json: AsJson = False) -> None:
    """列出在一个机构在办的报名。"""

    async def read() -> tuple[UnderWay, ...]:
        async with _acting(login) as (work, who):
            node = await OrganisationTree(work).find_by_name(who, name)
            return await HandingOverService(work).under_way(who, node.id)

    columns = {
        "报名号": "number",
        "姓名": "name_masked",
        "项目": "scheme",
        "状态": "state",
        "等它审核": "waits",
    }
    printing.listing(run(read()), columns, as_json=as_json, empty="没有在办的报名。")


@group.command("hand-over")
def hand_over(
    name: Name,
    numbers: Annotated[list[int], typer.Argument(metavar="报名号…", help="可写多个。")],
    reason: Reason,
    to: Annotated[
        str | None, typer.Option("--to", metavar="机构", help="接收单位；不写则退回，由本人改选。")
    ] = None,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """把在一个暂停或终止的机构在办的报名移交给另一个，或退回给本人。"""

    async def act() -> int:
        async with _acting(login) as (work, who):
            tree, people = OrganisationTree(work), HandingOverService(work)
            node = await tree.find_by_name(who, name)
            known = {one.number: one.enrolment_id for one in await people.under_way(who, node.id)}
            if missing := [str(one) for one in numbers if one not in known]:
                raise CommandError(f"报名号 {'、'.join(missing)} 不在 {name} 办理")
            chosen = [known[one] for one in numbers]
            if to is None:
                return await people.send_back(who, node.id, chosen, reason)
            target = await tree.find_by_name(who, to)
            return await people.hand_over(who, node.id, chosen, target.id, reason)

    count = run(act())
    sentence = f"已移交 {count} 份给 {to}。" if to else f"已退回 {count} 份，由本人改选。"
    printing.done({"count": count}, sentence, as_json=as_json)


@group.command()
def plant(
    tree: Annotated[str, typer.Argument(metavar="树", help="sichuan、cqc、metrology，或一个 TOML 文件。")],
    as_json: AsJson = False,
) -> None:
    """一次添加一批机构；已有的保持不变。"""
    seedlings = planting.read(tree)

    async def add_them() -> planting.Planted:
        async with opened(load_settings()) as running, running.tools.unit_of_work() as work:
            return await planting.plant(work, _SYSTEM, seedlings)

    done = run(add_them())
    printing.done(done, f"新增 {done.added} 个机构，已有 {done.there} 个。", as_json=as_json)


@asynccontextmanager
async def _acting(login: str | None) -> AsyncIterator[tuple[Work, Actor]]:
    """A unit of work of the staff member called `login`; None: of the command line itself."""
    async with opened(load_settings()) as running, running.tools.unit_of_work() as work:
        yield work, _SYSTEM if login is None else await actor_called(work, login)


async def _change(
    name: str,
    login: str | None,
    act: Callable[[StandingService, tuple[Actor, UUID]], Awaitable[object]],
) -> OrganisationNode:
    async with _acting(login) as (work, who):
        tree = OrganisationTree(work)
        node = await tree.find_by_name(who, name)
        await act(StandingService(work), (who, node.id))
        return await tree.show(who, node.id)


async def _id(tree: OrganisationTree, name: str | None) -> UUID | None:
    return (await tree.find_by_name(_SYSTEM, name)).id if name is not None else None
