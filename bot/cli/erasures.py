"""`erasures`: requests to delete one's own data, with the verbs of the console (C11)."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

import typer

from bot.cli import printing
from bot.cli.environment import desk, run
from bot.cli.options import AsJson, Login, Page, Reason
from bot.cli.words import word
from services.erasure import ErasureDetail, ErasurePage, ErasurePart, ErasureService
from services.models import Actor
from services.notices.erasure_texts import duties, until

group = typer.Typer(help="考生要求删除自己的数据。", no_args_is_help=True)

Request = Annotated[int, typer.Argument(metavar="编号", help="删除申请的编号，例如 1。")]


@group.command("list")
def list_(
    every: Annotated[bool, typer.Option("--all", help="也列出已办结的。")] = False,
    page: Page = 1,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """列出删除申请，要办理的在前。"""

    async def read() -> ErasurePage:
        async with desk(login) as at:
            return await ErasureService(at.work).list_lines(at.actor, open_only=not every, page=page)

    columns = {"编号": "number", "申请时间": "asked_at", "报名": "enrolments", "状态": "state"}
    printing.listing(run(read()).items, columns, as_json=as_json, empty="没有要办理的删除申请。")


@group.command()
def show(number: Request, login: Login = None, as_json: AsJson = False) -> None:
    """显示一件申请：哪些要删除，哪些必须保存，为什么，到什么时候。"""

    async def read(service: ErasureService, actor: Actor, request_id: UUID) -> ErasureDetail:
        return await service.show(actor, request_id)

    found = _with_request(login, number, read)
    if as_json:
        printing.document(found)
        return
    columns: dict[str, str | Callable[[ErasurePart], str]] = {
        "报名号": "number",
        "姓名": "name",
        "项目": "scheme",
        "怎么办": lambda part: "已删除" if part.erased_at else word(part.fate, "fate"),
        "理由": lambda part: duties(part.duties, years=part.years, basis=part.basis),
        "期限": lambda part: until(part.kept_until) if part.duties else "",
        "照片": "files",
    }
    printing.listing(found.parts, columns, as_json=False, empty="没有涉及的报名。")
    printing.say(f"现在可以删除的：{found.to_erase} 份报名，{found.files} 张照片。")


@group.command()
def propose(number: Request, reason: Reason, login: Login = None, as_json: AsJson = False) -> None:
    """提出删除没有理由保存的；由另一位管理员确认。"""

    async def act(service: ErasureService, actor: Actor, request_id: UUID) -> ErasureDetail:
        return await service.propose(actor, request_id, reason)

    found = _with_request(login, number, act)
    printing.done(
        found,
        f"已提出删除 {found.to_erase} 份报名的内容和 {found.files} 张照片。另一位管理员核对后运行："
        f"zhengtu erasures confirm {number} --files {found.files}",
        as_json=as_json,
    )


@group.command()
def confirm(
    number: Request,
    files: Annotated[
        int, typer.Option("--files", metavar="照片数", min=0, help="核对过的照片数，见 erasures show。")
    ],
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """确认删除，不能恢复；不能由提出的人确认。"""

    async def act(service: ErasureService, actor: Actor, request_id: UUID) -> ErasureDetail:
        return await service.confirm(actor, request_id, files=files)

    found = _with_request(login, number, act)
    printing.done(found, "已确认，将在后台删除，本人会收到结果。", as_json=as_json)


@group.command()
def close(number: Request, login: Login = None, as_json: AsJson = False) -> None:
    """办结：全部必须保存、没有要删除的；本人会收到说明。"""

    async def act(service: ErasureService, actor: Actor, request_id: UUID) -> ErasureDetail:
        return await service.close(actor, request_id)

    printing.done(_with_request(login, number, act), "已办结，本人会收到说明。", as_json=as_json)


@group.command()
def refuse(number: Request, reason: Reason, login: Login = None, as_json: AsJson = False) -> None:
    """不同意删除，资料照常使用；本人会看到原因。"""

    async def act(service: ErasureService, actor: Actor, request_id: UUID) -> ErasureDetail:
        return await service.refuse(actor, request_id, reason)

    printing.done(_with_request(login, number, act), "已决定不同意，本人会看到原因。", as_json=as_json)


def _with_request(
    login: str | None,
    number: int,
    verb: Callable[[ErasureService, Actor, UUID], Awaitable[ErasureDetail]],
) -> ErasureDetail:
    async def carry_out() -> ErasureDetail:
        async with desk(login) as at:
            service = ErasureService(at.work)
            return await verb(service, at.actor, await service.find_by_number(at.actor, number))

    return run(carry_out())
