"""`cards`: who waits for a card, reporting, numbering, making, handing out, printing, and taking a qualification away."""

from collections.abc import Awaitable, Callable, Collection
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from bot.cli import printing, tables
from bot.cli.environment import Desk, desk, run
from bot.cli.options import AsJson, Login, Page, Reason
from bot.cli.problems import CommandError
from services.cards import (
    CancellationService,
    CancellationState,
    CancellationView,
    CardPage,
    CardRegister,
    CardService,
    CardState,
    CardView,
    CopyCause,
    CopyService,
    Passed,
)

group = typer.Typer(help="证卡。", no_args_is_help=True)

Numbers = Annotated[list[int], typer.Argument(metavar="报名号…", help="持卡人的报名号，可写多个。")]
One = Annotated[int, typer.Argument(metavar="报名号", help="持卡人的报名号。")]
Evidence = Annotated[str, typer.Option("--evidence", metavar="依据", help="文件名称和文号等。")]
FromFile = Annotated[Path | None, typer.Option("--file", metavar="文件", help="依据材料：照片或 PDF。")]
_COLUMNS = {
    "报名号": "enrolment_number",
    "卡号": "number",
    "姓名": "name",
    "项目": "scheme",
    "职业": "occupations",
    "有效期至": "valid_until",
    "状态": "state",
}


@group.command("list")
def list_(
    state: Annotated[CardState | None, typer.Option("--state")] = None,
    expired: Annotated[bool, typer.Option("--expired", help="只列过期的。")] = False,
    scheme: Annotated[str | None, typer.Option("--scheme", metavar="方案")] = None,
    query: Annotated[str, typer.Option("--query", metavar="文字", help="卡号或姓名的一部分。")] = "",
    page: Page = 1,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """列出本机构制作、编号或报名的证卡，新的在前。"""

    async def read() -> CardPage:
        async with desk(login) as at:
            return await CardRegister(at.work).list_lines(
                at.actor, state="expired" if expired else state, scheme_id=scheme, query=query, page=page
            )

    found = run(read())
    printing.listing(found.items, _COLUMNS, as_json=as_json, empty="没有符合条件的证卡。")
    if found.pages > 1 and not as_json:
        printing.say(f"第 {found.page}/{found.pages} 页，共 {found.total} 条。")


@group.command()
def waiting(
    scheme: Annotated[str | None, typer.Option("--scheme", metavar="方案")] = None,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """列出考核合格、还没有上报的人。"""

    async def read() -> tuple[Passed, ...]:
        async with desk(login) as at:
            return await CardService(at.work).waiting(at.actor, scheme_id=scheme)

    columns = {"报名号": "number", "姓名": "name", "项目": "scheme", "职业": "occupations", "问题": "problem"}
    printing.listing(run(read()), columns, as_json=as_json, empty="没有待上报的人。")


@group.command()
def report(numbers: Numbers, login: Login = None, as_json: AsJson = False) -> None:
    """上报考核合格的人，等待生成卡号。"""

    async def act() -> tuple[CardView, ...]:
        async with desk(login) as at:
            service = CardService(at.work)
            known = {one.number: one.enrolment_id for one in await service.waiting(at.actor)}
            if missing := [str(number) for number in numbers if number not in known]:
                raise CommandError(
                    f"报名号 {'、'.join(missing)} 不在待上报的人里，用 zhengtu cards waiting 查看"
                )
            return await service.report(at.actor, [known[number] for number in numbers])

    _done(run(act()), "已上报", as_json)


@group.command()
def number(numbers: Numbers, login: Login = None, as_json: AsJson = False) -> None:
    """生成卡号（由方案规定的机构，例如省职鉴中心），并通知本人。"""
    _step("number", numbers, "已生成卡号", login, as_json)


@group.command()
def make(numbers: Numbers, login: Login = None, as_json: AsJson = False) -> None:
    """登记证卡已制作，并通知本人。"""
    _step("make", numbers, "已登记制作", login, as_json)


@group.command("hand-out")
def hand_out(numbers: Numbers, login: Login = None, as_json: AsJson = False) -> None:
    """登记证卡已发放。"""
    _step("hand_out", numbers, "已登记发放", login, as_json)


@group.command("print")
def print_(
    file: Annotated[Path, typer.Argument(metavar="文件.pdf")],
    numbers: Numbers,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """把证卡排到 A4，每页 10 张；会记入操作日志。"""

    async def act() -> bytes:
        async with desk(login) as at:
            return await CardService(at.work).print_sheet(at.actor, await _ids(at, numbers))

    tables.written(file, run(act()))
    printing.done({"file": file, "cards": len(numbers)}, f"已写到 {file}。", as_json=as_json)


@group.command()
def cancel(
    number_: One,
    reason: Reason,
    evidence: Evidence,
    for_ever: Annotated[
        bool, typer.Option("--for-ever", help="提出永久取消，由另一位工作人员用 cards confirm 确认。")
    ] = False,
    file: FromFile = None,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """取消资格；证卡即时失效，不能恢复。"""
    content = file.read_bytes() if file is not None else None

    async def act() -> CancellationView:
        async with desk(login) as at:
            service = CancellationService(at.work)
            (card_id,) = await _ids(at, [number_])
            verb = service.propose_for_ever if for_ever else service.cancel
            return await verb(at.actor, card_id, reason, evidence, content)

    made = run(act())
    sentence = "已提出永久取消，等待另一位工作人员确认。" if for_ever else "资格已取消。"
    printing.done(made, f"报名号 {number_}：{sentence}", as_json=as_json)


@group.command("replace")
def replace_(
    number_: One,
    reason: Reason,
    cause: Annotated[
        CopyCause, typer.Option("--cause", help="lost 遗失、damaged 损坏、data_changed 姓名或证件号码变更。")
    ] = CopyCause.LOST,
    propose: Annotated[bool, typer.Option("--propose", help="只提出，由制卡机构办理。")] = False,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """补发或换发证卡：卡号不变，旧卡作废。"""

    async def act() -> CardView:
        async with desk(login) as at:
            service = CopyService(at.work)
            (card_id,) = await _ids(at, [number_])
            return await (service.propose if propose else service.issue)(at.actor, card_id, cause, reason)

    made = run(act())
    sentence = "已提出，等待制卡机构办理。" if propose else f"已补换第 {made.copy} 张，旧卡作废。"
    printing.done(made, f"报名号 {number_}：{sentence}", as_json=as_json)


@group.command()
def renew(number_: One, reason: Reason, login: Login = None, as_json: AsJson = False) -> None:
    """资格复核通过，延长证卡的有效期：卡号不变，旧卡作废。"""

    async def act() -> CardView:
        async with desk(login) as at:
            (card_id,) = await _ids(at, [number_])
            return await CopyService(at.work).renew(at.actor, card_id, reason)

    made = run(act())
    printing.done(made, f"报名号 {number_}：有效期延长至 {made.valid_until}。", as_json=as_json)


@group.command()
def confirm(number_: One, login: Login = None, as_json: AsJson = False) -> None:
    """确认永久取消（不能是提出的人）。"""
    made = run(_decide(number_, login, CancellationState.PROPOSED, "confirm"))
    printing.done(made, f"报名号 {number_}：已永久取消。", as_json=as_json)


@group.command()
def decline(number_: One, reason: Reason, login: Login = None, as_json: AsJson = False) -> None:
    """否决永久取消的提议。"""
    made = run(_decide(number_, login, CancellationState.PROPOSED, "decline", reason))
    printing.done(made, f"报名号 {number_}：已否决，证卡不受影响。", as_json=as_json)


@group.command()
def lift(number_: One, reason: Reason, login: Login = None, as_json: AsJson = False) -> None:
    """撤回永久取消（异议成立）；原证卡不恢复，本人可以重新申报。"""
    made = run(_decide(number_, login, CancellationState.CONFIRMED, "lift", reason))
    printing.done(made, f"报名号 {number_}：已撤回。", as_json=as_json)


async def _decide(
    number: int, login: str | None, state: CancellationState, verb: str, *reason: str
) -> CancellationView:
    async with desk(login) as at:
        service = CancellationService(at.work)
        (card_id,) = await _ids(at, [number])
        entries = await service.list_of(at.actor, card_id)
        entry = next((one for one in entries if one.for_ever and one.state is state), None)
        if entry is None:
            raise CommandError(f"报名号 {number} 没有{'待确认' if state == 'proposed' else '生效'}的永久取消")
        act: Callable[..., Awaitable[CancellationView]] = getattr(service, verb)
        return await act(at.actor, entry.id, *reason)


def _step(verb: str, numbers: list[int], sentence: str, login: str | None, as_json: bool) -> None:
    async def act() -> tuple[CardView, ...]:
        async with desk(login) as at:
            service: Any = CardService(at.work)
            moved: tuple[CardView, ...] = await getattr(service, verb)(at.actor, await _ids(at, numbers))
            return moved

    _done(run(act()), sentence, as_json)


def _done(cards: tuple[CardView, ...], sentence: str, as_json: bool) -> None:
    if as_json:
        printing.document(cards)
        return
    for card in cards:
        printing.say(f"{sentence}：{card.name}（报名号 {card.enrolment_number}）{card.number}".rstrip())


async def _ids(at: Desk, numbers: Collection[int]) -> list[UUID]:
    """The cards of these enrolments, as far as the actor may see them. Raises CommandError."""
    found = await CardRegister(at.work).ids_of_numbers(at.actor, numbers)
    if missing := [str(number) for number in numbers if number not in found]:
        raise CommandError(f"没有报名号 {'、'.join(missing)} 的证卡，或者它不由这个账号所在的机构办理")
    return list(found.values())
