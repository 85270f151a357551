"""Claims, fences, lapsed leases and receipts: the delivery verbs one by one, without a loop."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from services.delivery.service import Batch, Claim, DeliveryService, take_receipt
from services.notices import NoticeService
from services.ports import Reaction, SendOutcome
from services.unit_of_work import Tools
from storage.states import DeliveryState
from storage.tables import OutboxMessage
from tests import factories

TEMPLATES = {"main": {"progress": "tpl-progress"}}
SENT = SendOutcome(reaction=Reaction.OK, msgid="4711")


async def queue(tools: Tools, *, window: int = 0, count: int = 1) -> UUID:
    async with tools.unit_of_work() as work:
        follower = await factories.follower(work)
        if window:
            follower.window_until, follower.window_left = work.now + timedelta(hours=48), window
        for number in range(count):
            await NoticeService(work).send(follower.id, "admitted", cause=f"{follower.id} {number}", facts={})
        return follower.id


async def claim(tools: Tools, owner: str = "a", limit: int = 10) -> Batch:
    async with tools.unit_of_work() as work:
        return await DeliveryService(work).claim(owner, limit, templates=TEMPLATES)


async def claim_one(tools: Tools, owner: str = "a") -> Claim:
    (claimed,) = (await claim(tools, owner)).claims
    return claimed


async def finish(tools: Tools, claimed: Claim, outcome: SendOutcome = SENT) -> bool:
    async with tools.unit_of_work() as work:
        return await DeliveryService(work).finish(claimed, outcome) is not None


async def states(tools: Tools) -> list[str]:
    async with tools.unit_of_work() as work:
        found = await work.session.scalars(select(OutboxMessage.state).order_by(OutboxMessage.dedupe_key))
        return list(found.all())


async def lapse(tools: Tools, *, tried_for: timedelta = timedelta(seconds=60)) -> None:
    """As if the process that claimed had died: its lease is over, and its send began so long ago."""
    moment = func.clock_timestamp()
    async with tools.unit_of_work() as work:
        await work.session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.state == DeliveryState.SENDING)
            .values(lease_until=moment - timedelta(seconds=1), first_sent_at=moment - tried_for)
        )


async def settle(tools: Tools) -> int:
    async with tools.unit_of_work() as work:
        return await DeliveryService(work).settle_lapsed()


async def test_claims_at_the_same_time_share_the_messages_out(tools: Tools) -> None:
    for _ in range(20):
        await queue(tools, window=5)
    batches = await asyncio.gather(*(claim(tools, owner, 7) for owner in "abcde"))
    claimed = [item.id for batch in batches for item in batch.claims]
    while more := (await claim(tools, "f", 7)).claims:
        claimed.extend(item.id for item in more)
    assert len(claimed) == len(set(claimed)) == 20


async def test_one_follower_has_one_message_on_its_way_however_many_claim(tools: Tools) -> None:
    await queue(tools, window=5, count=5)
    batches = await asyncio.gather(*(claim(tools, owner) for owner in "abcd"))
    assert sum(len(batch.claims) for batch in batches) == 1
    assert (await claim(tools)).claims == ()


async def test_a_claim_says_whose_it_is_until_when_and_which_try(tools: Tools) -> None:
    await queue(tools, window=5)
    claimed = await claim_one(tools, "host:1:aa")
    async with tools.unit_of_work() as work:
        row = await work.session.get_one(OutboxMessage, claimed.id)
        assert (row.state, row.owner, row.epoch, row.attempts) == ("sending", "host:1:aa", 1, 1)
        assert row.lease_until is not None


async def test_the_finish_of_a_claim_that_went_to_another_is_void(tools: Tools) -> None:
    await queue(tools)
    first = await claim_one(tools, "a")
    await lapse(tools)
    second = await claim_one(tools, "b")
    assert not await finish(tools, first, SendOutcome(reaction=Reaction.DEAD))
    assert await states(tools) == ["sending"]
    assert await finish(tools, second)
    assert await states(tools) == ["accepted"]


async def test_a_killed_template_send_is_repeated_under_its_id_for_eight_minutes(tools: Tools) -> None:
    await queue(tools)
    first = await claim_one(tools, "a")
    await lapse(tools, tried_for=timedelta(minutes=7))
    second = await claim_one(tools, "b")
    assert (second.client_msg_id, second.tries) == (first.client_msg_id, 2)
    await lapse(tools, tried_for=timedelta(minutes=9))
    assert (await claim(tools)).claims == ()
    assert await states(tools) == ["unknown"]


async def test_a_killed_customer_service_send_is_unknown_and_never_sent_again(tools: Tools) -> None:
    await queue(tools, window=5)
    claimed = await claim_one(tools)
    await lapse(tools)
    assert await settle(tools) == 1
    assert await states(tools) == ["unknown"]
    assert (await claim(tools)).claims == ()
    # Its process was only slow: what it knows is better than nothing.
    assert await finish(tools, claimed)
    assert await states(tools) == ["accepted"]


async def test_settling_leaves_alone_what_is_on_its_way_or_may_be_repeated(tools: Tools) -> None:
    await queue(tools, window=5)
    await queue(tools)
    assert len((await claim(tools)).claims) == 2
    assert await settle(tools) == 0
    assert await states(tools) == ["sending", "sending"]


async def test_after_an_unknown_template_message_the_follower_waits_for_its_receipt_for_minutes_only(
    tools: Tools,
) -> None:
    await queue(tools, count=2)
    await claim_one(tools)
    await lapse(tools, tried_for=timedelta(minutes=9))
    assert await settle(tools) == 1
    assert (await claim(tools)).claims == ()
    async with tools.unit_of_work() as work:
        await work.session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.state == DeliveryState.UNKNOWN)
            .values(first_sent_at=func.clock_timestamp() - timedelta(minutes=16))
        )
    assert await settle(tools) == 1
    assert len((await claim(tools)).claims) == 1


@pytest.mark.parametrize(
    ("status", "state"),
    [("success", "delivered"), ("failed:user block", "failed"), ("failed: system failed", "failed")],
)
async def test_a_receipt_says_whether_the_message_arrived(tools: Tools, status: str, state: str) -> None:
    await queue(tools)
    await finish(tools, await claim_one(tools))
    assert await states(tools) == ["accepted"]
    async with tools.unit_of_work() as work:
        await take_receipt(work, "main", "4711", status)
    assert await states(tools) == [state]


async def test_a_receipt_that_comes_before_our_own_commit_is_joined_with_it(tools: Tools) -> None:
    await queue(tools)
    claimed = await claim_one(tools)
    async with tools.unit_of_work() as work:
        await take_receipt(work, "main", "4711", "success")
    await finish(tools, claimed)
    assert await states(tools) == ["delivered"]


async def test_a_receipt_and_a_finish_at_the_same_moment_find_each_other(tools: Tools) -> None:
    for number in range(10):
        await queue(tools)
        claimed = await claim_one(tools)
        msgid = f"msg {number}"

        async def receive(msgid: str = msgid) -> None:
            async with tools.unit_of_work() as work:
                await take_receipt(work, "main", msgid, "success")

        await asyncio.gather(
            finish(tools, claimed, SendOutcome(reaction=Reaction.OK, msgid=msgid)), receive()
        )
    assert set(await states(tools)) == {"delivered"}


async def test_another_accounts_receipt_with_the_same_msgid_says_nothing(tools: Tools) -> None:
    await queue(tools)
    await finish(tools, await claim_one(tools))
    async with tools.unit_of_work() as work:
        await take_receipt(work, "other", "4711", "success")
        await take_receipt(work, "other", "4711", "success")
    assert await states(tools) == ["accepted"]
