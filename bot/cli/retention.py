"""`retention`: what has been kept long enough, deleted by two people (C11)."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

import typer

from bot.cli import printing
from bot.cli.environment import desk, run
from bot.cli.options import AsJson, Login, Page, Reason
from bot.cli.words import word
from services.models import Actor
from services.retention import RetentionDetail, RetentionPage, RetentionPerson, RetentionService

group = typer.Typer(help="保存期限：到期清单和删除。", no_args_is_help=True)

Report = Annotated[int, typer.Argument(metavar="编号", help="到期清单的编号，例如 1。")]


@group.command("list")
def list_(page: Page = 1, login: Login = None, as_json: AsJson = False) -> None:
    """列出到期清单，新的在前。"""

    async def read() -> RetentionPage:
        async with desk(login) as at:
            return await RetentionService(at.work).list_lines(at.actor, page=page)

    columns = {"编号": "number", "日期": "made_on", "报名": "people", "文件": "items", "状态": "state"}
    printing.listing(run(read()).items, columns, as_json=as_json, empty="没有到期的材料。")


@group.command()
def show(number: Report, login: Login = None, as_json: AsJson = False) -> None:
    """显示一份清单上的每个报名。"""

    async def read(service: RetentionService, actor: Actor, report_id: UUID) -> RetentionDetail:
        return await service.show(actor, report_id)

    found = _with_report(login, number, read)
    if as_json:
        printing.document(found)
        return
    columns: dict[str, str | Callable[[RetentionPerson], str]] = {
        "报名号": "number",
        "姓名": "name",
        "项目": "scheme",
        "期满": "due_on",
        "文件": lambda who: "、".join(f"{word(kind, 'kept')} {count}" for kind, count in who.files.items()),
        "可以删除": "due",
    }
    printing.listing(found.people, columns, as_json=False, empty="清单是空的。")
    for other in found.others:
        printing.say(
            f"{word(other.kind, 'kept')}　{other.label}　期满 {printing.shown(other.due_on)}"
            + ("" if other.due else "　仍须保存")
        )
    for kind, count in found.due_files.items():
        printing.say(f"{word(kind, 'kept')}：{count} 份")
    printing.say(f"现在可以删除的文件：{found.due_items} 份。")


@group.command()
def propose(number: Report, reason: Reason, login: Login = None, as_json: AsJson = False) -> None:
    """提出删除清单上的文件；由另一位管理员确认。"""

    async def act(service: RetentionService, actor: Actor, report_id: UUID) -> RetentionDetail:
        return await service.propose(actor, report_id, reason)

    found = _with_report(login, number, act)
    printing.done(
        found,
        f"已提出删除 {found.due_items} 份文件。另一位管理员核对后运行："
        f"zhengtu retention confirm {number} --files {found.due_items}",
        as_json=as_json,
    )


@group.command()
def confirm(
    number: Report,
    files: Annotated[
        int, typer.Option("--files", metavar="文件数", min=1, help="核对过的文件数，见 retention show。")
    ],
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """确认删除，不能恢复；不能由提出的人确认。"""

    async def act(service: RetentionService, actor: Actor, report_id: UUID) -> RetentionDetail:
        return await service.confirm(actor, report_id, files=files)

    found = _with_report(login, number, act)
    printing.done(found, f"已确认，{found.line.items} 份文件将在后台删除。", as_json=as_json)


@group.command()
def decline(number: Report, reason: Reason, login: Login = None, as_json: AsJson = False) -> None:
    """不删除，继续保存。"""

    async def act(service: RetentionService, actor: Actor, report_id: UUID) -> RetentionDetail:
        await service.decline(actor, report_id, reason)
        return await service.show(actor, report_id)

    printing.done(_with_report(login, number, act), "已决定继续保存。", as_json=as_json)


def _with_report(
    login: str | None,
    number: int,
    verb: Callable[[RetentionService, Actor, UUID], Awaitable[RetentionDetail]],
) -> RetentionDetail:
    async def carry_out() -> RetentionDetail:
        async with desk(login) as at:
            service = RetentionService(at.work)
            return await verb(service, at.actor, await service.find_by_number(at.actor, number))

    return run(carry_out())
