"""What WeChat's answers do to a message, its follower and what else is due."""

import asyncio
import dataclasses

import pytest

from services.ports import Reaction
from services.unit_of_work import Tools
from tests.conftest import FixedClock
from tests.scheduler.conftest import Post, running, until
from tests.scheduler.messengers import RecordingMessenger


async def test_a_busy_platform_is_asked_five_times_and_then_the_message_is_a_dead_letter(
    tools: Tools, post: Post, messenger: RecordingMessenger, clock: FixedClock
) -> None:
    follower = await post.follower(window=5)
    await post.queue(follower)
    messenger.answer("text", *[Reaction.RETRY] * 9, errcode=-1)
    async with running(tools, messenger):
        for tries in range(1, 6):
            await until(lambda tries=tries: len(messenger.sent) == tries)  # type: ignore[misc]
            await until(post.idle)
            clock.move(minutes=30)
        await until(post.idle)
    assert len(messenger.sent) == 5
    row = await post.only()
    assert (row.state, row.errcode, row.attempts) == ("dead", -1, 5)
    assert (await post.get_follower(follower)).window_left == 5


async def test_a_retried_template_message_keeps_its_client_msg_id(
    tools: Tools, post: Post, messenger: RecordingMessenger, clock: FixedClock
) -> None:
    await post.queue(await post.follower())
    messenger.answer("template", Reaction.RETRY, errcode=-1)
    async with running(tools, messenger):
        await until(post.idle)
        clock.move(minutes=1)
        await until(post.idle)
    first, second = messenger.sent
    assert first.client_msg_id == second.client_msg_id
    assert (await post.only()).state == "accepted"


@pytest.mark.parametrize(
    ("reaction", "errcode"),
    [(Reaction.UNSUBSCRIBED, 43004), (Reaction.BAD_OPENID, 40003), (Reaction.BLOCKED, 43019)],
)
async def test_one_who_cannot_be_reached_is_remembered_and_all_that_is_queued_for_them_fails(
    tools: Tools, post: Post, messenger: RecordingMessenger, reaction: Reaction, errcode: int
) -> None:
    follower = await post.follower(window=5)
    for _ in range(3):
        await post.queue(follower)
    messenger.answer("text", reaction, errcode=errcode)
    async with running(tools, messenger):
        await until(post.idle)
        await post.queue(follower)
        await until(post.idle)
    assert len(messenger.sent) == 1
    assert {row.state for row in await post.rows()} == {"failed"}
    row = await post.get_follower(follower)
    if reaction is Reaction.UNSUBSCRIBED:
        assert row.unfollowed_at is not None
    else:
        assert row.unreachable_code == errcode


async def test_a_used_up_day_stops_that_api_until_midnight_and_templates_go_on(
    tools: Tools, post: Post, messenger: RecordingMessenger, clock: FixedClock
) -> None:
    messenger.answer("text", Reaction.PAUSE_DAY, errcode=45009)
    async with running(tools, messenger):
        await post.queue(await post.follower(window=5))
        await until(post.idle)
        await post.queue(await post.follower(window=5))
        await post.queue(await post.follower(window=5), "document_accepted", material="证件照")
        await until(post.idle)
        assert messenger.kinds == ["text", "template", "template"]
        clock.move(hours=14, minutes=5)  # 00:05 of the next day in Shanghai
        await until(lambda: len(messenger.sent) == 4)
        await until(post.idle)
    assert messenger.sent[-1].text == "✓ 【证件照】照片已收好。"


async def test_a_minutes_pause_does_not_count_as_a_try(
    tools: Tools, post: Post, messenger: RecordingMessenger, clock: FixedClock
) -> None:
    await post.queue(await post.follower())
    messenger.answer("template", Reaction.PAUSE_MINUTE, errcode=45011)
    async with running(tools, messenger):
        await until(post.idle)
        clock.move(seconds=61)
        await until(post.idle)
    row = await post.only()
    assert (row.state, row.attempts) == ("accepted", 1)


async def test_a_wrong_configuration_stops_the_account_and_loses_nothing(
    tools: Tools, post: Post, messenger: RecordingMessenger, clock: FixedClock
) -> None:
    await post.queue(await post.follower(window=5))
    messenger.answer("text", Reaction.MISCONFIGURED, errcode=40164)
    async with running(tools, messenger):
        await until(lambda: len(messenger.sent) == 1)
        await post.queue(await post.follower(window=5))
        await asyncio.sleep(0.7)  # time enough for a loop that would go on
        assert len(messenger.sent) == 1
        clock.move(seconds=61)
        await until(post.idle)
    assert {row.state for row in await post.rows()} == {"accepted"}


async def test_a_customer_service_message_that_may_have_left_is_never_sent_again(
    tools: Tools, post: Post, messenger: RecordingMessenger, clock: FixedClock
) -> None:
    await post.queue(await post.follower(window=5))
    messenger.answer("text", Reaction.UNKNOWN)
    async with running(tools, messenger):
        await until(post.idle)
        clock.move(hours=2)
        await until(post.idle)
    assert len(messenger.sent) == 1
    assert (await post.only()).state == "unknown"


async def test_a_template_message_that_may_have_left_is_repeated_under_the_same_id(
    tools: Tools, post: Post, messenger: RecordingMessenger
) -> None:
    await post.queue(await post.follower())
    messenger.answer("template", Reaction.UNKNOWN)
    async with running(tools, messenger):
        await until(lambda: len(messenger.sent) == 1)
        await until(post.judged)
        await post.lapse()
        await until(post.idle)
    first, second = messenger.sent
    assert first == second
    assert (await post.only()).state == "accepted"


async def test_a_repeat_that_is_told_to_pause_pauses_and_keeps_to_its_template(
    tools: Tools, post: Post, messenger: RecordingMessenger, clock: FixedClock
) -> None:
    follower = await post.follower()
    await post.queue(follower)
    messenger.answer("template", Reaction.UNKNOWN, Reaction.PAUSE_MINUTE)
    async with running(tools, messenger):
        for tries in (1, 2):
            await until(lambda tries=tries: len(messenger.sent) == tries)  # type: ignore[misc]
            await until(post.judged)
            async with tools.unit_of_work() as work:
                (await post.row(work, follower)).window_left = 5
            await post.lapse()
        await asyncio.sleep(0.7)  # time enough for a loop that would not pause
        assert len(messenger.sent) == 2
        clock.move(seconds=61)
        await until(post.idle)
    assert messenger.kinds == ["template"] * 3
    assert len({sent.client_msg_id for sent in messenger.sent}) == 1


STATES = {
    Reaction.OK: "accepted",
    Reaction.DUPLICATE: "accepted",
    Reaction.RETRY: "queued",
    Reaction.REFRESH_TOKEN: "queued",
    Reaction.UPLOAD_AGAIN: "queued",
    Reaction.TOO_OFTEN: "queued",
    Reaction.CAPABILITY_OFF: "queued",
    Reaction.MISCONFIGURED: "queued",
    Reaction.NO_WINDOW: "queued",
    Reaction.PAUSE_DAY: "queued",
    Reaction.PAUSE_MINUTE: "queued",
    Reaction.BAD_OPENID: "failed",
    Reaction.BLOCKED: "failed",
    Reaction.UNSUBSCRIBED: "failed",
    Reaction.GRANT_GONE: "failed",
    Reaction.DEAD: "dead",
    Reaction.TOO_LONG: "dead",
    Reaction.QUOTA_GONE: "dead",
    Reaction.UNKNOWN: "unknown",
}


async def test_every_reaction_leaves_the_message_in_a_state_that_says_what_became_of_it(
    tools: Tools, post: Post
) -> None:
    assert set(STATES) == set(Reaction)
    tools = dataclasses.replace(tools, accounts=tuple(f"account {number}" for number in range(len(STATES))))
    for number, (reaction, state) in enumerate(STATES.items()):
        messenger = RecordingMessenger()
        messenger.answer("text", reaction, errcode=1)
        await post.queue(await post.follower(window=5, account=f"account {number}"))
        async with running(tools, messenger, templates={}):
            await until(lambda messenger=messenger: len(messenger.sent) == 1)  # type: ignore[misc]
            await until(post.judged)
        newest = max(await post.rows(), key=lambda row: int(row.dedupe_key.split()[-1]))
        assert (reaction, newest.state) == (reaction, state)
        await post.withdraw()


async def test_a_broken_messenger_leaves_an_unknown_and_the_loop_goes_on(
    tools: Tools, post: Post, messenger: RecordingMessenger
) -> None:
    messenger.answers["text"] = [RuntimeError("broken")]
    async with running(tools, messenger):
        await post.queue(await post.follower(window=5))
        await until(post.idle)
        await post.queue(await post.follower(window=5))
        await until(post.idle)
    assert sorted(row.state for row in await post.rows()) == ["accepted", "unknown"]
