"""`lists`: the lists of people that a scheme hands on (附件3, 附件5), looked at and exported."""

from pathlib import Path
from typing import Annotated

import typer

from bot.cli import printing, tables
from bot.cli.environment import desk, run
from bot.cli.options import AsJson, Login
from bot.cli.problems import CommandError
from services.enrolments.review import WAITING
from services.models import EnrolmentState
from services.rosters import Refused, RosterFile, RosterPreview, RosterService, Wanted
from services.study.classes import ClassService

group = typer.Typer(help="名单（附件3、附件5）。", no_args_is_help=True)

SchemeId = Annotated[str, typer.Option("--scheme", metavar="方案")]
ListKey = Annotated[str, typer.Option("--list", metavar="名单", help="例如 annex3。")]
States = Annotated[
    list[EnrolmentState] | None, typer.Option("--state", help="状态，可写多个；默认只列待审核的。")
]
Query = Annotated[str, typer.Option("--query", metavar="文字", help="姓名的一部分，或报名号的开头。")]
ClassCode = Annotated[str | None, typer.Option("--class", metavar="班号")]


@group.command()
def check(
    scheme: SchemeId,
    list_key: ListKey,
    state: States = None,
    query: Query = "",
    course: ClassCode = None,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """看一看：完整的有几行，不能进入名单的是谁、缺什么。"""

    async def read() -> RosterPreview:
        async with desk(login) as at:
            class_id = (await ClassService(at.work).find_by_code(at.actor, course)).id if course else None
            wanted = Wanted(
                scheme_id=scheme, list_key=list_key, states=_states(state), query=query, class_id=class_id
            )
            return await RosterService(at.work).preview(at.actor, wanted)

    found = run(read())
    if as_json:
        printing.document({"complete": found.complete, "refused": found.refused, "seen": found.seen})
        return
    printing.say(f"{found.roster.title}：完整 {found.complete} 行，不能进入名单 {len(found.refused)} 行。")
    for one in found.refused:
        printing.say(f"  {_told(one)}")


@group.command()
def export(
    file: Annotated[Path, typer.Argument(metavar="文件.xlsx")],
    scheme: SchemeId,
    list_key: ListKey,
    state: States = None,
    query: Query = "",
    course: ClassCode = None,
    complete_only: Annotated[
        bool, typer.Option("--complete-only", help="有不完整的行时，列出它们，只导出完整的行。")
    ] = False,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """导出名单；会记入操作日志。有一行缺必填项时先列出来，什么也不写。"""

    async def make() -> tuple[RosterPreview, RosterFile | None]:
        async with desk(login) as at:
            class_id = (await ClassService(at.work).find_by_code(at.actor, course)).id if course else None
            wanted = Wanted(
                scheme_id=scheme, list_key=list_key, states=_states(state), query=query, class_id=class_id
            )
            service = RosterService(at.work)
            found = await service.preview(at.actor, wanted)
            if found.refused and not complete_only:
                return found, None
            return found, await service.export(at.actor, wanted, seen=found.seen)

    found, made = run(make())
    if made is None:
        raise CommandError(
            "\n".join(
                [
                    f"{len(found.refused)} 行不能进入名单，没有导出。补正后再导出，"
                    f"或用 --complete-only 只导出完整的 {found.complete} 行：",
                    *(f"  {_told(one)}" for one in found.refused),
                ]
            )
        )
    tables.written(file, made.content)
    document = {"file": file, "rows": made.rows, "left_out": made.left_out, "refused": found.refused}
    left_out = f"，另有 {made.left_out} 行不完整，没有导出" if made.left_out else ""
    printing.done(document, f"已写到 {file}：{made.rows} 行{left_out}。", as_json=as_json)


def _states(given: list[EnrolmentState] | None) -> frozenset[str]:
    return frozenset(item.value for item in given or ()) or WAITING


def _told(one: Refused) -> str:
    lacking = "、".join(
        lack.column + (f"（“{lack.value}”不是规定的写法）" if lack.kind == "not_allowed" else "")
        for lack in one.lacks
    )
    return f"报名号 {one.number} {one.name}：{lacking}"
