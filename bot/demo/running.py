"""`zhengtu demo`: starts everything, says where it is, and leaves nothing running."""

import asyncio
import os
import signal
import sys
import time
from collections import deque
from contextlib import suppress
from pathlib import Path

import aiohttp
import structlog

from bot import logs
from bot.app import program
from bot.cli import printing
from bot.cli.environment import DEMO_DIR, load_settings
from bot.cli.problems import CommandError
from bot.cli.serving import run_until_told, stop_on_signals
from bot.demo.house import House, house
from bot.demo.journey import LostError
from bot.demo.phone import SilenceError
from bot.demo.rehearsal import rehearse
from bot.demo.seeding import LOGIN, open_season, sample_address, staff_member, tell_platform
from bot.demo.transcript import Transcript

log = structlog.get_logger(__name__)

_PORTS = (8080, 8090)
_READY_SECONDS = 60.0
_END_SECONDS = 35.0
#: A server that ends so often within a minute is not started again.
_MOST_STARTS = 5
_ROOT = Path(__file__).resolve().parents[2]


def stay(folder: Path, *, port: int | None, simulator_port: int | None) -> None:
    """Run the demo with the data in `folder` until it is told to stop. Raises CommandError."""
    level = load_settings().log_level
    logs.configure("warning" if level == "info" else level)
    run_until_told(_stay(folder, port, simulator_port))


async def _stay(folder: Path, port: int | None, simulator_port: int | None) -> None:
    stop = stop_on_signals()
    printing.say("正在启动……")
    async with house(folder, port=port, platform_port=simulator_port, usual=_PORTS) as around:
        furnishing = asyncio.create_task(_furnish(around))
        if not await _unless_stopped(furnishing, stop):
            return
        sample = furnishing.result()
        server = Server(around)
        await server.start()
        try:
            if not await _unless_stopped(asyncio.create_task(_with_platform(around)), stop):
                return
            _welcome(around, sample)
            await server.keep(stop)
        finally:
            printing.say("正在停止……")
            await server.end()
    printing.say("已全部停止，数据保留。")


async def _furnish(around: House) -> str | None:
    """What the demo begins with; gives the address of a sample verification."""
    async with program(around.settings, around.database_url) as running:
        actor = await staff_member(running.tools, around.secrets.password)
        sample = await sample_address(running.tools, actor)
    if sample is None:
        printing.say("第一次启动：让样例学员走完报名、学习、考试、领证的全过程，约需半分钟……")
        try:
            await rehearse(around, Transcript())
        except* (SilenceError, LostError) as errors:
            log.error("no sample certificate", reason=str(errors.exceptions[0]))
    async with program(around.settings, around.database_url) as running:
        await open_season(running, actor)
        return sample or await sample_address(running.tools, actor)


async def _with_platform(around: House) -> None:
    async with program(around.settings, around.database_url) as running:
        await tell_platform(running)


def _welcome(around: House, sample: str | None) -> None:
    printing.say(
        f"\n  手机      {around.platform_url}/\n"
        f"  管理后台  {around.server_url}/console/　账号 {LOGIN}　密码 {around.secrets.password}\n"
        f"  查验样例  {sample or '（样例没有生成，详见上面的提示）'}\n\n"
        f"数据在 {around.folder}，服务的日志在 {around.folder / 'server.log'}。\n"
        f"{_command_hint(around.folder)}按 Ctrl-C 全部停止。"
    )


def _command_hint(folder: Path) -> str:
    """How to use the command line on this data; nothing for data that `--demo` does not find."""
    if folder.resolve() != DEMO_DIR.resolve():
        return ""
    launcher = _ROOT / ".venv/bin/zhengtu"
    try:
        shown = launcher.relative_to(Path.cwd()) if launcher.exists() else "python -m bot"
    except ValueError:
        shown = launcher
    return f"另开一个终端可用命令行：{shown} --demo enrolments list\n"


async def _unless_stopped(task: "asyncio.Task[object]", stop: asyncio.Event) -> bool:
    """Wait for the task; False when it was given up because of `stop`. Raises what the task raises."""
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait((task, stopped), return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if task.done():
        task.result()
        return True
    task.cancel()
    await asyncio.wait((task,))
    return False


class Server:
    """`zhengtu serve --all` as a process of its own, so that it may die and come back."""

    def __init__(self, around: House) -> None:
        self.around = around
        self._process: asyncio.subprocess.Process | None = None
        self._starts: deque[float] = deque(maxlen=_MOST_STARTS)

    async def start(self) -> None:
        """Start it and wait until it answers. Raises CommandError."""
        self._starts.append(time.monotonic())
        environment = {name: value for name, value in os.environ.items() if not name.startswith("ZHENGTU_")}
        environment |= self.around.environment
        environment |= {
            "ZHENGTU_DATABASE_URL": self.around.database_url,
            "PYTHONPATH": os.pathsep.join(filter(None, (str(_ROOT), os.environ.get("PYTHONPATH")))),
        }
        with (self.around.folder / "server.log").open("ab") as output:
            # A group of its own: Ctrl-C in the terminal is for the demo, which then stops the server.
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "serve", "--all", "--with-starter",
                stdin=asyncio.subprocess.PIPE, stdout=output, stderr=output,
                env=environment, start_new_session=True,
            )  # fmt: skip
        await self._ready()

    async def keep(self, stop: asyncio.Event) -> None:
        """Until `stop`: start it again when it ends. Raises CommandError when it ends again and again."""
        stopped = asyncio.create_task(stop.wait())
        while not stop.is_set() and self._process is not None:
            ended = asyncio.create_task(self._process.wait())
            await asyncio.wait((ended, stopped), return_when=asyncio.FIRST_COMPLETED)
            if not ended.done():
                ended.cancel()
                break
            if len(self._starts) == _MOST_STARTS and time.monotonic() - self._starts[0] < 60:
                raise CommandError(f"服务反复退出，请看 {self.around.folder / 'server.log'}")
            printing.say(f"服务意外退出（{_ending(ended.result())}），正在重新启动……")
            await self.start()
            printing.say("服务已恢复。")
        stopped.cancel()

    async def end(self) -> None:
        """Let it finish what is under way, and make sure that it is gone."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            async with asyncio.timeout(_END_SECONDS):
                await process.wait()
        except TimeoutError:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _ready(self) -> None:
        process = self._process
        deadline = time.monotonic() + _READY_SECONDS
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as http:
            while process is not None and process.returncode is None and time.monotonic() < deadline:
                with suppress(aiohttp.ClientError, TimeoutError):
                    async with http.get(f"{self.around.server_url}/readyz") as response:
                        if response.status == 200:
                            return
                await asyncio.sleep(0.1)
        await self.end()
        raise CommandError(f"服务没有启动成功，请看 {self.around.folder / 'server.log'}")


def _ending(code: int) -> str:
    return f"信号 {signal.Signals(-code).name}" if code < 0 else f"退出码 {code}"
