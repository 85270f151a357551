"""`rosters`: answering for a laboratory's people, deciding about logins, and the end of a check (E6)."""

from enum import StrEnum
from typing import Annotated
from uuid import UUID

import typer

from bot.cli import printing
from bot.cli.environment import desk, run
from bot.cli.options import AsJson, Login, Reason
from bot.cli.words import label
from services.appointments.roster_answers import RosterAnswers
from services.appointments.rosters import RosterService
from services.models import Settlement

group = typer.Typer()

Check = Annotated[UUID, typer.Argument(metavar="核查编号", help="见 rosters list。")]
Entry = Annotated[UUID, typer.Argument(metavar="人员编号", help="见 rosters show --json 的 people.id。")]


class StillThere(StrEnum):
    """Whether somebody still works there."""

    YES = "yes"
    NO = "no"


class Decided(StrEnum):
    """What becomes of a login that is proposed to be purged."""

    PURGED = "purged"
    SPARED = "spared"


@group.command()
def answer(
    entry: Entry,
    still_there: Annotated[StillThere, typer.Argument(metavar="yes|no", help="是否仍在岗。")],
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """答复名单上的一个人是否仍在岗（检测机构）。"""
    there = still_there is StillThere.YES

    async def keep() -> None:
        async with desk(login) as at:
            await RosterAnswers(at.work).answer(at.actor, entry, still_there=there)

    run(keep())
    printing.done({"id": entry, "still_there": there}, "答复已登记。", as_json=as_json)


@group.command()
def name(
    check: Check,
    person: Annotated[str, typer.Argument(metavar="姓名")],
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """加入名单里没有、但需要登录的人员（检测机构）。"""

    async def keep() -> None:
        async with desk(login) as at:
            await RosterAnswers(at.work).add_person(at.actor, check, person)

    run(keep())
    printing.done({"id": check, "name": person}, f"{person}已加入名单，请本人申请聘用。", as_json=as_json)


@group.command()
def settle(
    entry: Entry,
    decided: Annotated[Decided, typer.Argument(metavar="purged|spared", help="清理，或保留。")],
    reason: Reason,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """决定一个待清理的登录权限：清理或保留（培训中心）。"""
    settlement = Settlement(decided.value)

    async def keep() -> None:
        async with desk(login) as at:
            await RosterAnswers(at.work).settle(at.actor, entry, settlement, reason)

    run(keep())
    printing.done({"id": entry, "settlement": settlement}, f"已登记：{label(settlement)}。", as_json=as_json)


@group.command()
def close(check: Check, login: Login = None, as_json: AsJson = False) -> None:
    """结束一次核查；还有人没有处理完的不能结束。"""

    async def end() -> None:
        async with desk(login) as at:
            await RosterService(at.work).close(at.actor, check)

    run(end())
    printing.done({"id": check, "closed": True}, "核查已结束。", as_json=as_json)
