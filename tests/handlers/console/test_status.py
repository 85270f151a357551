"""The status page: plain words, no people, and nobody kept signed in by it (issue 4, point 7)."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, text

from handlers.console.status import REFRESHES
from handlers.console.status_texts import TICKS as TICK_WORDS
from handlers.console.status_texts import concern
from scheduler.ticks import TICKS
from services.operations import Concern
from services.unit_of_work import Tools
from storage.database import Database
from storage.states import DeliveryState
from storage.tables import OutboxMessage, Receipt, TickRun
from tests import factories
from tests.handlers.console.conftest import Browser
from tests.scheduler.test_leader import candidate, leading


def test_every_tick_has_a_name_in_chinese() -> None:
    assert {tick.name for tick in TICKS} <= TICK_WORDS.keys()


@pytest.mark.parametrize(
    ("code", "facts", "words"),
    [
        ("no_worker", {}, "zhengtu worker"),
        ("stuck", {"minutes": 12}, "12 分钟"),
        ("quota_low", {"account": "main", "api": "template", "left": 3}, "main 今天的模板消息"),
    ],
)
def test_a_concern_says_what_it_is_and_what_to_do(code: str, facts: dict[str, object], words: str) -> None:
    said, advice = concern(Concern(code=code, facts=facts))
    assert words in said + advice
    assert advice.endswith("。")


async def test_an_officer_sees_what_waits_and_what_is_wrong_and_a_viewer_does_not(
    tools: Tools, database: Database, officer: Browser, viewer: Browser
) -> None:
    async with tools.unit_of_work() as work:
        follower = await factories.follower(work)
        for number, (state, minutes, values) in enumerate(
            (
                ("queued", -12, {}),
                ("queued", 60, {}),
                ("accepted", -5, {"channel": "template", "msgid": "1", "finished_at": work.now}),
                ("delivered", -5, {"channel": "customer", "msgid": "2", "finished_at": work.now}),
                ("dead", -20, {}),
            )
        ):
            work.session.add(
                OutboxMessage(
                    follower_id=follower.id,
                    notice="admitted",
                    dedupe_key=f"cause {number}",
                    client_msg_id=f"id{number}",
                    state=DeliveryState(state),
                    due_at=work.now + timedelta(minutes=minutes),
                    **values,
                )
            )
        await work.session.flush()
        sent = await work.session.scalar(select(OutboxMessage.id).where(OutboxMessage.msgid == "1"))
        await work.session.execute(
            insert(Receipt).values(
                account="main", msgid="1", message_id=sent, created_at=work.now - timedelta(minutes=6)
            )
        )
        work.session.add(TickRun(job="nudge_drafts", scheduled_for=work.now, started_at=work.now))
        await work.session.execute(
            text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (clock_timestamp())")
        )
    async with candidate(database.url) as one:
        await leading(one)
        page = await officer.open("/status")
    assert "最早的一条消息已经等了 12 分钟" in page
    assert "有 1 条消息发不出去" in page
    assert "没有在运行" not in page
    assert "1 个在运行" in page
    assert "提醒没填完的报名" in page
    (row,) = re.findall(r'<tr><td class="nowrap">main</td>(.*?)</tr>', page)
    cells = re.findall(r"<td[^>]*>(.*?)</td>", row)
    assert cells == ["1", "12 分钟", "0", "2", "1", "99,999", "499,999"]
    assert follower.openid not in page
    assert "运行状况" not in await viewer.open("/")
    assert "只有查看权限" in await viewer.open("/status", status=403)


async def test_a_healthy_installation_says_so_and_a_page_that_is_left_open_stops_asking(
    tools: Tools, database: Database, officer: Browser
) -> None:
    assert "后台没有在运行" in await officer.open("/status")
    async with tools.unit_of_work() as work:
        await work.session.execute(
            text("INSERT INTO procrastinate_workers (last_heartbeat) VALUES (clock_timestamp())")
        )
    async with candidate(database.url) as one:
        await leading(one)
        page = await officer.open("/status")
    assert "一切正常，什么也不用做" in page
    assert 'hx-get="/console/status?refreshed=1"' in page
    last = await officer.open(f"/status?refreshed={REFRESHES}")
    assert "hx-get" not in last
    assert "已停止自动刷新" in last
