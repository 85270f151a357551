"""`deliveries`: messages that staff decide about, with the verbs of the console."""

from collections.abc import Awaitable, Callable
from typing import Annotated
from uuid import UUID

import typer

from bot.cli import printing
from bot.cli.environment import desk, run
from bot.cli.options import AsJson, Login, Page, Reason
from bot.cli.words import word
from services.delivery.deciding import UndecidedMessage, UndecidedPage, UndecidedService
from services.models import Actor

group = typer.Typer(help="要核实的消息：结果不明的，和多次没有发成的。", no_args_is_help=True)

Message = Annotated[UUID, typer.Argument(metavar="编号", help="deliveries list 里的编号。")]


@group.command("list")
def list_(page: Page = 1, login: Login = None, as_json: AsJson = False) -> None:
    """列出等人决定的消息，等得最久的在前。"""

    async def read() -> UndecidedPage:
        async with desk(login) as at:
            return await UndecidedService(at.work).list_lines(at.actor, page=page)

    columns: dict[str, str | Callable[[UndecidedMessage], str]] = {
        "编号": "id",
        "报名号": "enrolment_number",
        "通知": lambda one: word(one.notice, "notice"),
        "情况": lambda one: word(one.state, "delivery"),
        "方式": lambda one: word(one.channel, "channel"),
        "发出时间": "first_sent_at",
        "次数": "tries",
        "微信的说明": lambda one: f"{one.errcode or ''} {one.errmsg}".strip(),
    }
    printing.listing(run(read()).items, columns, as_json=as_json, empty="没有要核实的消息。")


@group.command()
def send_again(message: Message, reason: Reason, login: Login = None, as_json: AsJson = False) -> None:
    """作为新消息再发一次；原来那条如果送到了，本人会看到两条。"""

    async def verb(service: UndecidedService, actor: Actor) -> UndecidedMessage:
        return await service.send_again(actor, message, reason)

    printing.done(_done(login, verb), "已作为新消息排队发送。", as_json=as_json)


@group.command()
def set_aside(message: Message, reason: Reason, login: Login = None, as_json: AsJson = False) -> None:
    """不再发送，写明原因。"""

    async def verb(service: UndecidedService, actor: Actor) -> UndecidedMessage:
        return await service.set_aside(actor, message, reason)

    printing.done(_done(login, verb), "已记录，这条消息不再发送。", as_json=as_json)


def _done(
    login: str | None, verb: Callable[[UndecidedService, Actor], Awaitable[UndecidedMessage]]
) -> UndecidedMessage:
    async def act() -> UndecidedMessage:
        async with desk(login) as at:
            return await verb(UndecidedService(at.work), at.actor)

    return run(act())
