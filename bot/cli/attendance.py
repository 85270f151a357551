"""`attendance`: the days of a class, who signed in, and the QR code to scan (C8)."""

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli import accounts, printing, tables
from bot.cli.environment import desk, load_settings, opened, run
from bot.cli.options import AsJson, EnrolmentNumber, Login, Reason
from bot.cli.problems import CommandError
from services.attendance import ClassDayService, PracticeService, SignInService, TakingBackService
from services.attendance.signing import Signed
from services.attendance.taking_back import TakenBack
from services.attendance.views import SIGN_SCENE, DayView, MemberView
from services.enrolments.review import ReviewService
from services.rules.localtime import SHANGHAI
from services.rules.sign_in import EARLY_MINUTES
from services.study.classes import ClassService
from storage.attendance_states import DayKind

group = typer.Typer(help="培训日和签到。", no_args_is_help=True)

ClassCode = Annotated[str, typer.Argument(metavar="班号")]
DayCode = Annotated[str, typer.Argument(metavar="签到码", help="attendance list 里的签到码。")]
_MOMENT = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]


@group.command("list")
def list_(
    code: ClassCode,
    day: Annotated[str | None, typer.Option("--day", metavar="签到码", help="列出这一天的签到名单。")] = None,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """列出一个班的培训日，或一天的签到名单。"""

    async def read() -> tuple[tuple[DayView, ...], tuple[MemberView, ...]]:
        async with desk(login) as at:
            found = await ClassService(at.work).find_by_code(at.actor, code)
            service = ClassDayService(at.work)
            days = await service.list_of(at.actor, found.id)
            if day is None:
                return days, ()
            return days, (await service.roll(at.actor, _meant(days, day).id))[1]

    days, members = run(read())
    if day is None:
        columns = {
            "签到码": "code",
            "类型": "kind",
            "内容": "title",
            "开始": "starts_at",
            "结束": "ends_at",
            "学时": "hours",
            "签到人数": "signed",
        }
        printing.listing(days, columns, as_json=as_json, empty="还没有安排培训日。")
        return
    named = {"报名号": "number", "姓名": "name", "签到时间": "signed_at", "方式": "way", "原因": "reason"}
    printing.listing(members, named, as_json=as_json, empty="这个班还没有学员。")


@group.command()
def plan(
    code: ClassCode,
    title: Annotated[str, typer.Option("--title", metavar="内容")],
    starts_at: Annotated[datetime, typer.Option("--starts-at", formats=_MOMENT, metavar="年-月-日T时:分")],
    ends_at: Annotated[datetime, typer.Option("--ends-at", formats=_MOMENT, metavar="年-月-日T时:分")],
    hours: Annotated[str, typer.Option("--hours", metavar="学时")],
    kind: Annotated[DayKind, typer.Option("--kind", help="theory 理论、practice 实操。")] = DayKind.THEORY,
    place: Annotated[str, typer.Option("--place", metavar="地点")] = "",
    early: Annotated[int, typer.Option("--early", metavar="分钟", help="提前几分钟可签到。")] = EARLY_MINUTES,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """安排一个培训日（北京时间）。"""
    try:
        counted = Decimal(hours)
    except InvalidOperation:
        raise CommandError(f"学时应为数字，例如 8，实际是“{hours}”") from None

    async def put() -> DayView:
        async with desk(login) as at:
            found = await ClassService(at.work).find_by_code(at.actor, code)
            return await ClassDayService(at.work).add(
                at.actor,
                found.id,
                kind=kind,
                title=title,
                starts_at=starts_at.replace(tzinfo=SHANGHAI).astimezone(UTC),
                ends_at=ends_at.replace(tzinfo=SHANGHAI).astimezone(UTC),
                hours=counted,
                place=place,
                early_minutes=early,
            )

    added = run(put())
    printing.done(added, f"已安排：{added.title}，签到码 {added.code}。", as_json=as_json)


@group.command()
def add(
    number: EnrolmentNumber,
    code: ClassCode,
    day: DayCode,
    reason: Reason,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """代为登记一个学员的签到。"""

    async def sign() -> Signed:
        async with desk(login) as at:
            found = await ClassService(at.work).find_by_code(at.actor, code)
            days = await ClassDayService(at.work).list_of(at.actor, found.id)
            meant = _meant(days, day)
            enrolment_id = await ReviewService(at.work).find_by_number(at.actor, number)
            return await SignInService(at.work).add_by_hand(at.actor, meant.id, enrolment_id, reason)

    signed = run(sign())
    printing.done(signed, f"报名号 {number} 已登记签到：{signed.day.title}。", as_json=as_json)


@group.command("take-back")
def take_back(
    code: ClassCode,
    day: DayCode,
    reason: Reason,
    number: Annotated[
        int | None,
        typer.Option("--number", metavar="报名号", help="只撤回这一位学员的签到；不写则撤回整个培训日。"),
    ] = None,
    practice: Annotated[
        bool, typer.Option("--practice", help="撤回这位学员当天的全部实操记录，保留签到。")
    ] = False,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """撤回一位学员的签到或实操记录，或整个培训日，并重新计算学时。"""
    if practice and number is None:
        raise CommandError("--practice 要和 --number 报名号 一起用")

    async def undo() -> list[TakenBack]:
        async with desk(login) as at:
            found = await ClassService(at.work).find_by_code(at.actor, code)
            meant = _meant(await ClassDayService(at.work).list_of(at.actor, found.id), day)
            service = TakingBackService(at.work)
            if number is None:
                return [await service.day(at.actor, meant.id, reason)]
            enrolment_id = await ReviewService(at.work).find_by_number(at.actor, number)
            if not practice:
                return [await service.sign_in(at.actor, meant.id, enrolment_id, reason)]
            records = await PracticeService(at.work).of_day(at.actor, meant.id)
            return [
                await service.practice(at.actor, record.id, reason)
                for record in records
                if record.enrolment_id == enrolment_id
            ]

    outcomes = run(undo())
    if not outcomes:
        raise CommandError(f"报名号 {number} 当天没有实操记录")
    hours = sum(one.hours for one in outcomes)
    below = [each for one in outcomes for each in one.below]
    said = f"已撤回，减少 {hours} 学时。"
    if below:
        said += f"报名号 {'、'.join(map(str, below))} 的学时不够了，请核对学时证明和已约的考试。"
    gone = {"hours": str(hours), "people": max(one.people for one in outcomes), "below": below}
    printing.done(gone, said, as_json=as_json)


@group.command()
def qr(
    day: DayCode,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="文件.svg", help="把二维码画成图片。")
    ] = None,
    account: accounts.Account = "main",
    as_json: AsJson = False,
) -> None:
    """生成一个培训日的签到二维码，30 天内有效。"""

    async def make() -> dict[str, Any]:
        async with opened(load_settings()) as running:
            answer = await accounts.client_of(running.clients, account).qrcode.create_temporary(
                f"{SIGN_SCENE}{day}", seconds=30 * 24 * 3600
            )
            return {"scene": f"{SIGN_SCENE}{day}", "ticket": answer["ticket"], "url": answer["url"]}

    made = run(make())
    if file is not None:
        from services.typesetting import qr as drawing

        tables.written(file, drawing.matrix_svg(drawing.matrix(made["url"])).encode())
    printing.done(made, f"二维码内容：{made['url']}", as_json=as_json)


def _meant(days: tuple[DayView, ...], code: str) -> DayView:
    for one in days:
        if one.code == code.strip().lower():
            return one
    raise CommandError(f"这个班没有签到码 {code}，用 zhengtu attendance list 班号 查看")
