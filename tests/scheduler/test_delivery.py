"""The delivery loop against the real outbox and a messenger that records."""

import asyncio
from datetime import timedelta

from services.delivery.service import waking
from services.notices import NoticeService
from services.notices.sealed import sealed_text
from services.ports import Reaction
from services.unit_of_work import Tools
from tests.conftest import FixedClock
from tests.scheduler.conftest import Post, running, until
from tests.scheduler.messengers import RecordingMessenger

ADMITTED = "【质量安全员】报名审核已通过（报名号 10001）。"


async def test_a_notice_is_sent_once_in_the_open_window(
    tools: Tools, post: Post, messenger: RecordingMessenger
) -> None:
    follower = await post.follower(window=5)
    await post.queue(follower)
    async with running(tools, messenger):
        await until(post.idle)
    assert messenger.texts == [ADMITTED]
    assert (await post.only()).state == "accepted"
    assert (await post.get_follower(follower)).window_left == 4


async def test_without_a_window_the_template_goes_with_fields_of_at_most_20_characters(
    tools: Tools, post: Post, messenger: RecordingMessenger
) -> None:
    await post.queue(await post.follower(), hint="请在三个工作日内\n回复 缴费 查看收款账户并完成转账")
    async with running(tools, messenger):
        await until(post.idle)
    (sent,) = messenger.sent
    assert sent.kind == "template"
    assert sent.fields["thing3"] == "请在三个工作日内 回复 缴费 查看收款…"
    assert all(len(value) <= 20 and "\n" not in value for value in sent.fields.values())
    assert sent.client_msg_id


async def test_an_empty_window_quota_is_not_overdrawn(
    tools: Tools, post: Post, messenger: RecordingMessenger
) -> None:
    follower = await post.follower(window=2)
    for number in range(3):
        await post.queue(follower, number=str(number))
    async with running(tools, messenger):
        await until(post.idle)
    assert messenger.kinds == ["text", "text", "template"]


async def test_several_loops_send_everything_once_and_to_each_person_in_order(
    tools: Tools, post: Post, messenger: RecordingMessenger, clock: FixedClock
) -> None:
    followers = [await post.follower(window=5) for _ in range(8)]
    for number in range(4):
        for follower in followers:
            await post.queue(follower, number=str(number))
        clock.move(seconds=1)
    async with (
        running(tools, messenger, "one"),
        running(tools, messenger, "two"),
        running(tools, messenger, "three"),
    ):
        await until(post.idle)
    assert len(messenger.sent) == 32
    for follower in followers:
        openid = (await post.get_follower(follower)).openid
        numbers = [sent.text[-3] for sent in messenger.sent if sent.openid == openid]
        assert numbers == ["0", "1", "2", "3"]


async def test_nothing_overtakes_a_message_of_the_same_person_that_waits_for_its_next_try(
    tools: Tools, post: Post, messenger: RecordingMessenger, clock: FixedClock
) -> None:
    follower = await post.follower(window=5)
    await post.queue(follower, number="1")
    clock.move(seconds=1)
    await post.queue(follower, number="2")
    messenger.answer("text", Reaction.RETRY)
    async with running(tools, messenger):
        await until(lambda: len(messenger.sent) == 1)
        await asyncio.sleep(0.7)  # time enough for a loop that would overtake
        assert len(messenger.sent) == 1
        clock.move(seconds=10)
        await until(post.idle)
    assert [text[-3] for text in messenger.texts] == ["1", "1", "2"]


async def test_two_messages_of_one_person_are_never_on_their_way_at_once(
    tools: Tools, post: Post, messenger: RecordingMessenger
) -> None:
    follower = await post.follower(window=5)
    await post.queue(follower)
    await post.queue(follower)
    messenger.gate = asyncio.Event()
    async with running(tools, messenger, "one"), running(tools, messenger, "two"):
        await messenger.waiting.wait()
        await asyncio.sleep(0.7)  # time enough for the other loop
        assert len(messenger.sent) == 1
        messenger.gate.set()
        await until(post.idle)
    assert len(messenger.sent) == 2


async def test_a_stopped_loop_finishes_what_it_has_begun(
    tools: Tools, post: Post, messenger: RecordingMessenger
) -> None:
    await post.queue(await post.follower(window=5))
    messenger.gate = asyncio.Event()
    async with running(tools, messenger):
        await messenger.waiting.wait()
        asyncio.get_running_loop().call_later(0.2, messenger.gate.set)
    assert (await post.only()).state == "accepted"


async def test_a_window_that_the_platform_denies_is_closed_and_the_template_goes(
    tools: Tools, post: Post, messenger: RecordingMessenger
) -> None:
    follower = await post.follower(window=5)
    await post.queue(follower)
    messenger.answer("text", Reaction.NO_WINDOW, errcode=45015)
    async with running(tools, messenger):
        await until(post.idle)
    assert messenger.kinds == ["text", "template"]
    assert (await post.get_follower(follower)).window_left == 0
    assert (await post.only()).state == "accepted"


async def test_without_window_and_template_a_message_waits_for_the_persons_next_one(
    tools: Tools, post: Post, messenger: RecordingMessenger
) -> None:
    follower = await post.follower()
    await post.queue(follower)
    async with running(tools, messenger, templates={}):
        await until(post.idle)
        assert messenger.sent == []
        assert (await post.only()).state == "queued"
        async with tools.unit_of_work() as work:
            row = await post.row(work, follower)
            row.window_until, row.window_left = work.now + timedelta(hours=48), 5
            await work.session.execute(*waking(work, follower))
        await until(post.idle)
    assert messenger.texts == [ADMITTED]


async def test_a_reminder_without_any_channel_is_given_up_rather_than_told_late(
    tools: Tools, post: Post, messenger: RecordingMessenger
) -> None:
    await post.queue(await post.follower(), "exam_reminder_urgent")
    async with running(tools, messenger, templates={}):
        await until(post.idle)
    row = await post.only()
    assert (row.state, row.errmsg) == ("failed", "no_channel")


async def test_a_reminder_whose_time_has_passed_is_not_sent(
    tools: Tools, post: Post, messenger: RecordingMessenger, clock: FixedClock
) -> None:
    await post.queue(await post.follower(window=5), "exam_reminder_urgent")
    clock.move(hours=3)
    async with running(tools, messenger):
        await until(post.idle)
    assert messenger.sent == []
    assert (await post.only()).errmsg == "too_late"


async def test_one_who_unfollowed_gets_nothing(
    tools: Tools, post: Post, messenger: RecordingMessenger, clock: FixedClock
) -> None:
    await post.queue(await post.follower(unfollowed_at=clock.now()))
    async with running(tools, messenger):
        await until(post.idle)
    assert messenger.sent == []
    row = await post.only()
    assert (row.state, row.errmsg) == ("failed", "unfollowed")


async def test_a_notice_that_can_wait_keeps_the_quiet_hours_and_an_urgent_one_does_not(
    tools: Tools, post: Post, messenger: RecordingMessenger, clock: FixedClock
) -> None:
    clock.move(hours=11)  # 21:00 in Shanghai
    await post.queue(await post.follower(window=5))
    await post.queue(await post.follower(window=5), "document_refused", material="证件照", problem="太小")
    async with running(tools, messenger):
        await until(post.idle)
        assert [text[:2] for text in messenger.texts] == ["【证"]
        clock.move(hours=11)  # 08:00
        await until(post.idle)
    assert messenger.texts[1:] == [ADMITTED]


async def test_what_was_due_before_the_quiet_hours_and_comes_late_waits_for_the_morning(
    tools: Tools, post: Post, messenger: RecordingMessenger, clock: FixedClock
) -> None:
    clock.move(hours=10, minutes=59)  # 20:59
    await post.queue(await post.follower(window=5))
    clock.move(minutes=2)
    async with running(tools, messenger):
        await until(post.idle)
        assert messenger.sent == []
        clock.move(hours=11)
        await until(post.idle)
    assert messenger.texts == [ADMITTED]


async def test_what_is_withdrawn_before_its_time_is_never_sent(
    tools: Tools, post: Post, messenger: RecordingMessenger, clock: FixedClock
) -> None:
    follower = await post.follower(window=5)
    async with tools.unit_of_work() as work:
        await NoticeService(work).send(
            follower,
            "exam_reminder",
            cause="x",
            facts={},
            due_at=work.now + timedelta(hours=1),
            group="sitting:1",
        )
    async with running(tools, messenger):
        async with tools.unit_of_work() as work:
            assert await NoticeService(work).withdraw("sitting:1") == 1
        clock.move(hours=2)
        await until(post.idle)
    assert messenger.sent == []
    assert (await post.only()).state == "withdrawn"


async def test_a_late_reply_longer_than_wechat_takes_is_cut_between_characters(
    tools: Tools, post: Post, messenger: RecordingMessenger
) -> None:
    async with tools.unit_of_work() as work:
        words = sealed_text(work, "证" * 1000)
    await post.queue(await post.follower(window=5), "late_reply", **words)
    async with running(tools, messenger):
        await until(post.idle)
    (text,) = messenger.texts
    assert len(text.encode()) <= 2048
    assert text == "证" * 681 + "…"
