"""A whole installation in one test: simulator, server, worker, over real HTTP and the test's own database."""

import asyncio
import base64
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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
    simulator: str
    server: str
    running: Program
    clock: RunningClock

    async def phone(self, openid: str = "oFollower1") -> Phone:
        """A new follower's phone."""
        body = {"openid": openid, "nickname": openid, "account": "main", "follow": True}
        async with self.http.post(f"{self.simulator}/sim/followers", json=body) as answer:
            assert answer.status < 300, await answer.text()
        return Phone(self.http, self.simulator, openid)

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


@asynccontextmanager
async def installation(database_url: str, folder: Path) -> AsyncIterator[Installation]:
    """Simulator, server and worker, on ports of their own; closed in reverse order."""
    port, simulator_port = free_port(), free_port()
    server = f"http://127.0.0.1:{port}"
    account = WeChatSettings(
        app_id="wx1234567890abcdef",
        app_secret="0123456789abcdef0123456789abcdef",
        token="AAAAA",
        aes_keys=(AES_KEY,),
        original_id="gh_5d1a7e0c3b42",
        templates=template_ids("main"),
        api_url=f"http://127.0.0.1:{simulator_port}",
    )
    settings = Settings(
        database_url=database_url,
        data_dir=folder,
        public_url=server,
        port=port,
        secret_keys=(SECRET,),
        quiet_hours=False,
        wechat={"main": account},
    )
    simulated = await start(platform_for(settings, server, None), host="127.0.0.1", port=simulator_port)
    clock = RunningClock()
    stop = asyncio.Event()
    try:
        async with program(settings, database_url, clock=clock) as running, serving(running):
            worker = asyncio.create_task(
                run_worker(running.tools, running.messenger, running.templates, stop=stop)
            )
            async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=60)) as http:
                yield Installation(
                    http=http, simulator=simulated.url, server=server, running=running, clock=clock
                )
            stop.set()
            await worker
    finally:
        stop.set()
        await simulated.stop()
