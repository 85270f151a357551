"""A whole installation in one test: simulator, server, worker, over real HTTP and the test's own database."""

import asyncio
import base64
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bot.app import Program, program, serving
from bot.demo.platform import platform_for, template_ids
from bot.settings import Settings, WeChatSettings
from scheduler.runner import run_worker
from services.models import Actor, StaffRole
from services.unit_of_work import Work
from simulator import start
from tests.conftest import SECRET, RunningClock

AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
#: Of a second account.
OTHER_AES_KEY = "GFEDCBA9876543210zyxwvutsrqponmlkjihgfedcbA"


def _account(name: str, app_id: str, original_id: str) -> WeChatSettings:
    return WeChatSettings(
        app_id=app_id,
        app_secret=app_id[2:] * 2,
        token=f"token-{name}",
        aes_keys=(AES_KEY,),
        original_id=original_id,
        templates=template_ids(name),
    )


#: Each account on a platform of its own, so that the same openid can follow several: `main` and one for each of the
#: others that schemes name; `branch` has a key of its own.
ACCOUNTS = {
    "main": _account("main", "wx1234567890abcdef", "gh_5d1a7e0c3b42"),
    "branch": _account("branch", "wxfedcba0987654321", "gh_b4a2c3d4e5f6").model_copy(
        update={"aes_keys": (OTHER_AES_KEY,)}
    ),
    "metrology": _account("metrology", "wx0a1b2c3d4e5f6071", "gh_c0ffee000001"),
    "sichuan": _account("sichuan", "wx0a1b2c3d4e5f6072", "gh_c0ffee000002"),
    "cqc": _account("cqc", "wx0a1b2c3d4e5f6073", "gh_c0ffee000003"),
}


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Phone:
    """One follower, through the simulator's control."""

    http: aiohttp.ClientSession
    simulator: str
    openid: str
    seen: int = 0

    async def _send(self, **body: Any) -> dict[str, Any]:
        async with self.http.post(
            f"{self.simulator}/sim/send", json={"openid": self.openid, **body}
        ) as answer:
            result: dict[str, Any] = await answer.json()
            assert answer.status == 200, result
            return result

    async def say(self, content: str) -> str:
        """The passive reply's text."""
        result = await self._send(type="text", content=content)
        assert result["error"] is None, result
        return _text(result["reply"])

    async def say_again(self, content: str, times: int) -> list[str]:
        """The same callback several times; the text of each reply."""
        result = await self._send(type="text", content=content, repeat=times)
        return [_text(entry["reply"]) for entry in result["replies"]]

    async def click(self, key: str) -> str:
        return _text((await self._send(type="click", key=key))["reply"])

    async def scan(self, scene: str) -> str:
        """The passive reply to a scan of the account's scene QR."""
        return _text((await self._send(type="scan", scene=scene))["reply"])

    async def show(self, picture: bytes) -> str:
        """The passive reply to a picture."""
        encoded = base64.b64encode(picture).decode()
        return _text((await self._send(type="image", base64=encoded, filename="photo.jpg"))["reply"])

    async def inbox(self) -> list[dict[str, Any]]:
        """Everything received so far."""
        async with self.http.get(f"{self.simulator}/sim/inbox/{self.openid}") as answer:
            items: list[dict[str, Any]] = (await answer.json())["items"]
            return items

    async def wait_for(self, part: str, *, kind: str | None = None, seconds: float = 20) -> dict[str, Any]:
        """The first message that contains `part` and was not waited for before."""
        deadline = asyncio.get_running_loop().time() + seconds
        items: list[dict[str, Any]] = []
        while asyncio.get_running_loop().time() < deadline:
            items = await self.inbox()
            for item in items:
                if item["seq"] > self.seen and part in _words(item) and kind in (None, item["type"]):
                    self.seen = item["seq"]
                    return item
            await asyncio.sleep(0.1)
        raise AssertionError(f"{part!r} did not arrive; received: {[_words(item) for item in items]}")


def _text(reply: dict[str, Any] | None) -> str:
    return "" if reply is None else str(reply.get("content", reply["type"]))


def _words(item: dict[str, Any]) -> str:
    fields = " ".join(f"{field['label']}：{field['value']}" for field in item.get("fields", []))
    return f"{item['type']} {item.get('content', '')} {item.get('title', '')} {fields}"


@dataclass
class Installation:
    """What a journey needs at hand."""

    http: aiohttp.ClientSession
    server: str
    running: Program
    clock: RunningClock

    async def phone(self, openid: str = "oFollower1", account: str = "main") -> Phone:
        """A new follower's phone."""
        simulator = self.running.settings.wechat[account].api_url
        body = {"openid": openid, "nickname": openid, "account": account, "follow": True}
        async with self.http.post(f"{simulator}/sim/followers", json=body) as answer:
            assert answer.status < 300, await answer.text()
        return Phone(self.http, simulator, openid)

    @asynccontextmanager
    async def work(self) -> AsyncIterator[Work]:
        """A unit of work, as staff's commands use it."""
        async with self.running.tools.unit_of_work() as work:
            yield work

    async def officer(self) -> Actor:
        """A member of the association's staff."""
        from services.organisations import ensure

        async with self.work() as work:
            organisation = await ensure(work, "贵州省 ISO9000 质量促进会", "association")
        return Actor(
            kind="staff", id="officer", name="谢老师", organisation_id=organisation, role=StaffRole.OFFICER
        )


@dataclass
class Server:
    """`zhengtu serve --all` as a process that can be killed."""

    environment: dict[str, str]
    address: str
    process: asyncio.subprocess.Process | None = None
    #: What it logs goes there.
    log: Path = Path(os.devnull)
    command: tuple[str, ...] = ("serve", "--all", "--dev")

    async def start(self) -> None:
        """Until it answers."""
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", *self.command, env=self.environment, stderr=log
            )
        async with aiohttp.ClientSession() as http:
            for _ in range(600):
                try:
                    async with http.get(f"{self.address}/healthz") as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.1)
        raise AssertionError("the server did not come up")

    async def kill(self) -> None:
        """With -9."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()

    async def stop(self) -> None:
        """As an operator does it."""
        if self.process is not None and self.process.returncode is None:
            self.process.terminate()
            await asyncio.wait_for(self.process.wait(), 40)


@asynccontextmanager
async def installation(
    database_url: str, folder: Path, *, accounts: Sequence[str] = ("main",), schemes_dir: Path | None = None
) -> AsyncIterator[Installation]:
    """Simulators, server and worker, on ports of their own; closed in reverse order."""
    settings = settings_for(database_url, folder, accounts, schemes_dir)
    clock = RunningClock()
    stop = asyncio.Event()
    async with _platforms(settings):
        try:
            async with program(settings, database_url, clock=clock) as running, serving(running):
                worker = asyncio.create_task(
                    run_worker(running.tools, running.messenger, running.templates, stop=stop)
                )
                async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as http:
                    yield Installation(http=http, server=settings.public_url, running=running, clock=clock)
                stop.set()
                await worker
        finally:
            stop.set()


@asynccontextmanager
async def mortal_site(
    database_url: str, folder: Path, *, log: Path = Path(os.devnull)
) -> AsyncIterator[tuple[Installation, Server]]:
    """The same with the server as a process; the program in this one is for staff's commands only."""
    settings = settings_for(database_url, folder)
    server = Server({**os.environ, **environment_of(settings)}, settings.public_url, log=log)
    # WeChat tries three times, five seconds apart. How long a start takes is this machine's matter, so here it knocks
    # until the server is back.
    async with _platforms(settings, connect_pause=0.2, callback_tries=600):
        try:
            await server.start()
            async with program(settings, database_url) as running, aiohttp.ClientSession() as http:
                yield (
                    Installation(
                        http=http, server=settings.public_url, running=running, clock=RunningClock()
                    ),
                    server,
                )
        finally:
            await server.stop()


def settings_for(
    database_url: str, folder: Path, accounts: Sequence[str] = ("main",), schemes_dir: Path | None = None
) -> Settings:
    """Of an installation on a port of its own, whose platforms nobody plays yet."""
    port = free_port()
    return Settings(
        database_url=database_url,
        data_dir=folder,
        public_url=f"http://127.0.0.1:{port}",
        port=port,
        secret_keys=(SECRET,),
        quiet_hours=False,
        schemes_dir=schemes_dir,
        wechat={
            name: ACCOUNTS[name].model_copy(update={"api_url": f"http://127.0.0.1:{free_port()}"})
            for name in accounts
        },
    )


def environment_of(settings: Settings) -> dict[str, str]:
    """The same settings as variables; the templates' ids stay out, whose names are ours."""
    variables = {
        "ZHENGTU_DATABASE_URL": str(settings.database_url),
        "ZHENGTU_DATA_DIR": str(settings.data_dir),
        "ZHENGTU_PUBLIC_URL": settings.public_url,
        "ZHENGTU_PORT": str(settings.port),
        "ZHENGTU_SECRET_KEYS": ",".join(settings.secret_keys),
        "ZHENGTU_QUIET_HOURS": str(settings.quiet_hours).lower(),
    }
    for name, account in settings.wechat.items():
        for key in ("app_id", "app_secret", "token", "original_id", "api_url"):
            variables[f"ZHENGTU_WECHAT__{name.upper()}__{key.upper()}"] = getattr(account, key)
        variables[f"ZHENGTU_WECHAT__{name.upper()}__AES_KEYS"] = ",".join(account.aes_keys)
    return variables


@asynccontextmanager
async def _platforms(
    settings: Settings, *, connect_pause: float = 1.0, callback_tries: int = 3
) -> AsyncIterator[None]:
    """A simulator for every account, where its `api_url` says."""
    patience = {"connect_pause": connect_pause, "callback_tries": callback_tries}
    async with AsyncExitStack() as stack:
        for name, account in settings.wechat.items():
            alone = settings.model_copy(update={"wechat": {name: account}})
            platform = platform_for(alone, settings.public_url, None)
            port = urlsplit(account.api_url).port
            assert port is not None
            running = await start(platform.model_copy(update=patience), host="127.0.0.1", port=port)
            stack.push_async_callback(running.stop)
        yield
