"""`appeals`: objections to results, the pack, the one paper marked again, the decision (B7)."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from bot.cli import printing, tables
from bot.cli.environment import Desk, desk, run
from bot.cli.options import AsJson, Login, Page, Reason
from services.appeals import AppealDesk, NamedCertificateService, decide, packs
from services.appeals.models import AppealDetail, AppealPage, Pack
from services.rules.localtime import local_day
from storage.appeal_states import AppealOutcome, AppealState
from storage.repositories.appeals import OPEN
from storage.repositories.certificates import CertificateRepository

group = typer.Typer(help="成绩申诉。", no_args_is_help=True)

Number = Annotated[int, typer.Argument(metavar="申诉号", help="例如 1001。")]


@group.command("list")
def list_(
    state: Annotated[AppealState | None, typer.Option("--state", help="不写：办理中的。")] = None,
    page: Page = 1,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """列出成绩申诉，期限近的在前。"""

    async def read() -> AppealPage:
        async with desk(login) as at:
            states = (state,) if state is not None else OPEN
            return await AppealDesk(at.work).queue(at.actor, states=states, page=page)

    columns = {
        "申诉号": "number",
        "姓名": "name",
        "项目": "scheme",
        "场次": "sitting",
        "成绩": "grade",
        "期限": "due_on",
        "状态": "state",
        "结论": "outcome",
    }
    printing.listing(run(read()).items, columns, as_json=as_json, empty="没有申诉。")


@group.command()
def show(number: Number, login: Login = None, as_json: AsJson = False) -> None:
    """显示一件申诉：异议、材料、复核和结论；看过会记下来。"""

    async def read(at: Desk, appeal_id: UUID) -> None:
        """Nothing more."""

    _told(_with_appeal(login, number, read), as_json)


@group.command()
def pack(
    number: Number,
    file: Annotated[Path, typer.Argument(metavar="文件.pdf", help="写到这个文件。")],
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """生成申诉材料（PDF）：原始成绩、基准数据、代入数字的计算过程。"""

    async def read() -> tuple[Pack, bytes]:
        async with desk(login) as at:
            service = AppealDesk(at.work)
            found = await service.pack(at.actor, await service.find_by_number(at.actor, number))
            today = local_day(at.work.now)
        return found, await asyncio.to_thread(packs.rendered, found, printed_on=today)

    found, content = run(read())
    tables.written(file, content)
    printing.done({"file": file, "pack": found}, f"已写到 {file}。", as_json=as_json)


@group.command()
def disclose(number: Number, login: Login = None, as_json: AsJson = False) -> None:
    """把材料提供给本人：发一个只能本人打开的链接。"""

    async def verb(at: Desk, appeal_id: UUID) -> None:
        await AppealDesk(at.work).disclose(at.actor, appeal_id)

    _told(_with_appeal(login, number, verb), as_json)


@group.command()
def answer(
    number: Number,
    text: Annotated[str, typer.Option("--text", metavar="答复", help="发给本人。")],
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """答复本人的疑问。"""

    async def verb(at: Desk, appeal_id: UUID) -> None:
        await AppealDesk(at.work).answer(at.actor, appeal_id, text)

    _told(_with_appeal(login, number, verb), as_json)


@group.command()
def remark(
    number: Number,
    score: Annotated[str, typer.Option("--score", metavar="得分")],
    note: Annotated[str, typer.Option("--note", metavar="说明")],
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """录入这一份答卷的复核得分；按锁定的基准评定，成绩要等结论才变。"""

    async def verb(at: Desk, appeal_id: UUID) -> None:
        await AppealDesk(at.work).remark(at.actor, appeal_id, score, note)

    _told(_with_appeal(login, number, verb), as_json)


@group.command("decide")
def decide_(
    number: Number,
    outcome: Annotated[AppealOutcome, typer.Argument(metavar="结论")],
    reason: Reason,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """作出结论：upheld 维持，changed 更正，rejected 不予受理。"""

    async def verb(at: Desk, appeal_id: UUID) -> None:
        await decide(at.work, at.actor, appeal_id, outcome, reason)

    _told(_with_appeal(login, number, verb), as_json)


@group.command()
def certificate(
    certificate_number: Annotated[str, typer.Argument(metavar="证书编号")],
    reason: Reason,
    keep: Annotated[bool, typer.Option("--keep/--revoke", help="保留，或撤销。")],
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """决定复核后不再合格的人的证书。"""

    async def settle() -> None:
        async with desk(login) as at:
            found = await CertificateRepository(at.work.session).find_public(number=certificate_number)
            service = NamedCertificateService(at.work)
            certificate_id = found.certificate.id if found is not None else UUID(int=0)
            if keep:
                await service.keep(at.actor, certificate_id, reason)
            else:
                await service.revoke(at.actor, certificate_id, reason)

    run(settle())
    done = {"number": certificate_number, "state": "kept" if keep else "revoked"}
    printing.done(done, f"证书 {certificate_number}：{'保留' if keep else '已撤销'}。", as_json=as_json)


def _with_appeal(
    login: str | None, number: int, verb: Callable[[Desk, UUID], Awaitable[None]]
) -> AppealDetail:
    """Do it to the appeal of this number; the appeal as it is then."""

    async def work() -> AppealDetail:
        async with desk(login) as at:
            service = AppealDesk(at.work)
            appeal_id = await service.find_by_number(at.actor, number)
            await verb(at, appeal_id)
            return await service.show(at.actor, appeal_id)

    return run(work())


def _told(one: AppealDetail, as_json: bool) -> None:
    if as_json:
        printing.document(one)
        return
    pack, lines = one.pack, dict[str, object]()
    lines["状态"] = one.line.state
    lines["期限"] = one.line.due_on
    lines |= {
        f"{'本人' if note.by_applicant else note.name} {index}": note.text
        for index, note in enumerate(one.notes, start=1)
    }
    lines["原始成绩"] = f"{printing.shown(pack.score)} / {printing.shown(pack.full)}，{pack.grade}"
    lines |= {step.label: step.text for step in pack.steps}
    if pack.frozen is not None:
        lines["锁定校验值"] = pack.frozen.sha256
    if one.remark is not None:
        lines["复核"] = (
            f"{printing.shown(one.remark.score)}，{one.remark.grade}（{one.remark.by}：{one.remark.note}）"
        )
    if one.line.outcome is not None:
        lines["结论"] = one.line.outcome
        lines["理由"] = f"{one.decision_reason}（{one.decided_by}）"
    if one.named is not None:
        lines["证书"] = [one.named.number, one.named.state]
    printing.card(f"申诉 {one.line.number}　{one.line.name}　{one.line.scheme} {one.line.sitting}", lines)
