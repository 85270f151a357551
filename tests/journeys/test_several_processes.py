"""Several real processes on one database: one installation, one leader, and an end that leaves nothing in the air."""

import asyncio
import json
import os
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import web
from sqlalchemy import func, select, update

from services.models import Actor
from services.notices import NoticeService
from services.operations import OperationsService, Snapshot
from services.unit_of_work import Tools
from storage.states import DeliveryState
from storage.tables import Follower, OutboxMessage
from tests import factories
from tests.installation import (
    Installation,
    Phone,
    Server,
    environment_of,
    free_port,
    mortal_site,
    settings_for,
)
from tests.journeys import story
from tests.scheduler.conftest import until

MESSAGES = 48


@dataclass
class Pair:
    """Two processes that do everything, on one database, and WeChat between them."""

    site: Installation
    one: Server
    two: Server
    folder: Path

    async def calls(self, server: Server) -> None:
        """WeChat's next callbacks go to this one, as a balancer would have it."""
        platform = self.site.running.settings.wechat["main"].api_url
        body = {"callback_url": f"{server.address}/wechat/main"}
        async with self.site.http.patch(f"{platform}/sim/accounts/main", json=body) as answer:
            assert answer.status == 200

    async def snapshot(self) -> Snapshot:
        async with self.site.work() as work:
            return await OperationsService(work).snapshot(Actor.system("test"))

    async def leader(self) -> Server | None:
        """Which of them runs the ticks."""
        leader = (await self.snapshot()).leader
        pids = {str(server.process.pid): server for server in (self.one, self.two) if server.process}
        return pids.get(leader.process.rpartition(":")[2]) if leader is not None else None

    def logs(self) -> str:
        """Every line of both."""
        return "".join(log.read_text() for log in sorted(self.folder.glob("*.log")))


@pytest.fixture
async def pair(database_url: str, tmp_path: Path) -> AsyncIterator[Pair]:
    async with mortal_site(database_url, tmp_path, log=tmp_path / "one.log") as (site, one):
        port = str(free_port())
        environment = {**one.environment, "ZHENGTU_PORT": port}
        two = Server(environment, f"http://127.0.0.1:{port}", log=tmp_path / "two.log")
        try:
            await two.start()
            yield Pair(site, one, two, tmp_path)
        finally:
            await two.stop()


async def test_two_processes_are_one_installation_and_one_leads_again_within_5_s_of_a_kill(
    pair: Pair,
) -> None:
    phone = await pair.site.phone(openid="oABCDEFGHIJKLMNOPQRSTUVWXYZ1")
    await phone.wait_for("欢迎使用证途")
    await phone.say("报名")
    await pair.calls(pair.two)
    await phone.say("1")
    await phone.say("1")
    await pair.calls(pair.one)
    assert "【姓名】" in await phone.say("同意")
    await pair.calls(pair.two)
    assert f"✓ 姓名：{story.NAME}" in await phone.say(story.NAME)
    await pair.calls(pair.one)
    assert "✓ 身份证号：520***********" in await phone.say(story.identity_number())
    assert "✓" in await phone.say("13800138000")

    await until(pair.leader)
    first = await pair.leader()
    assert first is not None
    other = pair.two if first is pair.one else pair.one
    seen = {await metric(pair, server, "zhengtu_scheduler_leader") for server in (pair.one, pair.two)}
    assert len(seen) == 1

    await pair.calls(other)
    begun = asyncio.get_running_loop().time()
    await first.kill()

    async def taken_over() -> bool:
        return await pair.leader() is other

    await until(taken_over)
    assert asyncio.get_running_loop().time() - begun <= 5
    assert "贵州" in await phone.say("贵州贵阳云岩区")
    await nothing_secret_is_logged(pair, phone)


async def metric(pair: Pair, server: Server, name: str) -> str:
    """The line of a process's own metrics."""
    async with pair.site.http.get(f"{server.address}/metrics") as answer:
        page = await answer.text()
    found = re.search(rf"^{name}\{{.*$", page, re.MULTILINE)
    assert found, page
    return found[0]


async def nothing_secret_is_logged(pair: Pair, phone: Phone) -> None:
    """Every line is JSON, and holds no openid, token, secret, identity number, phone or name."""
    written = pair.logs()
    lines = [json.loads(line) for line in written.splitlines()]
    assert {"serving", "leader.leading"} <= {line["event"] for line in lines}
    settings = pair.site.running.settings
    account = settings.wechat["main"]
    asked = {"grant_type": "client_credential", "appid": account.app_id, "secret": account.app_secret}
    async with pair.site.http.post(f"{account.api_url}/cgi-bin/stable_token", json=asked) as answer:
        access_token = (await answer.json())["access_token"]
    hidden = (
        phone.openid,
        access_token,
        account.app_secret,
        account.token,
        account.aes_keys[0],
        settings.secret_keys[0],
        story.identity_number(),
        "13800138000",
        story.NAME,
    )
    for secret in hidden:
        assert secret not in written


@dataclass
class SlowPlatform:
    """WeChat on a slow day: every message takes a second. Whom it got, it keeps."""

    taken: list[str] = field(default_factory=list)
    done: list[str] = field(default_factory=list)

    async def token(self, _: web.Request) -> web.Response:
        return web.json_response({"access_token": "a-token", "expires_in": 7200})

    async def send(self, request: web.Request) -> web.Response:
        openid = (await request.json())["touser"]
        self.taken.append(openid)
        await asyncio.sleep(1)
        self.done.append(openid)
        return web.json_response({"errcode": 0, "errmsg": "ok", "msgid": len(self.done)})


@asynccontextmanager
async def slow_platform() -> AsyncIterator[tuple[SlowPlatform, str]]:
    platform, app = SlowPlatform(), web.Application()
    app.router.add_post("/cgi-bin/stable_token", platform.token)
    app.router.add_post("/cgi-bin/message/custom/send", platform.send)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield platform, f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def queue_messages(tools: Tools) -> None:
    """One for each of many people who may be written to."""
    async with tools.unit_of_work() as work:
        for number in range(MESSAGES):
            follower = await factories.follower(work)
            follower.window_until, follower.window_left = work.now + timedelta(hours=2), 5
            await NoticeService(work).send(
                follower.id,
                "admitted",
                cause=f"cause {number}",
                facts={"scheme": "质量安全员", "number": "10001", "next": "请等待", "hint": "", "time": ""},
            )
        # The queue's clock is the test's, which stands still in the past of the worker's.
        await work.session.execute(update(OutboxMessage).values(due_at=func.now()))
        await work.session.execute(
            update(Follower).values(window_until=func.now() + timedelta(hours=2), last_inbound_at=func.now())
        )


async def test_a_worker_that_is_told_to_stop_finishes_what_it_sends_and_leaves_the_rest_queued(
    database_url: str, tools: Tools, tmp_path: Path
) -> None:
    async with slow_platform() as (platform, address):
        settings = settings_for(database_url, tmp_path)
        main = settings.wechat["main"].model_copy(update={"api_url": address})
        settings = settings.model_copy(update={"wechat": {"main": main}})
        port = str(free_port())
        environment = {**os.environ, **environment_of(settings), "ZHENGTU_METRICS_PORT": port}
        worker = Server(environment, f"http://127.0.0.1:{port}", command=("worker", "--dev"))
        await queue_messages(tools)
        await worker.start()
        await until(lambda: len(platform.taken) >= 8)
        begun = asyncio.get_running_loop().time()
        assert worker.process is not None
        worker.process.terminate()
        code = await asyncio.wait_for(worker.process.wait(), 30)
        took = asyncio.get_running_loop().time() - begun
    async with tools.unit_of_work() as work:
        states = Counter((await work.session.scalars(select(OutboxMessage.state))).all())
        delivered = (
            await work.session.scalars(
                select(Follower.openid)
                .join(OutboxMessage, OutboxMessage.follower_id == Follower.id)
                .where(OutboxMessage.state == DeliveryState.ACCEPTED)
            )
        ).all()
    assert code == 0
    assert took < 10
    assert set(states) <= {DeliveryState.ACCEPTED, DeliveryState.QUEUED}
    assert sum(states.values()) == MESSAGES
    assert sorted(platform.done) == sorted(platform.taken) == sorted(delivered)
