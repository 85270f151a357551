"""`/metrics`: what it says, and to whom."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from pydantic import ValidationError

from bot.meters import Meters
from bot.observing import observe, observed
from bot.settings import Settings
from scheduler.leader import Leadership
from services.models import Actor, StaffRole
from services.operations import OperationsService, Snapshot
from services.unit_of_work import Tools
from storage.database import Database
from storage.states import DeliveryState
from storage.tables import OutboxMessage, TickRun
from tests import factories
from tests.installation import Installation, installation
from tests.scheduler.test_leader import candidate, leading

TOKEN = "a-token-for-those-who-operate"
Browser = TestClient[web.Request, web.Application]


async def nothing() -> Snapshot:
    raise ConnectionError("no database here")


@asynccontextmanager
async def site(**settings: str | bool) -> AsyncIterator[Browser]:
    app = web.Application()
    observe(app, Meters(nothing), Settings(**settings))  # type: ignore[arg-type]
    async with TestClient(TestServer(app)) as client:
        yield client


def value(page: str, line: str) -> float:
    """The value of the line that begins so."""
    found = re.search(rf"^{re.escape(line)} (\S+)$", page, re.MULTILINE)
    assert found, f"{line} is not in\n{page}"
    return float(found[1])


@pytest.mark.parametrize(
    ("settings", "headers", "status"),
    [
        ({}, {}, 200),
        ({}, {"X-Forwarded-For": "203.0.113.9"}, 404),
        ({}, {"Via": "1.1 nginx"}, 404),
        ({"public_url": "https://zhengtu.example.org"}, {}, 404),
        ({"trust_proxy": True}, {}, 404),
        ({"public_url": "https://z.example.org", "metrics_token": TOKEN}, {}, 404),
        ({"metrics_token": TOKEN, "trust_proxy": True}, {"Authorization": "Bearer another-token-0000"}, 404),
        ({"metrics_token": TOKEN, "trust_proxy": True}, {"Authorization": f"Bearer {TOKEN}"}, 200),
    ],
)
async def test_metrics_are_not_open_to_the_internet(
    settings: dict[str, str | bool], headers: dict[str, str], status: int
) -> None:
    async with site(**settings) as client:
        answer = await client.get("/metrics", headers=headers)
        assert answer.status == status


def test_an_address_for_metrics_beyond_this_machine_needs_a_token() -> None:
    with pytest.raises(ValidationError, match="ZHENGTU_METRICS_TOKEN"):
        Settings(metrics_host="192.0.2.10")
    Settings(metrics_host="192.0.2.10", metrics_token=TOKEN)


async def test_without_its_database_a_process_still_tells_what_it_measured() -> None:
    async with site() as client:
        page = await (await client.get("/metrics")).text()
    assert value(page, "zhengtu_database_up") == 0
    assert "zhengtu_outbox_messages" not in page
    assert "process_resident_memory_bytes" in page


async def test_a_worker_answers_at_an_address_of_its_own(tools: Tools) -> None:
    settings = Settings(metrics_port=0)
    async with observed(settings, tools, Meters(nothing)) as address, aiohttp.ClientSession() as http:
        for path, status in (("/metrics", 200), ("/healthz", 200), ("/readyz", 200), ("/", 404)):
            async with http.get(f"{address}{path}") as answer:
                assert answer.status == status, path


@pytest.fixture
async def house(database_url: str, tmp_path: Path) -> AsyncIterator[Installation]:
    async with installation(database_url, tmp_path) as running:
        yield running


async def test_callbacks_and_sends_are_counted_by_account_and_errcode(house: Installation) -> None:
    phone = await house.phone()
    await phone.wait_for("欢迎使用证途")
    await phone.say("菜单")
    client = house.running.clients["main"]
    await client.message.send_text(phone.openid, "您好")
    with pytest.raises(Exception, match="40003"):
        await client.message.send_text("oNobody", "您好")
    async with house.http.get(f"{house.server}/metrics") as answer:
        assert answer.content_type == "text/plain"
        page = await answer.text()
    assert value(page, 'zhengtu_callback_seconds_count{account="main",status="200"}') >= 2
    calls = 'zhengtu_wechat_calls_total{account="main",api="message/custom/send",errcode='
    assert value(page, f'{calls}"0"}}') == 1
    assert value(page, f'{calls}"40003"}}') == 1
    assert value(page, "zhengtu_database_up") == 1
    assert phone.openid not in page


async def test_the_outbox_the_jobs_the_ticks_and_the_leader_are_seen(
    tools: Tools, database: Database
) -> None:
    async with tools.unit_of_work() as work:
        follower = await factories.follower(work)
        for number, (state, minutes) in enumerate(
            (("queued", -3), ("queued", 30), ("sending", -1), ("unknown", -9), ("dead", -20))
        ):
            work.session.add(
                OutboxMessage(
                    follower_id=follower.id if number != 3 else (await factories.follower(work)).id,
                    notice="admitted",
                    dedupe_key=f"cause {number}",
                    client_msg_id=f"id{number}",
                    state=DeliveryState(state),
                    due_at=work.now + timedelta(minutes=minutes),
                )
            )
        work.session.add(TickRun(job="nudge_drafts", scheduled_for=work.now, started_at=work.now))

    async def look() -> Snapshot:
        async with tools.unit_of_work() as work:
            return await OperationsService(work).snapshot(Actor.system("metrics"))

    async with candidate(database.url) as one:
        leadership: Leadership = await leading(one)
        assert leadership is one
        page = (await Meters(look).page()).decode()
    for state, messages in (("due", 1), ("later", 1), ("sending", 1), ("unknown", 1), ("dead", 1)):
        line = f'zhengtu_outbox_messages{{account="{follower.account}",state="{state}"}}'
        assert value(page, line) == messages
    assert value(page, f'zhengtu_outbox_oldest_seconds{{account="{follower.account}"}}') == 180
    assert value(page, 'zhengtu_jobs{state="due"}') == 0
    assert re.search(r'zhengtu_scheduler_leader\{process="[\w.-]+:\d+"\} 1\.0', page)
    moment = tools.clock.now().timestamp()
    assert value(page, 'zhengtu_tick_timestamp_seconds{tick="nudge_drafts"}') == moment


async def test_with_no_scheduler_nobody_leads_and_viewers_see_no_figures(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        snapshot = await OperationsService(work).snapshot(Actor.system("metrics"))
        assert snapshot.leader is None
        viewer = Actor(kind="staff", id="1", name="看", role=StaffRole.VIEWER)
        with pytest.raises(Exception, match=r"access\.read_only"):
            await OperationsService(work).snapshot(viewer)
