"""A callback's life: once only, in order, in time."""

import asyncio

import pytest
from sqlalchemy import func, select

from bot.pipeline import ChatPipeline
from handlers.chat.context import ChatContext
from handlers.chat.messages import HandOver, Inbound, NoReply, OtherEvent, Reply, TextReply
from handlers.chat.router import Router
from services.followers import FollowerService
from services.notices.sealed import with_text
from services.unit_of_work import Tools
from storage.tables import Follower as FollowerRow
from storage.tables import InboundMessage, OutboxMessage
from tests.chat import Follower


@pytest.fixture
def follower(tools: Tools) -> Follower:
    return Follower(tools)


async def count(tools: Tools, table: type) -> int:
    async with tools.unit_of_work() as work:
        return await work.session.scalar(select(func.count()).select_from(table)) or 0


async def test_three_copies_at_once_in_two_processes_have_one_effect_and_the_same_reply(tools: Tools) -> None:
    one, other = Follower(tools), Follower(tools)
    replies = await asyncio.gather(
        one.say("报名", key="k"),
        other.say("报名", key="k"),
        one.say("报名", key="k"),
        other.say("报名", key="k"),
    )
    assert len(set(replies)) == 1
    assert "质量安全员" in replies[0]
    assert await count(tools, InboundMessage) == 1
    assert await count(tools, FollowerRow) == 1


async def test_a_reply_survives_the_process_that_gave_it(follower: Follower, tools: Tools) -> None:
    first = await follower.say("菜单", key="k")
    assert await Follower(tools).say("菜单", key="k") == first


async def test_what_a_follower_says_is_taken_in_turn_across_processes(tools: Tools) -> None:
    running, most = 0, 0
    router = Router()

    @router.fallback
    async def slow(ctx: ChatContext, message: Inbound) -> Reply:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.05)
        ctx.conversation.memory["seen"] = ctx.conversation.memory.get("seen", 0) + 1
        running -= 1
        return TextReply(text=str(ctx.conversation.memory["seen"]))

    people = [Follower(tools, router=router), Follower(tools, router=router)]
    replies = await asyncio.gather(*(people[i % 2].say("。。。") for i in range(6)))
    assert most == 1
    assert sorted(replies) == ["1", "2", "3", "4", "5", "6"]


async def test_an_answer_that_takes_too_long_comes_as_a_message_and_its_repeat_gets_nothing_more(
    tools: Tools,
) -> None:
    router = Router()
    go_on = asyncio.Event()

    @router.fallback
    async def slow(ctx: ChatContext, message: Inbound) -> Reply:
        await go_on.wait()
        return TextReply(text="终于好了")

    follower = Follower(tools, router=router)
    follower.pipeline = ChatPipeline(tools, router=router, deadline=0.05)
    assert await follower.say("慢", key="slow") == "NoReply"
    go_on.set()
    await follower.pipeline.close()
    assert await follower.say("慢", key="slow") == "NoReply"
    async with tools.unit_of_work() as work:
        (late,) = (await work.session.scalars(select(OutboxMessage))).all()
        assert late.notice == "late_reply"
        assert with_text(work, late.facts) == {"text": "终于好了"}
    # It may be a certificate's link: nobody who reads the table reads it.
    assert "终于好了" not in str(late.facts)


async def test_a_fault_of_ours_is_apologised_for_once_and_keeps_nothing(tools: Tools) -> None:
    router = Router()

    @router.fallback
    async def broken(ctx: ChatContext, message: Inbound) -> Reply:
        await FollowerService(ctx.work).follow(ctx.conversation)
        raise KeyError("a fault")

    follower = Follower(tools, router=router)
    first = await follower.say("坏", key="broken")
    assert "没有处理成功" in first
    assert await follower.say("坏", key="broken") == first
    assert await count(tools, FollowerRow) == 0


async def test_a_fault_after_the_hand_over_is_apologised_for_by_a_message(tools: Tools) -> None:
    router = Router()
    go_on = asyncio.Event()

    @router.fallback
    async def slow_and_broken(ctx: ChatContext, message: Inbound) -> Reply:
        await go_on.wait()
        raise KeyError("a fault")

    follower = Follower(tools, router=router)
    follower.pipeline = ChatPipeline(tools, router=router, deadline=0.05)
    assert await follower.say("慢", key="slow") == "NoReply"
    go_on.set()
    await follower.pipeline.close()
    async with tools.unit_of_work() as work:
        (late,) = (await work.session.scalars(select(OutboxMessage))).all()
        assert "没有处理成功" in with_text(work, late.facts)["text"]
        (row,) = (await work.session.scalars(select(FollowerRow))).all()
    # The message opened the window in which it is told.
    assert row.window_left == 5


async def test_a_database_that_is_away_is_no_answer_so_that_wechat_repeats(tools: Tools) -> None:
    router = Router()

    @router.fallback
    async def away(ctx: ChatContext, message: Inbound) -> Reply:
        raise ConnectionRefusedError

    follower = Follower(tools, router=router)
    with pytest.raises(ConnectionRefusedError):
        await follower.say("在吗", key="later")
    follower.pipeline = ChatPipeline(tools)
    assert "1 我要报名" in await follower.say("菜单", key="later")


async def test_every_event_is_answered_and_kept(follower: Follower, tools: Tools) -> None:
    reply = await follower.send(OtherEvent(**follower.envelope(), event="annual_renew"))  # type: ignore[arg-type]
    assert reply == NoReply()
    assert await count(tools, InboundMessage) == 1


async def test_the_second_call_for_a_human_hands_over_and_a_repeat_of_it_too(follower: Follower) -> None:
    assert "18185120131" in await follower.say("人工")
    assert await follower.say("人工", key="again") == HandOver.__name__
    assert await follower.say("人工", key="again") == HandOver.__name__


async def test_one_who_writes_much_at_once_holds_one_connection_only(tools: Tools) -> None:
    held: list[int] = []
    router = Router()

    @router.fallback
    async def slow(ctx: ChatContext, message: Inbound) -> Reply:
        await asyncio.sleep(0.02)
        held.append(tools.database.engine.sync_engine.pool.checkedout())  # type: ignore[attr-defined]
        return TextReply(text="好")

    follower = Follower(tools, router=router)
    assert await asyncio.gather(*(follower.say(f"第{i}句。。。") for i in range(12))) == ["好"] * 12
    assert max(held) == 1
