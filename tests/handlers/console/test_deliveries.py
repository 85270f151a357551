"""Messages that have to be decided about, in the console."""

import uuid
from collections.abc import Awaitable, Callable

from sqlalchemy import text

from services.models import StaffRole
from services.unit_of_work import Tools
from storage.tables import Organisation
from tests.handlers.console.conftest import Browser
from tests.services.undecided_stories import given_up


async def test_what_nobody_knows_has_a_tile_and_a_page_on_which_it_is_decided(
    tools: Tools, home: uuid.UUID, officer: Browser, viewer: Browser
) -> None:
    assert "没有要核实的消息" in await officer.open("/deliveries")
    async with tools.unit_of_work() as work:
        organisation = await work.session.get_one(Organisation, home)
        first, second = await given_up(work, organisation), await given_up(work, organisation)
    assert "消息要核实" in await officer.open("/")
    page = await officer.open("/deliveries")
    assert "结果不明" in page
    assert "本人可能收到两条" in page
    assert "timeout" in page
    assert "再发一次" not in await viewer.open("/deliveries")
    assert "请写明原因" in await officer.send(
        f"/deliveries/{first.id}/send-again", {"reason": " "}, status=422
    )
    await viewer.send(f"/deliveries/{first.id}/set-aside", {"reason": "不用了"}, status=403)
    assert "已作为新消息发送" in await officer.send(
        f"/deliveries/{first.id}/send-again", {"reason": "没有收到"}
    )
    assert "不再发送" in await officer.send(f"/deliveries/{second.id}/set-aside", {"reason": "已电话告知"})
    assert "没有要核实的消息" in await officer.open("/deliveries")
    assert "再次发送消息" in await officer.open("/audit")


async def test_an_account_that_wechat_refuses_is_shown_and_an_administrator_lets_it_send_again(
    tools: Tools, home: uuid.UUID, officer: Browser, browsers: Callable[..., Awaitable[Browser]]
) -> None:
    async with tools.unit_of_work() as work:
        await work.session.execute(
            text(
                "INSERT INTO circuits VALUES ('main', now(), 40164, 'invalid ip', now() + interval '1 hour', 0);"
            )
        )
        await work.session.execute(
            text("INSERT INTO api_rests VALUES ('main', 'template', '2026-11-22T00:00+08', 45009, now())")
        )
    assert "已暂停发送消息" in await officer.open("/")
    page = await officer.open("/deliveries")
    assert "40164 invalid ip" in page
    assert "模板消息接口达到微信的上限（45009）" in page
    assert "立即恢复发送" not in page
    await officer.send("/circuits", {"account": "main", "reason": "改好了"}, status=403)
    admin = await browsers(StaffRole.ADMIN, home)
    assert "立即恢复发送" in await admin.open("/deliveries")
    assert "已恢复发送" in await admin.send("/circuits", {"account": "main", "reason": "已添加白名单"})
    assert "已暂停发送消息" not in await admin.open("/")
