"""`serve`, `worker`, `migrate`, `simulator`: what runs until it is told to stop."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Annotated, Any, Final

import structlog
import typer

from bot.cli import printing
from bot.cli.environment import DEMO, database, load_settings
from bot.cli.problems import CommandError
from bot.settings import Settings

log = structlog.get_logger(__name__)

#: From the signal to the end; systemd and Docker are told to wait a little longer before they kill.
DRAIN_SECONDS: Final = 28.0

Dev = Annotated[bool, typer.Option("--dev", help="开发用：不要求正式的密钥、域名和公众号参数。")]
NoMigrate = Annotated[bool, typer.Option("--no-migrate", help="启动时不更新数据库结构。")]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    for command in (serve, worker, migrate, simulator):
        app.command()(command)


def serve(
    everything: Annotated[bool, typer.Option("--all", help="同一进程里也运行后台任务和定时任务。")] = False,
    dev: Dev = False,
    no_migrate: NoMigrate = False,
    with_starter: Annotated[bool, typer.Option("--with-starter", hidden=True)] = False,
) -> None:
    """启动服务：公众号回调、管理后台、查验页面。"""
    settings = _production_settings(dev)
    with database(settings) as url:
        run_until_told(_serve(settings, url, everything, not no_migrate, with_starter))


def worker(dev: Dev = False, no_migrate: NoMigrate = False) -> None:
    """启动后台：照片检查、消息投递、定时提醒。可以多开几个。"""
    settings = _production_settings(dev)
    with database(settings) as url:
        run_until_told(_work(settings, url, migrating=not no_migrate))


def migrate() -> None:
    """把数据库更新到最新结构。"""
    from storage import migrations

    settings = load_settings()
    with database(settings) as url:
        printing.say(f"数据库已是最新结构：{asyncio.run(migrations.migrate(url))}")


def simulator(
    port: Annotated[int, typer.Option("--port", help="网页和接口的端口。")] = 8090,
) -> None:
    """启动微信公众平台模拟器，账号参数取自 ZHENGTU_WECHAT__…。只在本机使用。"""
    settings = load_settings()
    if not settings.wechat:
        raise CommandError("没有公众号参数，请设置 ZHENGTU_WECHAT__MAIN__APP_ID 等，或直接运行 zhengtu demo")
    run_until_told(_simulate(settings, port))


def run_until_told(work: Coroutine[Any, Any, None]) -> None:
    """Run on uvloop, where there is one."""
    if sys.platform == "win32":
        asyncio.run(work)
        return
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(work)


def stop_on_signals() -> asyncio.Event:
    """An event that SIGINT, SIGTERM and SIGHUP set; what is under way is finished first."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        with suppress(NotImplementedError):
            loop.add_signal_handler(number, stop.set)
    return stop


def _production_settings(dev: bool) -> Settings:
    """Settings that may be served with. Raises CommandError with the list of what a real installation lacks."""
    settings = load_settings(dev=dev)
    if not dev and not os.environ.get(DEMO) and (missing := settings.missing_for_production()):
        listed = "\n".join(f"  · {item}" for item in missing)
        raise CommandError(f"正式启动还缺少这些设置：\n{listed}\n试用请运行 zhengtu demo，开发请加 --dev。")
    return settings


async def _serve(settings: Settings, url: str, everything: bool, migrating: bool, with_starter: bool) -> None:
    from bot.app import program, serving
    from bot.observing import observed

    stop = stop_on_signals()
    await _prepare(url, migrating)
    async with _drained(stop), program(settings, url) as running, asyncio.TaskGroup() as tasks:
        if everything:
            _start_background(tasks, running, stop)
        async with serving(running), observed(settings, running.tools, running.meters):
            if with_starter:
                tasks.create_task(_end_with_starter(stop))
            await stop.wait()
            log.info("stopping")


async def _work(settings: Settings, url: str, *, migrating: bool) -> None:
    from bot.app import program
    from bot.observing import observed

    stop = stop_on_signals()
    await _prepare(url, migrating)
    async with _drained(stop), program(settings, url) as running, asyncio.TaskGroup() as tasks:
        _start_background(tasks, running, stop)
        async with observed(settings, running.tools, running.meters):
            await stop.wait()
        log.info("stopping")


@asynccontextmanager
async def _drained(stop: asyncio.Event) -> AsyncIterator[None]:
    """After `stop` the block has `DRAIN_SECONDS` to end; what is left then is cut off.

    A send that is cut off keeps its claim, which lapses: a template message is repeated under its id, anything else is
    shown to staff.
    """
    loop = asyncio.get_running_loop()

    async def bound(limit: asyncio.Timeout) -> None:
        await stop.wait()
        limit.reschedule(loop.time() + DRAIN_SECONDS)

    try:
        async with asyncio.timeout(None) as limit:
            watch = asyncio.create_task(bound(limit))
            try:
                yield
            finally:
                watch.cancel()
    except TimeoutError:
        if not limit.expired():
            raise
        log.error("stopping.cut_off", after_seconds=DRAIN_SECONDS)
    else:
        log.info("stopped")


def _start_background(tasks: asyncio.TaskGroup, running: Any, stop: asyncio.Event) -> None:
    from scheduler.runner import run_scheduler, run_worker

    tasks.create_task(run_worker(running.tools, running.messenger, running.templates, stop=stop))
    tasks.create_task(run_scheduler(running.tools, stop=stop))


async def _prepare(url: str, migrating: bool) -> None:
    from storage import migrations

    if migrating:
        log.info("database ready", revision=await migrations.migrate(url))
    elif await migrations.current(url) != migrations.head():
        raise CommandError("数据库的结构不是最新的，请先运行 zhengtu migrate")


async def _end_with_starter(stop: asyncio.Event) -> None:
    """Whoever started us holds our stdin open; when it ends, however it ends, so do we."""
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), sys.stdin
    )
    gone = asyncio.create_task(reader.read())
    told = asyncio.create_task(stop.wait())
    await asyncio.wait((gone, told), return_when=asyncio.FIRST_COMPLETED)
    for task in (gone, told):
        task.cancel()
    stop.set()


async def _simulate(settings: Settings, port: int) -> None:
    from bot.demo.platform import platform_for
    from simulator import start

    stop = stop_on_signals()
    config = platform_for(
        settings, f"http://{settings.host}:{settings.port}", settings.data_dir / "simulator"
    )
    running = await start(config, host="127.0.0.1", port=port)
    printing.say(f"模拟器：{running.url}/")
    try:
        await stop.wait()
    finally:
        await running.stop()
