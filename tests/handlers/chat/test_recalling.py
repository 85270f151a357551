"""Unfollowing: messages stop, what only WeChat gave is forgotten, and who comes back proves who they are (C11)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from handlers.chat.messages import Unsubscribed
from services.delivery.service import DeliveryService
from services.erasure.forgetting import forget_unfollowed
from services.notices import NoticeService
from services.unit_of_work import Tools
from storage.files import FileMissingError
from storage.states import DeliveryState
from storage.tables import Enrolment, OutboxMessage
from storage.tables import Follower as FollowerRow
from tests import factories
from tests.conftest import FixedClock
from tests.handlers.chat.conftest import Meter
from tests.handlers.chat.test_cost import Metered
from tests.services import erasure_stories
from tests.services.exam_stories import open_house


async def leaves(who: Metered) -> None:
    await who.send(Unsubscribed(**who.envelope()))  # type: ignore[arg-type]


async def states(tools: Tools) -> dict[str, str]:
    async with tools.unit_of_work() as work:
        rows = await work.session.execute(select(OutboxMessage.notice, OutboxMessage.state))
        return {row.notice: row.state for row in rows}


async def test_who_leaves_gets_no_message_any_more_and_reminders_again_when_they_come_back_in_time_c11(
    tools: Tools, meter: Meter, clock: FixedClock
) -> None:
    house = await open_house(tools)
    sitting = await house.sitting()
    candidate = await house.candidate()
    await house.book(candidate, sitting.id)
    who = Metered(tools, meter=meter)
    async with tools.unit_of_work() as work:
        enrolment = await work.session.get_one(Enrolment, candidate.enrolment_id)
        row = await work.session.get_one(FollowerRow, enrolment.follower_id)
        row.account, row.openid = who.account, who.openid
        await NoticeService(work).send(
            row.id, "admitted", cause="1", facts={"number": "1"}, enrolment_id=enrolment.id
        )
    assert (await states(tools))["exam_reminder"] == DeliveryState.QUEUED
    await leaves(who)
    left = await states(tools)
    assert (left["exam_reminder"], left["exam_reminder_urgent"]) == ("withdrawn", "withdrawn")
    # Of the decision staff see that it did not arrive.
    assert left["admitted"] == DeliveryState.FAILED
    clock.move(days=1)
    async with tools.unit_of_work() as work:
        assert await forget_unfollowed(work) == 0
    await who.follow()
    assert (await states(tools))["exam_reminder_urgent"] == DeliveryState.QUEUED


async def test_a_week_later_what_only_wechat_gave_is_forgotten_and_the_number_finds_the_rest_c11(
    tools: Tools, meter: Meter, clock: FixedClock
) -> None:
    who = Metered(tools, meter=meter)
    await who.follow()
    async with tools.unit_of_work() as work:
        follower_id = await work.session.scalar(select(FollowerRow.id))
        assert follower_id is not None
        home = await factories.organisation(work)
        draft = await erasure_stories.with_draft(work, home, follower_id)
        kept = await erasure_stories.refused(work, home, follower_id)
        key = await erasure_stories.key_of(work, draft.id)
    await leaves(who)
    clock.move(days=7, seconds=1)
    async with tools.unit_of_work() as work:
        assert await forget_unfollowed(work) == 1
    await erasure_stories.run_jobs(tools)
    with pytest.raises(FileMissingError):
        await tools.files.get(key)
    async with tools.unit_of_work() as work:
        row = await work.session.get_one(FollowerRow, follower_id)
        assert who.openid not in row.openid
        assert (row.person_id, row.chat_state, row.chat_memory) == (None, "", {})
        assert await work.session.get(Enrolment, draft.id) is None
        assert await forget_unfollowed(work) == 0
    assert "请回复 找回" in await who.follow()
    assert str(kept.number) not in await who.say("进度")
    assert "身份证号" in await who.say("找回")
    assert "不是有效的身份证号" in await who.say("12345")
    assert "没有找到" in await who.say(factories.identity_number(5))
    assert "已找回 1 份报名" in await who.say(factories.IDENTITY_NUMBER)
    assert str(kept.number) in await who.say("进度")


async def test_the_number_alone_finds_nothing_and_five_wrong_numbers_end_it_c11(
    tools: Tools, meter: Meter, clock: FixedClock
) -> None:
    who = Metered(tools, meter=meter)
    await who.follow()
    async with tools.unit_of_work() as work:
        follower_id = await work.session.scalar(select(FollowerRow.id))
        assert follower_id is not None
        await erasure_stories.refused(work, await factories.organisation(work), follower_id)
    await leaves(who)
    clock.move(days=8)
    async with tools.unit_of_work() as work:
        await forget_unfollowed(work)
    stranger = Metered(tools, "oStranger", meter=meter)
    assert "找回" not in await stranger.follow()
    await stranger.say("找回")
    assert "没有找到" in await stranger.say(factories.IDENTITY_NUMBER)
    await who.follow()
    await who.say("找回报名")
    for serial in range(5):
        assert "没有找到" in await who.say(factories.identity_number(serial))
    assert "次数太多" in await who.say(factories.IDENTITY_NUMBER)


async def test_a_reminder_written_after_somebody_left_is_withdrawn_at_its_time_c11(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        row = await factories.follower(work)
        row.unfollowed_at = work.now - timedelta(days=1)
        for notice in ("exam_reminder", "seat_booked"):
            await NoticeService(work).send(row.id, notice, cause="1", facts={"scheme": "质量安全员"})
    async with tools.unit_of_work() as work:
        for _ in range(2):
            await DeliveryService(work).claim("one", 10, templates={})
    assert await states(tools) == {"exam_reminder": "withdrawn", "seat_booked": "failed"}
