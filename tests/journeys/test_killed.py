"""kill -9 of the server in the middle of a story: it ends right, and nothing happens twice."""

import asyncio
import dataclasses
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import select

from bot.app import program
from bot.demo.platform import platform_for, template_ids
from bot.settings import Settings, WeChatSettings
from services.enrolments.review import ReviewService
from services.pictures import specimen
from simulator import start
from storage.tables import AuditEntry, Document, Enrolment
from tests.conftest import SECRET, RunningClock
from tests.installation import AES_KEY, Installation, Phone, free_port
from tests.journeys import story


@dataclasses.dataclass
class Server:
    """`zhengtu serve --all` as a process that can be killed."""

    environment: dict[str, str]
    address: str
    process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        self.process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "bot",
            "serve",
            "--all",
            "--dev",
            env=self.environment,
            stderr=asyncio.subprocess.DEVNULL,
        )
        async with aiohttp.ClientSession() as http:
            for _ in range(200):
                try:
                    async with http.get(f"{self.address}/healthz") as answer:
                        if answer.status == 200:
                            return
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.1)
        raise AssertionError("the server did not come up")

    async def kill(self) -> None:
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        await self.process.wait()

    async def stop(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.terminate()
            await asyncio.wait_for(self.process.wait(), 40)


@asynccontextmanager
async def mortal_site(database_url: str, folder: Path) -> AsyncIterator[tuple[Installation, Server]]:
    port, simulator_port = free_port(), free_port()
    account = WeChatSettings(
        app_id="wx1234567890abcdef",
        app_secret="0123456789abcdef0123456789abcdef",
        token="AAAAA",
        aes_keys=(AES_KEY,),
        original_id="gh_5d1a7e0c3b42",
        templates=template_ids("main"),
        api_url=f"http://127.0.0.1:{simulator_port}",
    )
    address = f"http://127.0.0.1:{port}"
    settings = Settings(
        database_url=database_url,
        data_dir=folder,
        public_url=address,
        port=port,
        secret_keys=(SECRET,),
        quiet_hours=False,
        wechat={"main": account},
    )
    environment = {
        **os.environ,
        "ZHENGTU_DATABASE_URL": database_url,
        "ZHENGTU_DATA_DIR": str(folder),
        "ZHENGTU_PUBLIC_URL": address,
        "ZHENGTU_PORT": str(port),
        "ZHENGTU_SECRET_KEYS": SECRET,
        "ZHENGTU_QUIET_HOURS": "false",
        "ZHENGTU_WECHAT__MAIN__APP_ID": account.app_id,
        "ZHENGTU_WECHAT__MAIN__APP_SECRET": account.app_secret,
        "ZHENGTU_WECHAT__MAIN__TOKEN": account.token,
        "ZHENGTU_WECHAT__MAIN__AES_KEYS": AES_KEY,
        "ZHENGTU_WECHAT__MAIN__ORIGINAL_ID": account.original_id,
        "ZHENGTU_WECHAT__MAIN__API_URL": account.api_url,
    }
    # WeChat tries three times, five seconds apart; a server is up again within that.
    platform = platform_for(settings, address, None).model_copy(update={"connect_pause": 5.0})
    simulated = await start(platform, host="127.0.0.1", port=simulator_port)
    server = Server(environment, address)
    try:
        await server.start()
        async with program(settings, database_url) as running, aiohttp.ClientSession() as http:
            yield (
                Installation(
                    http=http, simulator=simulated.url, server=address, running=running, clock=RunningClock()
                ),
                server,
            )
    finally:
        await server.stop()
        await simulated.stop()


@pytest.fixture
async def mortal(database_url: str, tmp_path: Path) -> AsyncIterator[tuple[Installation, Server]]:
    async with mortal_site(database_url, tmp_path) as both:
        yield both


async def killed_while(server: Server, phone: Phone, content: str) -> str:
    """Say something, kill the server at once, start it again; the reply that comes after all."""
    saying = asyncio.create_task(phone.say(content))
    await asyncio.sleep(0.005)
    await server.kill()
    await server.start()
    return await saying


async def test_the_story_ends_right_and_nothing_happens_twice(mortal: tuple[Installation, Server]) -> None:
    site, server = mortal
    phone = await site.phone()
    await phone.wait_for("欢迎使用证途")
    await phone.say("报名")
    await phone.say("1")
    await phone.say("1")
    assert "【姓名】" in await killed_while(server, phone, "同意")
    assert "✓ 姓名：王小明" in await killed_while(server, phone, story.NAME)
    for typed in (story.identity_number(), "13800138000", "贵州贵阳云岩区", "2", "贵州大学", "1", "1"):
        await phone.say(typed)
    # Killed while a picture is being fetched and checked: the job is taken up again.
    await phone.show(specimen.portrait())
    await server.kill()
    await server.start()
    await phone.wait_for("请继续发送【身份证人像面】", seconds=90)
    for picture in (specimen.id_card_front(), specimen.id_card_back(), specimen.diploma()):
        await phone.show(picture)
    await phone.wait_for("照片都齐了")
    await phone.say("继续")
    assert "已提交" in await killed_while(server, phone, "提交")

    async with site.work() as work:
        (enrolment,) = (await work.session.scalars(select(Enrolment))).all()
        documents = (
            await work.session.scalars(select(Document).where(Document.superseded_at.is_(None)))
        ).all()
        actions = Counter((await work.session.scalars(select(AuditEntry.action))).all())
    assert enrolment.state == "in_review"
    assert sorted(document.state for document in documents) == ["uploaded"] * 4
    assert actions["enrolment.submitted"] == actions["enrolment.consented"] == actions["enrolment.begun"] == 1
    officer = await site.officer()
    async with site.work() as work:
        await ReviewService(work).approve(officer, enrolment.id)
    await phone.wait_for("审核已通过")
    received = [item.get("content", "") for item in await phone.inbox()]
    assert len([text for text in received if "审核已通过" in text]) == 1
    assert len([text for text in received if "照片都齐了" in text]) == 1


async def test_after_a_restart_the_conversation_goes_on_where_it_was(
    mortal: tuple[Installation, Server],
) -> None:
    site, server = mortal
    phone = await site.phone()
    await phone.say("报名")
    await phone.say("1")
    await phone.say("1")
    await phone.say("同意")
    await phone.say(story.NAME)
    await server.stop()
    await server.start()
    assert "✓ 身份证号：520***********" in await phone.say(story.identity_number())
