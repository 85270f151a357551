"""`classes`: training classes with what their notice says (A5, A7)."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

import typer

from bot.cli import printing
from bot.cli.environment import desk, run
from bot.cli.options import AsJson, EnrolmentNumber, Login
from bot.cli.problems import CommandError
from services.enrolments.review import ReviewService
from services.rules import money
from services.rules.published_fees import FeeItem, PublishedFees
from services.schemes.models import Payee
from services.study.classes import ClassService, ClassView
from services.study.published_fees import FeeVersion, PublishedFeeService

group = typer.Typer(help="培训班。", no_args_is_help=True)


class Form(StrEnum):
    """How it is held."""

    ONLINE = "online"
    ON_SITE = "on_site"


ClassCode = Annotated[str, typer.Argument(metavar="班号")]


@group.command()
def add(
    code: ClassCode,
    scheme: Annotated[str, typer.Option("--scheme", metavar="方案")],
    title: Annotated[str, typer.Option("--title", metavar="名称")],
    starts_on: Annotated[datetime, typer.Option("--starts-on", formats=["%Y-%m-%d"], metavar="年-月-日")],
    ends_on: Annotated[datetime, typer.Option("--ends-on", formats=["%Y-%m-%d"], metavar="年-月-日")],
    form: Annotated[Form, typer.Option("--form", help="online 线上、on_site 现场。")] = Form.ONLINE,
    place: Annotated[str, typer.Option("--place", metavar="地点")] = "",
    fee: Annotated[
        str | None, typer.Option("--fee", metavar="元", help="开班通知的培训费；默认按方案。")
    ] = None,
    payee: Annotated[
        str | None, typer.Option("--payee", metavar="户名,开户行,账号", help="培训费的收款账号。")
    ] = None,
    capacity: Annotated[int | None, typer.Option("--capacity", metavar="人数")] = None,
    item: Annotated[
        list[str] | None,
        typer.Option(
            "--item",
            metavar="项目|元|单位|依据|范围",
            help="公示的收费项目，可以写几次；考试前才缴的在最后加 |sitting。",
        ),
    ] = None,
    hotline: Annotated[str, typer.Option("--hotline", metavar="电话", help="公示的监督电话。")] = "",
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """开一个班。"""
    account = _payee(payee)
    fee_fen = money.parse(fee) if fee is not None else None
    published = _published(item, hotline)

    async def announce() -> ClassView:
        async with desk(login) as at:
            return await ClassService(at.work).add_class(
                at.actor,
                scheme_id=scheme,
                code=code,
                title=title,
                starts_on=starts_on.date(),
                ends_on=ends_on.date(),
                form=form.value,
                place=place,
                training_fee_fen=fee_fen,
                payee=account,
                capacity=capacity,
                fees=published,
            )

    added = run(announce())
    printing.done(added, f"已开班：{added.code} {added.title}。", as_json=as_json)


@group.command("list")
def list_(
    scheme: Annotated[str | None, typer.Option("--scheme", metavar="方案")] = None,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """列出本机构的班。"""

    async def read() -> tuple[ClassView, ...]:
        async with desk(login) as at:
            return await ClassService(at.work).list_classes(at.actor, scheme)

    columns = {
        "班号": "code",
        "项目": "scheme",
        "名称": "title",
        "开始": "starts_on",
        "结束": "ends_on",
        "人数": "members",
        "名额": "capacity",
        "状态": "state",
    }
    printing.listing(run(read()), columns, as_json=as_json, empty="还没有培训班。")


@group.command()
def join(number: EnrolmentNumber, code: ClassCode, login: Login = None, as_json: AsJson = False) -> None:
    """把一个已录取的报名编入班里。"""

    async def put_in() -> ClassView:
        async with desk(login) as at:
            service = ClassService(at.work)
            enrolment_id = await ReviewService(at.work).find_by_number(at.actor, number)
            course_class = await service.find_by_code(at.actor, code)
            return await service.enrol_in_class(enrolment_id, course_class.id, at.actor)

    joined = run(put_in())
    printing.done(joined, f"报名号 {number} 已编入 {joined.code} {joined.title}。", as_json=as_json)


@group.command()
def publish(
    code: ClassCode,
    item: Annotated[
        list[str],
        typer.Option("--item", metavar="项目|元|单位|依据|范围", help="公示的收费项目，可以写几次。"),
    ],
    hotline: Annotated[str, typer.Option("--hotline", metavar="电话", help="公示的监督电话。")],
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """更新一个班的收费公示，适用于之后报名的人。"""
    published = _published(item, hotline)

    async def put() -> FeeVersion:
        async with desk(login) as at:
            course = await ClassService(at.work).find_by_code(at.actor, code)
            return await PublishedFeeService(at.work).publish(
                at.actor, course.id, published.items if published else (), hotline
            )

    made = run(put())
    printing.done(made, f"{code}：第 {made.version} 次公示。", as_json=as_json)


def _published(items: list[str] | None, hotline: str) -> PublishedFees | None:
    if not items and not hotline:
        return None
    return PublishedFees(items=tuple(_item(item) for item in items or ()), hotline=hotline)


def _item(text: str) -> FeeItem:
    parts = [part.strip() for part in text.replace("｜", "|").split("|")]
    if len(parts) not in (5, 6) or not all(parts[:5]) or parts[5:] not in ([], ["class"], ["sitting"]):
        raise CommandError(
            "收费项目应写成 项目|元|单位|依据|范围，例如 培训费|1800|人|黔价费〔2026〕1号|本期学员"
        )
    return FeeItem(
        item=parts[0],
        amount_fen=money.parse(parts[1]),
        unit=parts[2],
        basis=parts[3],
        scope=parts[4],
        due_before="sitting" if parts[5:] == ["sitting"] else "class",
    )


def _payee(text: str | None) -> Payee | None:
    if text is None:
        return None
    parts = [part.strip() for part in text.replace("，", ",").split(",")]
    if len(parts) != 3 or not all(parts):
        raise CommandError("收款账号应写成 户名,开户行,账号")
    return Payee(name=parts[0], bank=parts[1], account_number=parts[2])
