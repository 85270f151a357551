"""`assignments`: asking for examiners, drawing them, looking at their cards, problems, and the end of it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer

from bot.cli import printing
from bot.cli.environment import Desk, desk, run
from bot.cli.options import AsJson, Login, Page, Reason
from bot.cli.problems import CommandError
from bot.cli.words import label
from services.assignments import AssignmentState
from services.assignments.holding import HoldingService
from services.assignments.models import AssignmentDetail, AssignmentView, CardCheck, DrawView
from services.assignments.planning import PlanningService
from services.assignments.service import AssignmentService

group = typer.Typer(help="派遣考评员、质量督导员。", no_args_is_help=True)

Number = Annotated[int, typer.Argument(metavar="派遣编号")]


@group.command("list")
def list_(
    state: Annotated[AssignmentState | None, typer.Option("--state")] = None,
    page: Page = 1,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """列出本机构的派遣，日期晚的在前。"""

    async def read() -> tuple[AssignmentView, ...]:
        async with desk(login) as at:
            _, items = await AssignmentService(at.work).list_lines(at.actor, state=state, page=page)
            return items

    columns = {
        "编号": "number", "日期": "held_on", "职业": "occupation", "被评价机构": "assessed", "人数": "wanted",
        "已抽": "drawn", "问题": "problems", "状态": "state",
    }  # fmt: skip
    printing.listing(run(read()), columns, as_json=as_json, empty="还没有派遣。")


@group.command()
def add(
    family: Annotated[str, typer.Option("--cards", metavar="种类", help="证卡种类，例如 sichuan_examiner。")],
    day: Annotated[datetime, typer.Option("--day", formats=["%Y-%m-%d"], metavar="日期")],
    place: Annotated[str, typer.Option("--place", metavar="地点")],
    assessed: Annotated[str, typer.Option("--assessed", metavar="机构", help="被评价的机构，全称。")],
    wanted: Annotated[int, typer.Option("--wanted", metavar="人数")],
    occupation: Annotated[
        str, typer.Option("--occupation", metavar="职业", help="与证卡上的写法一致；不分职业的证卡不写。")
    ] = "",
    starts: Annotated[str, typer.Option("--starts", metavar="时间", help="例如 08:30。")] = "",
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """添加一次派遣；抽取用 assignments draw。"""

    async def act() -> AssignmentView:
        async with desk(login) as at:
            return await PlanningService(at.work).add(
                at.actor, family=family, occupation=occupation, held_on=day.date(), starts=starts, place=place,
                assessed=assessed, wanted=wanted,
            )  # fmt: skip

    made = run(act())
    printing.done(made, f"已添加派遣 {made.number}。", as_json=as_json)


@group.command()
def show(number: Number, login: Login = None, as_json: AsJson = False) -> None:
    """显示一次派遣：人员、抽取过程、问题。"""

    async def read() -> AssignmentDetail:
        async with desk(login) as at:
            return await AssignmentService(at.work).show(at.actor, await _id(at, number))

    found = run(read())
    if as_json:
        printing.document(found)
        return
    one = found.line
    printing.card(
        f"派遣 {one.number}",
        {
            "日期": one.held_on,
            "职业": one.occupation or "不分职业",
            "被评价机构": one.assessed,
            "地点": one.place,
            "人数": f"{one.drawn}/{one.wanted}",
            "状态": one.state,
        },
    )
    for who in found.examiners:
        printing.say(
            f"{who.card_number}　{who.name}　{who.employer}　{label(who.state)}　{who.reason}".rstrip()
        )
    for draw in found.draws:
        holds = "重算一致" if draw.holds else "重算不一致"
        printing.say(f"第 {draw.round} 次抽取：候选 {len(draw.candidates)} 人，种子 {draw.seed}，{holds}")
    for item in found.problems:
        printing.say(f"问题（{item.reported_by}）：{item.text}")


@group.command()
def draw(number: Number, login: Login = None, as_json: AsJson = False) -> None:
    """随机抽取空缺的名额，并通知抽中的人。"""

    async def act() -> DrawView:
        async with desk(login) as at:
            return await PlanningService(at.work).draw(at.actor, await _id(at, number))

    made = run(act())
    chosen = "、".join(made.chosen) or "没有符合条件的人"
    printing.done(made, f"候选 {len(made.candidates)} 人，抽中：{chosen}。", as_json=as_json)


@group.command()
def check(
    number: Number,
    card: Annotated[str, typer.Option("--card", metavar="卡号")],
    name: Annotated[str, typer.Option("--name", metavar="姓名", help="身份证上的姓名。")],
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """查验到场人员的证卡：过期、人证不符、职业不符的不能使用。"""

    async def act() -> CardCheck:
        async with desk(login) as at:
            return await HoldingService(at.work).check(at.actor, await _id(at, number), card, name)

    found = run(act())
    from handlers.console import texts

    printing.done(found, f"{found.number}：{texts.label(found.problem, 'card_problem')}。", as_json=as_json)


@group.command()
def decline(
    number: Number,
    card: Annotated[str, typer.Option("--card", metavar="卡号")],
    reason: Reason,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """登记抽中的人不能参加；空出的名额可以再抽。"""

    async def act() -> None:
        async with desk(login) as at:
            await PlanningService(at.work).decline(at.actor, await _examiner(at, number, card), reason)

    run(act())
    printing.done({"number": number, "card": card}, "已登记不能参加。", as_json=as_json)


@group.command()
def problem(
    number: Number,
    text: Annotated[str, typer.Option("--text", metavar="情况")],
    card: Annotated[str | None, typer.Option("--card", metavar="卡号", help="涉及的人。")] = None,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """记录派遣中出现的问题。"""

    async def act() -> None:
        async with desk(login) as at:
            examiner = await _examiner(at, number, card) if card is not None else None
            await HoldingService(at.work).report_problem(
                at.actor, await _id(at, number), text, examiner_id=examiner
            )

    run(act())
    printing.done({"number": number}, "问题已记录。", as_json=as_json)


@group.command()
def finish(number: Number, login: Login = None, as_json: AsJson = False) -> None:
    """办结：已查验的人计入考评次数，其余记为未到场。"""

    async def act() -> None:
        async with desk(login) as at:
            await HoldingService(at.work).finish(at.actor, await _id(at, number))

    run(act())
    printing.done({"number": number}, f"派遣 {number} 已办结。", as_json=as_json)


@group.command()
def cancel(number: Number, reason: Reason, login: Login = None, as_json: AsJson = False) -> None:
    """取消一次派遣，并通知抽中的人。"""

    async def act() -> None:
        async with desk(login) as at:
            await PlanningService(at.work).cancel(at.actor, await _id(at, number), reason)

    run(act())
    printing.done({"number": number}, f"派遣 {number} 已取消。", as_json=as_json)


async def _id(at: Desk, number: int) -> UUID:
    return await AssignmentService(at.work).find_by_number(at.actor, number)


async def _examiner(at: Desk, number: int, card: str) -> UUID:
    detail = await AssignmentService(at.work).show(at.actor, await _id(at, number))
    wanted = card.strip().upper()
    found = next((one.id for one in detail.examiners if one.card_number == wanted), None)
    if found is None:
        raise CommandError(f"派遣 {number} 没有抽中证卡 {wanted}")
    return found
