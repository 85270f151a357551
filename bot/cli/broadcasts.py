"""`broadcasts`: written, counted, tested, submitted, approved by another, sent, stopped, reported."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeVar
from uuid import UUID

import typer

from bot.cli import printing, tables
from bot.cli.environment import Desk, desk, run
from bot.cli.options import AsJson, Login, Page, Reason
from bot.cli.words import problem, word
from services.broadcasts import (
    Audience,
    BroadcastDetail,
    BroadcastKind,
    BroadcastPage,
    BroadcastService,
    BroadcastState,
    Content,
    ContentKind,
    Draft,
    reporting,
)
from services.broadcasts.audience import AudienceService
from services.broadcasts.models import NamesReport, Picture, Reckoning
from services.broadcasts.trying import TryingService
from services.errors import NotFoundError
from services.exams.sittings import SittingService
from services.models import Actor, EnrolmentState
from services.rules.localtime import SHANGHAI
from services.study.classes import ClassService

group = typer.Typer(help="群发：撰写、审批、发送、报告。", no_args_is_help=True)

_Result = TypeVar("_Result")
Number = Annotated[int, typer.Argument(metavar="编号", help="群发的编号，例如 1。")]
_MOMENT = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]


@group.command("list")
def list_(page: Page = 1, login: Login = None, as_json: AsJson = False) -> None:
    """列出本机构的群发，新的在前。"""

    async def read() -> BroadcastPage:
        async with desk(login) as at:
            return await BroadcastService(at.work).list_lines(at.actor, page=page)

    columns = {"编号": "number", "名称": "title", "方式": "kind", "人数": "recipients", "状态": "state"}
    printing.listing(
        run(read()).items, columns, as_json=as_json, empty="还没有群发，用 zhengtu broadcasts draft 撰写。"
    )


@group.command()
def show(number: Number, login: Login = None, as_json: AsJson = False) -> None:
    """显示一个群发：内容、收件人、进度、没有收到的原因。"""
    one = _with(login, number, _detail)
    if as_json:
        printing.document(one)
        return
    counted = one.progress
    printing.card(
        f"群发 {one.line.number} {one.line.title}",
        {
            "状态": one.line.state,
            "方式": one.line.kind,
            "内容": one.content.kind,
            "正文": one.content.text,
            "收件人": one.line.recipients,
            "指纹": one.fingerprint,
            "撰写": one.line.created_by,
            "提交": one.submitted_by,
            "审批": one.approved_by,
            "定时": one.line.due_at,
            "原因": one.reason,
            "已接收": counted.taken,
            "已送达": counted.delivered,
            "失败": counted.failed,
            "结果不明": counted.unknown,
            "跳过": counted.skipped,
            "等待": counted.waiting + counted.under_way,
        },
    )
    for reason in one.reasons:
        printing.say(
            f"{word(reason.state, 'recipient')} {reason.count} 人：{_reason(reason.errcode, reason.reason)}"
        )


@group.command()
def draft(
    title: Annotated[str, typer.Option("--title", metavar="名称", help="方便查找，收件人看不到。")],
    text: Annotated[
        str, typer.Option("--text", metavar="正文", help="个人消息可写 {姓名} {报名号} {项目}。")
    ] = "",
    personal: Annotated[
        str,
        typer.Option(
            "--personal", metavar="一句话", help="作为个人消息发；这是微信通知里的一句话，20 字内。"
        ),
    ] = "",
    picture: Annotated[Path | None, typer.Option("--picture", metavar="图片", help="JPG 或 PNG。")] = None,
    article: Annotated[
        str,
        typer.Option("--article", metavar="标题", help="作为图文发：标题；--text 是正文，--picture 是封面。"),
    ] = "",
    digest: Annotated[str, typer.Option("--digest", metavar="摘要", help="图文的摘要。")] = "",
    link: Annotated[str, typer.Option("--link", metavar="网址", help="图文“阅读原文”的网址。")] = "",
    scheme: Annotated[list[str] | None, typer.Option("--scheme", metavar="方案", help="可写多个。")] = None,
    state: Annotated[
        list[EnrolmentState] | None, typer.Option("--state", help="报名状态，可写多个。")
    ] = None,
    class_code: Annotated[str, typer.Option("--class", metavar="班号")] = "",
    sitting: Annotated[str, typer.Option("--sitting", metavar="场次")] = "",
    region: Annotated[str, typer.Option("--region", metavar="所在地", help="开头几个字。")] = "",
    tag: Annotated[str, typer.Option("--tag", metavar="标签")] = "",
    rest_days: Annotated[
        int, typer.Option("--rest-days", metavar="天数", min=0, help="不发给几天内收到过群发的；0 不排除。")
    ] = 3,
    account: Annotated[str, typer.Option("--account", metavar="公众号", help="默认第一个。")] = "",
    change: Annotated[
        int | None, typer.Option("--change", metavar="编号", help="改写这个群发；原来的提交和审批作废。")
    ] = None,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """撰写一个群发，保存为草稿；--change 改写已有的。"""
    content = Content(
        kind=ContentKind.ARTICLE
        if article
        else ContentKind.PICTURE
        if picture and not text
        else ContentKind.TEXT,
        text=text,
        title=article,
        digest=digest,
        link=link,
        short=personal,
    )
    given = Picture(filename=picture.name, content=picture.read_bytes()) if picture is not None else None

    async def act() -> BroadcastDetail:
        async with desk(login) as at:
            service = BroadcastService(at.work)
            named = False
            if change is not None:
                row = await service.find_by_number(at.actor, change)
                named = (await service.show(at.actor, row)).audience.named
            wanted = Draft(
                account=account or next(iter(at.program.tools.accounts), ""),
                kind=BroadcastKind.PERSONAL if personal else BroadcastKind.MASS,
                title=title.strip(),
                content=content,
                audience=Audience(
                    scheme_ids=tuple(scheme or ()),
                    states=tuple(one.value for one in state or ()),
                    class_id=await _class_id(at, class_code),
                    sitting_id=await _sitting_id(at, sitting),
                    region=region,
                    tag=tag,
                    named=named,
                    rest_days=rest_days,
                ),
                picture=given,
            )
            if change is not None:
                await service.edit(at.actor, row, wanted)
                return await service.show(at.actor, row)
            return await service.show(at.actor, await service.create(at.actor, wanted))

    one = run(act())
    printing.done(
        one,
        f"已保存草稿 {one.line.number}。看人数：zhengtu broadcasts count {one.line.number}；"
        f"提交：zhengtu broadcasts submit {one.line.number}",
        as_json=as_json,
    )


@group.command()
def count(number: Number, login: Login = None, as_json: AsJson = False) -> None:
    """现在提交的话，有多少人会收到，谁被排除。"""

    async def read(at: Desk, broadcast_id: UUID) -> Reckoning:
        return await BroadcastService(at.work).count(at.actor, broadcast_id)

    found = _with(login, number, read)
    printing.done(
        found,
        f"{found.recipients} 人会收到。符合条件 {found.matched} 人，取消关注或联系不上 {found.gone} 人，"
        f"{found.rest_days} 天内收到过群发 {found.recent} 人，本月已收满 {found.monthly} 次 {found.full} 人。",
        as_json=as_json,
    )


@group.command()
def names(
    number: Number,
    file: Annotated[Path, typer.Argument(metavar="文件", help="xlsx 或 csv，有“报名号”或“身份证号”一列。")],
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """只发给名单文件里的人；没有找到的行会列出。"""
    content = file.read_bytes()

    async def act(at: Desk, broadcast_id: UUID) -> NamesReport:
        return await BroadcastService(at.work).read_names(at.actor, broadcast_id, file.name, content)

    found = _with(login, number, act)
    printing.done(found, f"{found.rows} 行，加入 {found.known} 份报名。", as_json=as_json)
    if not as_json:
        for row, why in found.unknown:
            printing.say(f"  第 {row} 行：{problem(why)}")


@group.command()
def label(
    number: Number,
    tag: Annotated[str, typer.Argument(metavar="标签")],
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """给符合这个群发条件的人加标签，以后按标签选人。"""

    async def act(at: Desk, broadcast_id: UUID) -> int:
        return await BroadcastService(at.work).label(at.actor, broadcast_id, tag)

    found = _with(login, number, act)
    printing.done({"tag": tag, "people": found}, f"已给 {found} 人加上“{tag}”。", as_json=as_json)


@group.command()
def tags(login: Login = None, as_json: AsJson = False) -> None:
    """列出本机构的标签和人数。"""

    async def read() -> list[dict[str, object]]:
        async with desk(login) as at:
            found = await AudienceService(at.work).tags(at.actor)
            return [{"tag": tag, "people": count} for tag, count in found]

    columns: dict[str, str | Callable[[dict[str, object]], str]] = {
        "标签": lambda one: str(one["tag"]),
        "人数": lambda one: str(one["people"]),
    }
    printing.listing(
        run(read()), columns, as_json=as_json, empty="还没有标签，用 zhengtu broadcasts label 添加。"
    )


@group.command()
def unlabel(
    tag: Annotated[str, typer.Argument(metavar="标签")], login: Login = None, as_json: AsJson = False
) -> None:
    """从所有人去掉一个标签。"""

    async def act() -> int:
        async with desk(login) as at:
            return await AudienceService(at.work).unlabel(at.actor, tag)

    found = run(act())
    printing.done({"tag": tag, "people": found}, f"已从 {found} 人去掉“{tag}”。", as_json=as_json)


@group.command("test")
def try_out(number: Number, login: Login = None, as_json: AsJson = False) -> None:
    """发到自己的微信看看；先在管理后台扫码绑定。"""

    async def act(at: Desk, broadcast_id: UUID) -> BroadcastDetail:
        await TryingService(at.work).test(at.actor, broadcast_id)
        return await _detail(at, broadcast_id)

    printing.done(_with(login, number, act), "测试已交后台发送，请看您的微信。", as_json=as_json)


@group.command()
def submit(number: Number, login: Login = None, as_json: AsJson = False) -> None:
    """提交审批：锁定名单，由另一位工作人员审批。"""
    one = _do(login, number, BroadcastService.submit)
    told = (
        "正在锁定名单，稍后用 zhengtu broadcasts show 查看。"
        if one.line.state is BroadcastState.FREEZING
        else f"名单已锁定，{one.line.recipients} 人。另一位工作人员核对后运行："
        f"zhengtu broadcasts approve {number} --fingerprint {one.fingerprint[:16]}"
    )
    printing.done(one, told, as_json=as_json)


@group.command()
def approve(
    number: Number,
    fingerprint: Annotated[
        str,
        typer.Option("--fingerprint", metavar="指纹", help="核对过的内容和名单的指纹，至少 8 位，见 show。"),
    ],
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """审批；不能由撰写或提交的人审批。"""

    async def act(at: Desk, broadcast_id: UUID) -> BroadcastDetail:
        await BroadcastService(at.work).approve(at.actor, broadcast_id, fingerprint.strip().lower())
        return await _detail(at, broadcast_id)

    printing.done(_with(login, number, act), "已审批。", as_json=as_json)


@group.command()
def refuse(number: Number, reason: Reason, login: Login = None, as_json: AsJson = False) -> None:
    """退回草稿。"""

    async def act(at: Desk, broadcast_id: UUID) -> BroadcastDetail:
        await BroadcastService(at.work).refuse(at.actor, broadcast_id, reason)
        return await _detail(at, broadcast_id)

    printing.done(_with(login, number, act), "已退回。", as_json=as_json)


@group.command()
def schedule(
    number: Number,
    at_time: Annotated[
        datetime | None,
        typer.Option("--at", formats=_MOMENT, metavar="年-月-日T时:分", help="北京时间；不写就是取消定时。"),
    ] = None,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """定时开始，或取消定时。"""
    due = at_time.replace(tzinfo=SHANGHAI) if at_time is not None else None

    async def act(at: Desk, broadcast_id: UUID) -> BroadcastDetail:
        await BroadcastService(at.work).schedule(at.actor, broadcast_id, due)
        return await _detail(at, broadcast_id)

    one = _with(login, number, act)
    told = f"定于 {printing.shown(one.line.due_at)} 开始。" if due is not None else "定时已取消。"
    printing.done(one, told, as_json=as_json)


@group.command()
def start(
    number: Number,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问。")] = False,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """现在开始发送。"""
    if not yes:
        one = _with(login, number, _detail)
        typer.confirm(f"发给 {one.line.recipients} 人，发出去不能收回。现在开始？", abort=True, err=True)
    printing.done(_do(login, number, BroadcastService.start), "已开始。", as_json=as_json)


@group.command()
def pause(number: Number, login: Login = None, as_json: AsJson = False) -> None:
    """暂停：正在途中的一批发完就停。"""
    printing.done(_do(login, number, BroadcastService.pause), "已暂停。", as_json=as_json)


@group.command()
def resume(number: Number, login: Login = None, as_json: AsJson = False) -> None:
    """继续。"""
    printing.done(_do(login, number, BroadcastService.resume), "已继续。", as_json=as_json)


@group.command()
def cancel(number: Number, reason: Reason, login: Login = None, as_json: AsJson = False) -> None:
    """取消，没有发出的不再发送；不能恢复。"""

    async def act(at: Desk, broadcast_id: UUID) -> BroadcastDetail:
        await BroadcastService(at.work).cancel(at.actor, broadcast_id, reason)
        return await _detail(at, broadcast_id)

    printing.done(_with(login, number, act), "已取消。", as_json=as_json)


@group.command()
def retry(number: Number, login: Login = None, as_json: AsJson = False) -> None:
    """失败的重新排队；取消关注的、结果不明的不重发。"""

    async def act(at: Desk, broadcast_id: UUID) -> BroadcastDetail:
        await BroadcastService(at.work).retry(at.actor, broadcast_id)
        return await _detail(at, broadcast_id)

    one = _with(login, number, act)
    printing.done(one, f"已重新排队，等待 {one.progress.waiting} 人。", as_json=as_json)


@group.command()
def report(
    number: Number,
    file: Annotated[Path, typer.Argument(metavar="文件.xlsx", help="写到哪里；已有的文件不覆盖。")],
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """导出报告：每个收件人的结果和原因，微信按批的数字。会记入操作日志。"""

    async def act(at: Desk, broadcast_id: UUID) -> bytes:
        words = reporting.Words(
            state=lambda state: _label(state, "recipient"),
            chunk=lambda state: _label(state, "chunk"),
            reason=_reason,
        )
        _, content = await reporting.report(at.work, at.actor, broadcast_id, words)
        return content

    tables.written(file, _with(login, number, act))
    printing.done({"file": str(file)}, f"已写到 {file}。", as_json=as_json)


async def _class_id(at: Desk, code: str) -> UUID | None:
    if not code:
        return None
    for one in await ClassService(at.work).list_classes(at.actor):
        if one.code == code:
            return one.id
    raise NotFoundError("class.not_found")


async def _sitting_id(at: Desk, code: str) -> UUID | None:
    return (await SittingService(at.work).find_by_code(at.actor, code)).id if code else None


async def _detail(at: Desk, broadcast_id: UUID) -> BroadcastDetail:
    return await BroadcastService(at.work).show(at.actor, broadcast_id)


def _do(
    login: str | None, number: int, verb: Callable[[BroadcastService, Actor, UUID], Awaitable[None]]
) -> BroadcastDetail:
    async def act(at: Desk, broadcast_id: UUID) -> BroadcastDetail:
        await verb(BroadcastService(at.work), at.actor, broadcast_id)
        return await _detail(at, broadcast_id)

    return _with(login, number, act)


def _with(login: str | None, number: int, verb: Callable[[Desk, UUID], Awaitable[_Result]]) -> _Result:
    async def carry_out() -> _Result:
        async with desk(login) as at:
            return await verb(at, await BroadcastService(at.work).find_by_number(at.actor, number))

    return run(carry_out())


def _label(value: str, kind: str) -> str:
    from handlers.console import texts

    return texts.label(value, kind)


def _reason(errcode: int | None, said: str) -> str:
    from handlers.console import broadcast_texts

    return broadcast_texts.reason(errcode, said)
