"""`enrolments`: the review queue, one enrolment, and the decisions about it."""

from collections.abc import Callable
from typing import Annotated

import typer

from bot.cli import printing
from bot.cli.environment import desk, run
from bot.cli.options import AsJson, EnrolmentNumber, Login, Page, Reason
from bot.cli.problems import CommandError
from bot.cli.words import label
from services.enrolments.restricted import OPEN_FOR, open_restricted
from services.enrolments.review import WAITING, QueueScope, ReviewService
from services.enrolments.views import EnrolmentDetail, EnrolmentLine, QueuePage, StageView
from services.models import EnrolmentState

group = typer.Typer(help="报名审核。", no_args_is_help=True)


@group.command("list")
def list_(
    state: Annotated[
        list[EnrolmentState] | None, typer.Option("--state", help="状态，可写多个；默认只列待审核的。")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="所有状态。")] = False,
    scope: Annotated[
        QueueScope | None,
        typer.Option("--at", help="here 待本机构办理，all 可以查看的，overdue 已超过时限的。"),
    ] = None,
    scheme: Annotated[str | None, typer.Option("--scheme", metavar="方案")] = None,
    query: Annotated[
        str, typer.Option("--query", metavar="文字", help="姓名的一部分，或报名号的开头。")
    ] = "",
    page: Page = 1,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """列出报名，等得最久的在前。"""
    wanted = frozenset(item.value for item in (EnrolmentState if every else state or ())) or WAITING

    async def read() -> QueuePage:
        async with desk(login) as at:
            return await ReviewService(at.work).queue(
                at.actor, states=wanted, scope=scope, scheme_id=scheme, query=query, page=page
            )

    found = run(read())
    columns: dict[str, str | Callable[[EnrolmentLine], str]] = {
        "报名号": "number",
        "姓名": "name",
        "项目": "scheme",
        "状态": "state",
        "环节": "stage",
        "办理机构": "waits_at",
        "时限": lambda line: printing.shown(line.due_at) + ("（已超时）" if line.overdue else ""),
        "报名机构": "organisation",
        "身份证号": "identity_masked",
        "提交时间": "submitted_at",
    }
    printing.listing(found.items, columns, as_json=as_json, empty="没有符合条件的报名。")
    if found.pages > 1 and not as_json:
        printing.say(f"第 {found.page}/{found.pages} 页，共 {found.total} 条。")


@group.command()
def show(number: EnrolmentNumber, login: Login = None, as_json: AsJson = False) -> None:
    """显示一个报名，号码已遮盖；会记入操作日志。"""

    async def read() -> EnrolmentDetail:
        async with desk(login) as at:
            service = ReviewService(at.work)
            return await service.show(at.actor, await service.find_by_number(at.actor, number))

    found = run(read())
    if as_json:
        printing.document(found)
        return
    lines: dict[str, object] = {
        "状态": f"{label(found.state)}（{found.stage}）" if found.stage else label(found.state),
        "报名机构": found.organisation,
        "项目": found.scheme.title,
        "提交时间": found.submitted_at,
    }
    lines |= {field.label: _with_reason(field.value, field.returned_reason) for field in found.fields}
    lines |= {item.label: _with_reason(label(item.state), item.returned_reason) for item in found.documents}
    lines |= {f"已同意《{item.title}》": item.agreed_at for item in found.consents}
    printing.card(f"报名号 {found.number}　{found.name}", lines)
    for stage in found.chain:
        printing.say(_stage_line(stage))
    for entry in found.history:
        printing.say(f"{printing.shown(entry.at)}　{entry.actor}　{entry.action}　{entry.reason}".rstrip())


@group.command("open")
def open_(number: EnrolmentNumber, reason: Reason, login: Login = None, as_json: AsJson = False) -> None:
    """打开停止使用的报名（本人要求删除、按规定还要保存的），30 分钟内可以 show；理由会记入操作日志。"""

    async def act() -> None:
        async with desk(login) as at:
            service = ReviewService(at.work)
            await open_restricted(at.work, at.actor, await service.find_by_number(at.actor, number), reason)

    run(act())
    minutes = int(OPEN_FOR.total_seconds() // 60)
    printing.done(
        {"number": number, "minutes": minutes}, f"已打开，{minutes} 分钟内可以查看。", as_json=as_json
    )


@group.command()
def approve(
    number: EnrolmentNumber,
    note: Annotated[str, typer.Option("--note", metavar="意见", help="后面的环节能看到。")] = "",
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """审核通过，进入下一环节或录取。"""

    async def decide() -> EnrolmentState:
        async with desk(login) as at:
            service = ReviewService(at.work)
            enrolment_id = await service.find_by_number(at.actor, number)
            return await service.approve(at.actor, enrolment_id, note=note)

    state = run(decide())
    sentence = f"报名号 {number}：审核通过，现在是{label(state)}。"
    printing.done({"number": number, "state": state}, sentence, as_json=as_json)


@group.command("return")
def return_(
    number: EnrolmentNumber,
    reasons: Annotated[
        list[str],
        typer.Option(
            "--reason", metavar="项目=原因", help="每个要补正的项目写一个，例如 portrait=背景不是蓝色。"
        ),
    ],
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """退回补正：只有写明的项目重新开放。项目写编号或名称；只退几张照片中的一张，写 form#2=原因。"""
    given = [_split(text) for text in reasons]

    async def decide() -> dict[str, str]:
        async with desk(login) as at:
            service = ReviewService(at.work)
            enrolment_id = await service.find_by_number(at.actor, number)
            scheme = (await service.show(at.actor, enrolment_id)).scheme
            keys = {field.label: field.key for field in scheme.fields}
            keys |= {material.label: material.key for material in scheme.materials}
            meant, files = dict[str, str](), dict[str, set[int]]()
            for item, reason in given:
                name, _, place = item.replace("＃", "#").partition("#")
                key = keys.get(name.strip(), name.strip())
                meant[key] = reason
                if place.strip().isdecimal():
                    files.setdefault(key, set()).add(int(place))
            await service.return_for_correction(at.actor, enrolment_id, meant, files=files)
            return meant

    returned = run(decide())
    document = {"number": number, "state": EnrolmentState.RETURNED, "returned": returned}
    printing.done(document, f"报名号 {number}：已退回补正 {len(returned)} 项。", as_json=as_json)


@group.command()
def reject(number: EnrolmentNumber, reason: Reason, login: Login = None, as_json: AsJson = False) -> None:
    """不予通过，考生会看到原因。"""

    async def decide() -> EnrolmentState:
        async with desk(login) as at:
            service = ReviewService(at.work)
            return await service.reject(at.actor, await service.find_by_number(at.actor, number), reason)

    state = run(decide())
    refused = "不予通过" if state is EnrolmentState.REJECTED else "不予开通登录权限"
    document = {"number": number, "state": state}
    printing.done(document, f"报名号 {number}：已作出{refused}的决定。", as_json=as_json)


@group.command()
def forward(
    number: EnrolmentNumber,
    to: Annotated[str, typer.Option("--to", metavar="机构", help="接收机构的全称。")],
    reason: Reason,
    reference: Annotated[str, typer.Option("--reference", metavar="文号", help="书面申请的文号。")] = "",
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """转交：由另一个同类机构或上级机构办理本环节。"""

    async def decide() -> None:
        async with desk(login) as at:
            service = ReviewService(at.work)
            enrolment_id = await service.find_by_number(at.actor, number)
            targets = {item.name: item.id for item in await service.forward_targets(at.actor, enrolment_id)}
            if to.strip() not in targets:
                raise CommandError(f"不能转交给“{to}”，可以转交给：{'、'.join(targets) or '（没有）'}")
            await service.forward(at.actor, enrolment_id, targets[to.strip()], reason, reference=reference)

    run(decide())
    document = {"number": number, "state": EnrolmentState.IN_REVIEW, "organisation": to.strip()}
    printing.done(document, f"报名号 {number}：已转交 {to.strip()}。", as_json=as_json)


def _stage_line(stage: StageView) -> str:
    done = label(stage.decision) if stage.decision else "办理中" if stage.round else "尚未到达"
    said = [stage.reason, *(f"{item}：{reason}" for item, reason in stage.items.items()), stage.reference]
    parts = [stage.label, done, stage.organisation, stage.actor, printing.shown(stage.decided_at), *said]
    return "　".join(part for part in parts if part)


def _split(text: str) -> tuple[str, str]:
    name, separator, reason = text.replace("＝", "=").partition("=")
    if not separator or not name.strip() or not reason.strip():
        raise CommandError(f"“{text}”应写成 项目=原因，例如 portrait=背景不是蓝色")
    return name.strip(), reason.strip()


def _with_reason(value: str, reason: str) -> str:
    return f"{value}　（退回：{reason}）" if reason else value
