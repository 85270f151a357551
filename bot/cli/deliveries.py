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
from services.delivery.gates import CalledApi, GateService, OpenCircuit, RestingApi
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


@group.command()
def status(login: Login = None, as_json: AsJson = False) -> None:
    """发送的情况：暂停的公众号、到达上限的接口、今天的调用次数。"""

    async def read() -> tuple[tuple[OpenCircuit, ...], tuple[RestingApi, ...], tuple[CalledApi, ...]]:
        async with desk(login) as at:
            gates = GateService(at.work)
            return await gates.circuits(), await gates.rests(), await gates.calls_today()

    circuits, rests, calls = run(read())
    if as_json:
        printing.document({"circuits": circuits, "rests": rests, "calls": calls})
        return
    for circuit in circuits:
        printing.say(
            f"公众号 {circuit.account} 暂停发送：{circuit.errcode} {circuit.errmsg}；"
            f"{printing.shown(circuit.probe_at)} 自动再试"
        )
    for rest in rests:
        printing.say(
            f"公众号 {rest.account} 的{word(rest.api, 'channel')}到达上限（{rest.errcode}），"
            f"{printing.shown(rest.until)} 继续"
        )
    columns: dict[str, str | Callable[[CalledApi], str]] = {
        "公众号": "account",
        "接口": lambda one: word(one.api, "channel"),
        "今天的调用": "calls",
    }
    printing.listing(calls, columns, as_json=False, empty="今天还没有发送。")


@group.command()
def resume(
    account: Annotated[str, typer.Argument(metavar="公众号", help="例如 main。")],
    reason: Reason,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """公众号的设置改好后，立即恢复发送。"""

    async def act() -> None:
        async with desk(login) as at:
            await GateService(at.work).close_circuit(at.actor, account, reason)

    run(act())
    printing.done({"account": account, "closed": True}, "已恢复发送。", as_json=as_json)


def _done(
    login: str | None, verb: Callable[[UndecidedService, Actor], Awaitable[UndecidedMessage]]
) -> UndecidedMessage:
    async def act() -> UndecidedMessage:
        async with desk(login) as at:
            return await verb(UndecidedService(at.work), at.actor)

    return run(act())
