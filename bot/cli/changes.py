"""`changes`: requests to change somebody's data after the review (E8)."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from bot.cli import printing
from bot.cli.environment import desk, run
from bot.cli.options import AsJson, EnrolmentNumber, Login, Page, Reason
from services.changes import ChangeDesk, ChangeDetail, ChangeLine, ChangePage
from services.models import ChangeState

group = typer.Typer(help="资料变更。", no_args_is_help=True)

Number = Annotated[int, typer.Argument(metavar="变更号", help="例如 1001。")]


@group.command("list")
def list_(
    every: Annotated[bool, typer.Option("--all", help="不只是等待本机构处理的。")] = False,
    state: Annotated[ChangeState | None, typer.Option("--state", help="与 --all 一起写。")] = None,
    page: Page = 1,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """列出等待本机构处理的，等得最久的在前。"""

    async def read() -> ChangePage:
        async with desk(login) as at:
            return await ChangeDesk(at.work).queue(at.actor, waiting=not every, state=state, page=page)

    columns = {
        "变更号": "number",
        "姓名": "name",
        "项目": "scheme",
        "变更": "field",
        "现在": "old",
        "改为": "new",
        "状态": "state",
        "环节": "stage",
    }
    printing.listing(run(read()).items, columns, as_json=as_json, empty="没有变更。")


@group.command()
def show(number: Number, login: Login = None, as_json: AsJson = False) -> None:
    """显示一件变更；会记入操作日志。"""

    async def read() -> ChangeDetail:
        async with desk(login) as at:
            service = ChangeDesk(at.work)
            return await service.show(at.actor, await service.find_by_number(at.actor, number))

    one = run(read())
    if as_json:
        printing.document(one)
        return
    lines: dict[str, object] = {
        "状态": one.line.state,
        one.line.field: f"{one.line.old or '（空）'} → {one.line.new}",
        "原因": one.reason,
        "提出": one.filed_by or "本人",
        "证明": f"{len(one.proofs)} 个",
    }
    lines |= {f"{step.label}（{step.organisation}）": step.reason or step.decision for step in one.steps}
    printing.card(f"变更 {one.line.number}　{one.line.name}", lines)


@group.command("file")
def file_(
    number: EnrolmentNumber,
    field: Annotated[str, typer.Option("--field", metavar="项目", help="编号，例如 name。")],
    value: Annotated[str, typer.Option("--value", metavar="新内容")],
    reason: Reason,
    proof: Annotated[list[Path], typer.Option("--proof", metavar="文件", help="照片或 PDF，可写多个。")],
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """代人申请变更；由另一位工作人员审核。"""
    files = tuple((path.name, path.read_bytes()) for path in proof)

    async def put() -> ChangeLine:
        async with desk(login) as at:
            service = ChangeDesk(at.work)
            enrolment_id = await service.find_enrolment(at.actor, number)
            return await service.file_for(at.actor, enrolment_id, field, value, reason=reason, files=files)

    _told(run(put()), as_json)


@group.command()
def approve(
    number: Number,
    note: Annotated[str, typer.Option("--note", metavar="意见")] = "",
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """同意：转下一个环节，最后一个环节同意后资料变更。"""

    async def decide() -> ChangeLine:
        async with desk(login) as at:
            service = ChangeDesk(at.work)
            found: UUID = await service.find_by_number(at.actor, number)
            return await service.approve(at.actor, found, note)

    _told(run(decide()), as_json)


@group.command()
def refuse(number: Number, reason: Reason, login: Login = None, as_json: AsJson = False) -> None:
    """不同意，本人会看到原因。"""

    async def decide() -> ChangeLine:
        async with desk(login) as at:
            service = ChangeDesk(at.work)
            return await service.refuse(at.actor, await service.find_by_number(at.actor, number), reason)

    _told(run(decide()), as_json)


def _told(line: ChangeLine, as_json: bool) -> None:
    stage = f"，{line.stage}" if line.stage else ""
    sentence = f"变更 {line.number}（{line.name}，{line.field}）：{printing.shown(line.state)}{stage}。"
    printing.done(line, sentence, as_json=as_json)
