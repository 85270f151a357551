"""`benchmarks`: what is published, a sitting's versions, and marking a sitting anew for everybody (B5)."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from bot.cli import printing
from bot.cli.environment import Desk, desk, run
from bot.cli.options import AsJson, Login, Reason
from bot.cli.scores import Sitting
from services.exams.benchmark_views import PublishedBenchmark, SnapshotView
from services.exams.benchmarks import BenchmarkService
from services.exams.regrading import RegradeService, RegradeView
from services.exams.sittings import SittingService
from services.rules.benchmark import Benchmark

group = typer.Typer(help="基准指数。", no_args_is_help=True)


@group.command("list")
def list_(login: Login = None, as_json: AsJson = False) -> None:
    """列出已公布的基准指数。"""

    async def read() -> tuple[PublishedBenchmark, ...]:
        async with desk(login) as at:
            return await BenchmarkService(at.work).list_published()

    columns: dict[str, str | Callable[[PublishedBenchmark], str]] = {
        "项目": "scheme",
        "场次": "sitting",
        "版": "version",
        "数据": lambda one: _figures(one.benchmark),
        "公布": "published_at",
        "校验值": "sha256",
    }
    printing.listing(run(read()), columns, as_json=as_json, empty="还没有公布的基准指数。")


@group.command()
def show(sitting: Sitting, login: Login = None, as_json: AsJson = False) -> None:
    """显示一个场次的基准指数，各版都在。"""

    async def read() -> tuple[SnapshotView, ...]:
        async with desk(login) as at:
            found = await SittingService(at.work).find_by_code(at.actor, sitting)
            return await BenchmarkService(at.work).snapshots(at.actor, found.id)

    columns: dict[str, str | Callable[[SnapshotView], str]] = {
        "版": "version",
        "数据": lambda one: _figures(one.benchmark),
        "方法": "method",
        "锁定": "frozen_at",
        "公布": "published_at",
        "校验值": "sha256",
    }
    printing.listing(run(read()), columns, as_json=as_json, empty="这个场次没有基准指数。")


@group.command()
def regrade(
    file: Annotated[Path, typer.Argument(metavar="文件", help="更正后的成绩表，要有本场全部考生。")],
    sitting: Sitting,
    reason: Reason,
    login: Login = None,
    as_json: AsJson = False,
) -> None:
    """标准答案有误时，提出全体重新评定；由另一个人 regrade-confirm。"""
    content = file.read_bytes()

    async def verb(at: Desk, sitting_id: UUID) -> None:
        await RegradeService(at.work).propose(at.actor, sitting_id, file.name, content, reason)

    _told(_with_sitting(login, sitting, verb), as_json)


@group.command("regrade-show")
def regrade_show(sitting: Sitting, login: Login = None, as_json: AsJson = False) -> None:
    """显示重新评定的方案：每个人原来和新的结果。"""

    async def verb(at: Desk, sitting_id: UUID) -> None:
        """Nothing more."""

    _told(_with_sitting(login, sitting, verb), as_json)


@group.command("regrade-confirm")
def regrade_confirm(sitting: Sitting, login: Login = None, as_json: AsJson = False) -> None:
    """执行别人提出的重新评定，并通知全体考生。"""

    async def verb(at: Desk, sitting_id: UUID) -> None:
        await RegradeService(at.work).carry_out(at.actor, sitting_id)

    _told(_with_sitting(login, sitting, verb), as_json)


@group.command("regrade-drop")
def regrade_drop(sitting: Sitting, reason: Reason, login: Login = None, as_json: AsJson = False) -> None:
    """放弃重新评定的方案。"""

    async def verb(at: Desk, sitting_id: UUID) -> None:
        await RegradeService(at.work).drop(at.actor, sitting_id, reason)

    _told(_with_sitting(login, sitting, verb), as_json)


def _with_sitting(
    login: str | None, code: str, verb: Callable[[Desk, UUID], Awaitable[None]]
) -> tuple[RegradeView, ...]:
    """Do it to the sitting of this code; its regrades as they are then."""

    async def work() -> tuple[RegradeView, ...]:
        async with desk(login) as at:
            found = await SittingService(at.work).find_by_code(at.actor, code)
            await verb(at, found.id)
            return await RegradeService(at.work).list_of(at.actor, found.id)

    return run(work())


def _told(regrades: tuple[RegradeView, ...], as_json: bool) -> None:
    columns: dict[str, str | Callable[[RegradeView], str]] = {
        "状态": "state",
        "原因": "reason",
        "提出": "proposed_by",
        "决定": "decided_by",
        "新的基准": lambda one: _figures(one.benchmark) if one.benchmark is not None else "",
        "人数": lambda one: str(len(one.lines)) if one.lines else "",
        "等级有变": lambda one: (
            str(sum(line.old_grade != line.new_grade for line in one.lines)) if one.lines else ""
        ),
    }
    printing.listing(regrades, columns, as_json=as_json, empty="这个场次没有重新评定。")


def _figures(one: Benchmark) -> str:
    return f"x*={one.mean} s*={one.deviation} n={one.count} B={one.index}"
