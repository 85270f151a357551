"""`certificates`: issuing, finding, changing and exporting them."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from bot.cli import printing, tables
from bot.cli.environment import Desk, desk, run
from bot.cli.options import AsJson, Login, Page, Reason
from bot.cli.problems import CommandError
from bot.cli.words import label
from services.certificates import (
    CertificatePage,
    CertificateService,
    CertificateView,
    UnmadePaper,
    UnmadePaperService,
)
from services.enrolments.review import ReviewService
from services.exams.sittings import SittingService
from services.models import CertificateState

group = typer.Typer(help="证书。", no_args_is_help=True)

Number = Annotated[str, typer.Argument(metavar="证书编号")]


@group.command()
def issue(
    number: Annotated[int | None, typer.Argument(metavar="[报名号]", help="给这个报名签发。")] = None,
    sitting: Annotated[
        str | None, typer.Option("--sitting", metavar="场次", help="给这一场通过的人签发。")
    ] = None,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """签发证书：成绩已公布且通过的。"""
    if (number is None) == (sitting is None):
        raise CommandError("请写一个报名号，或用 --sitting 写一个场次")

    async def sign() -> list[dict[str, object]]:
        async with desk(login) as at:
            service = CertificateService(at.work)
            if sitting is not None:
                found = await SittingService(at.work).find_by_code(at.actor, sitting)
                issued = await service.issue_for_sitting(at.actor, found.id)
            else:
                enrolment_id = await ReviewService(at.work).find_by_number(at.actor, number or 0)
                issued = (await service.issue(at.actor, enrolment_id),)
            return [await _with_link(service, view) for view in issued]

    issued = run(sign())
    if as_json:
        printing.document(issued)
        return
    for item in issued:
        printing.say(f"已签发 {item['number']}（{item['name']}）：{item['url']}")
    if not issued:
        printing.say("没有等待签发的。")


@group.command("list")
def list_(
    state: Annotated[CertificateState | None, typer.Option("--state")] = None,
    scheme: Annotated[str | None, typer.Option("--scheme", metavar="方案")] = None,
    query: Annotated[str, typer.Option("--query", metavar="文字", help="编号或姓名的一部分。")] = "",
    page: Page = 1,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """列出本机构的证书，新的在前。"""

    async def read() -> CertificatePage:
        async with desk(login) as at:
            return await CertificateService(at.work).list_lines(
                at.actor, state=state, scheme_id=scheme, query=query, page=page
            )

    found = run(read())
    columns = {
        "编号": "number",
        "名称": "title",
        "项目": "specialty",
        "姓名": "name",
        "状态": "state",
        "签发": "issued_on",
        "有效期至": "expires_on",
    }
    printing.listing(found.items, columns, as_json=as_json, empty="没有符合条件的证书。")
    if found.pages > 1 and not as_json:
        printing.say(f"第 {found.page}/{found.pages} 页，共 {found.total} 条。")


@group.command()
def unmade(login: Login = None, as_json: AsJson = False) -> None:
    """列出证书文件还没有生成的证书，生成失败的在前。"""

    async def read() -> tuple[UnmadePaper, ...]:
        async with desk(login) as at:
            return await UnmadePaperService(at.work).list_lines(at.actor)

    found = run(read())
    if as_json:
        printing.document(
            [
                printing.plain(item.certificate) | {"paper": item.state, "issued_at": item.issued_at}
                for item in found
            ]
        )
        return
    columns: dict[str, str | Callable[[UnmadePaper], str]] = {
        "编号": lambda item: item.certificate.number,
        "名称": lambda item: item.certificate.title,
        "项目": lambda item: item.certificate.specialty,
        "姓名": lambda item: item.certificate.name,
        "状态": "state",
        "签发": "issued_at",
    }
    printing.listing(found, columns, as_json=False, empty="证书文件都已生成。")


@group.command()
def retry(number: Number, login: Login = None, as_json: AsJson = False) -> None:
    """重新生成一张生成失败的证书文件，完成后自动发给持证人。"""

    async def again() -> None:
        async with desk(login) as at:
            await UnmadePaperService(at.work).retry(at.actor, await _find(at, number))

    run(again())
    printing.done({"number": number.strip().upper()}, f"{number} 正在重新生成。", as_json=as_json)


@group.command()
def suspend(number: Number, reason: Reason, login: Login = None, as_json: AsJson = False) -> None:
    """暂停一张证书。"""
    _change("suspend", number, reason, login, as_json)


@group.command()
def restore(number: Number, reason: Reason, login: Login = None, as_json: AsJson = False) -> None:
    """恢复一张暂停的证书。"""
    _change("restore", number, reason, login, as_json)


@group.command()
def revoke(number: Number, reason: Reason, login: Login = None, as_json: AsJson = False) -> None:
    """撤销一张证书，并对外公告；不能恢复。"""
    _change("revoke", number, reason, login, as_json)


@group.command()
def replace(number: Number, reason: Reason, login: Login = None, as_json: AsJson = False) -> None:
    """换发一张证书：持证人的姓名或证件号码变更以后。"""
    _change("replace", number, reason, login, as_json)


@group.command()
def export(
    number: Number,
    file: Annotated[Path, typer.Argument(metavar="文件.pdf")],
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """把一张证书的 PDF 写到文件；会记入操作日志。"""

    async def make() -> bytes:
        async with desk(login) as at:
            return await CertificateService(at.work).paper(at.actor, await _find(at, number))

    tables.written(file, run(make()))
    printing.done({"number": number, "file": file}, f"已写到 {file}。", as_json=as_json)


def _change(verb: str, number: str, reason: str, login: str | None, as_json: bool) -> None:
    async def change() -> CertificateView:
        async with desk(login) as at:
            service = CertificateService(at.work)
            verbs = {
                "suspend": service.suspend,
                "restore": service.restore,
                "revoke": service.revoke,
                "replace": service.replace,
            }
            return await verbs[verb](at.actor, await _find(at, number), reason)

    changed = run(change())
    printing.done(changed, f"{changed.number} 现在是{label(changed.state)}。", as_json=as_json)


async def _find(at: Desk, number: str) -> UUID:
    found = await CertificateService(at.work).list_lines(at.actor, query=number)
    exact = [item.id for item in found.items if item.number == number.strip().upper()]
    if not exact:
        raise CommandError(f"没有编号为 {number} 的证书，或者它不属于这个账号所在的机构")
    return exact[0]


async def _with_link(service: CertificateService, view: CertificateView) -> dict[str, object]:
    shown: dict[str, object] = printing.plain(view)
    return shown | {"url": await service.link(view.id)}
