"""`organisations`: the tree of organisations, which the review finds its way by."""

from typing import Annotated
from uuid import UUID

import typer

from bot.cli import printing
from bot.cli.environment import load_settings, opened, run
from bot.cli.options import AsJson
from bot.cli.words import label
from services.models import Actor
from services.organisations import OrganisationKind, OrganisationNode, OrganisationTree, planting

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
    printing.card(found.name, lines | {"状态": found.status})


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


async def _id(tree: OrganisationTree, name: str | None) -> UUID | None:
    return (await tree.find_by_name(_SYSTEM, name)).id if name is not None else None
