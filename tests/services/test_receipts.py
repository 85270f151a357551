"""Receipts find their messages: before our commit, after it, in groups, and where the answer to the send was lost."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from services.delivery.service import Arrival, Claim, DeliveryService, Finish, take_receipts
from services.groups import GroupWriter
from services.ports import Reaction, SendOutcome
from services.unit_of_work import Tools
from storage.states import DeliveryState
from storage.tables import Follower, OutboxMessage
from tests.services.test_delivery import claim, claim_one, finish, lapse, queue, settle, states

LOST = SendOutcome(reaction=Reaction.UNKNOWN, errmsg="timeout")


async def arrive(tools: Tools, *arrivals: Arrival) -> None:
    async with tools.unit_of_work() as work:
        await take_receipts(work, arrivals)


async def receipt(tools: Tools, msgid: str, status: str = "success") -> Arrival:
    """A receipt that names the only follower."""
    async with tools.unit_of_work() as work:
        (openid,) = (await work.session.scalars(select(Follower.openid))).all()
    return Arrival(account="main", openid=openid, msgid=msgid, status=status)


async def lose_answers(tools: Tools, *, ago: timedelta = timedelta(minutes=9)) -> None:
    """Every message that is claimed was sent so long ago, and its answer never came."""
    await lapse(tools, tried_for=ago)
    await settle(tools)


async def test_of_a_group_of_finishes_only_those_count_whose_claim_still_holds(tools: Tools) -> None:
    for _ in range(3):
        await queue(tools)
    first = (await claim(tools, "a")).claims
    async with tools.unit_of_work() as work:
        await work.session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.id == first[1].id)
            .values(lease_until=func.clock_timestamp() - timedelta(seconds=1))
        )
    assert [one.id for one in (await claim(tools, "b")).claims] == [first[1].id]
    async with tools.unit_of_work() as work:
        finishes = [
            Finish(claim=one, outcome=SendOutcome(reaction=Reaction.OK, msgid=f"m{n}"))
            for n, one in enumerate(first)
        ]
        verdicts = await DeliveryService(work).finish_many(finishes)
    assert [verdict is not None for verdict in verdicts] == [True, False, True]
    assert sorted(await states(tools)) == ["accepted", "accepted", "sending"]


async def test_a_group_of_finishes_and_a_group_of_receipts_at_the_same_moment_find_each_other(
    tools: Tools,
) -> None:
    for _ in range(30):
        await queue(tools)
    claims = (await claim(tools, limit=30)).claims

    async def finish_all() -> None:
        async with tools.unit_of_work() as work:
            await DeliveryService(work).finish_many(
                [
                    Finish(claim=one, outcome=SendOutcome(reaction=Reaction.OK, msgid=f"m{n}"))
                    for n, one in enumerate(claims)
                ]
            )

    def told(numbers: Sequence[int]) -> list[Arrival]:
        return [
            Arrival(account="main", openid=claims[n].openid, msgid=f"m{n}", status="success") for n in numbers
        ]

    await asyncio.gather(
        arrive(tools, *told(range(20))), finish_all(), arrive(tools, *reversed(told(range(10, 30))))
    )
    assert set(await states(tools)) == {"delivered"}


async def test_a_receipt_that_cannot_be_kept_loses_none_of_its_group(tools: Tools) -> None:
    await queue(tools)
    await finish(tools, await claim_one(tools))

    async def take(arrivals: Sequence[Arrival]) -> list[None]:
        await arrive(tools, *arrivals)
        return [None] * len(arrivals)

    writer = GroupWriter(take)
    bad = Arrival(account="main", openid="o", msgid="1\0", status="success")
    outcomes = await asyncio.gather(
        writer.put(bad), writer.put(await receipt(tools, "4711")), return_exceptions=True
    )
    assert isinstance(outcomes[0], DBAPIError)
    assert outcomes[1] is None
    assert await states(tools) == ["delivered"]


@pytest.mark.parametrize(("status", "state"), [("success", "delivered"), ("failed:user block", "failed")])
async def test_a_message_whose_answer_was_lost_is_settled_by_the_persons_receipt(
    tools: Tools, status: str, state: str
) -> None:
    await queue(tools)
    await claim_one(tools)
    await lose_answers(tools)
    assert await states(tools) == ["unknown"]
    await arrive(tools, await receipt(tools, "77", status))
    assert await states(tools) == [state]


async def test_a_receipt_that_came_while_its_send_still_hung_settles_it_when_it_is_given_up(
    tools: Tools,
) -> None:
    await queue(tools)
    await claim_one(tools)
    await lapse(tools, tried_for=timedelta(minutes=9))
    await arrive(tools, await receipt(tools, "77"))
    assert await states(tools) == ["sending"]
    await settle(tools)
    assert await states(tools) == ["delivered"]


async def test_a_receipt_from_before_the_send_is_of_something_else(tools: Tools) -> None:
    await queue(tools)
    await arrive(tools, await receipt(tools, "77"))
    await claim_one(tools)
    async with tools.unit_of_work() as work:
        await work.session.execute(
            text("UPDATE receipts SET received_at = clock_timestamp() - interval '1 hour'")
        )
    await lose_answers(tools)
    assert await states(tools) == ["unknown"]


async def test_a_receipt_that_could_be_of_two_lost_messages_settles_neither(tools: Tools) -> None:
    await queue(tools, count=2)
    for _ in range(2):
        await claim_one(tools)
        await lose_answers(tools, ago=timedelta(minutes=16))
    assert await states(tools) == ["unknown", "unknown"]
    await arrive(tools, await receipt(tools, "77"))
    assert await states(tools) == ["unknown", "unknown"]


async def test_a_receipt_is_not_given_to_an_older_lost_message_while_another_is_being_sent(
    tools: Tools,
) -> None:
    await queue(tools, count=2)
    await claim_one(tools)
    await lose_answers(tools, ago=timedelta(minutes=16))
    second = await claim_one(tools)
    await arrive(tools, await receipt(tools, "78"))
    assert await states(tools) == ["unknown", "sending"]
    await finish(tools, second, SendOutcome(reaction=Reaction.OK, msgid="78"))
    await settle(tools)
    assert await states(tools) == ["unknown", "delivered"]


async def test_without_a_receipt_an_unknown_holds_its_person_for_minutes_and_is_then_shown_to_staff(
    tools: Tools,
) -> None:
    await queue(tools, count=2)
    await claim_one(tools)
    await lose_answers(tools)
    assert (await claim(tools)).claims == ()
    async with tools.unit_of_work() as work:
        await work.session.execute(
            update(OutboxMessage)
            .where(OutboxMessage.state == DeliveryState.UNKNOWN)
            .values(first_sent_at=func.clock_timestamp() - timedelta(minutes=16))
        )
    await settle(tools)
    assert len((await claim(tools)).claims) == 1
    async with tools.unit_of_work() as work:
        row = await work.session.scalar(
            select(OutboxMessage).where(OutboxMessage.state == DeliveryState.UNKNOWN)
        )
        assert row is not None
        assert row.surfaced_at is not None
    # It may come as late as it will.
    await arrive(tools, await receipt(tools, "77"))
    assert "unknown" in await states(tools)  # the other one is being sent just now
    await finish(tools, await _claimed(tools), SendOutcome(reaction=Reaction.OK, msgid="78"))
    await settle(tools)
    assert sorted(await states(tools)) == ["accepted", "delivered"]


async def test_an_unknown_customer_service_message_is_shown_at_once_and_holds_nobody(tools: Tools) -> None:
    await queue(tools, window=5, count=2)
    assert await finish(tools, await claim_one(tools), LOST)
    async with tools.unit_of_work() as work:
        row = await work.session.scalar(
            select(OutboxMessage).where(OutboxMessage.state == DeliveryState.UNKNOWN)
        )
        assert row is not None
        assert row.surfaced_at is not None
    assert len((await claim(tools)).claims) == 1


async def test_the_database_itself_refuses_a_second_message_on_its_way_to_one_person(tools: Tools) -> None:
    await queue(tools, count=2)
    await claim_one(tools)
    with pytest.raises(IntegrityError, match="uq_outbox_on_its_way"):
        async with tools.unit_of_work() as work:
            await work.session.execute(update(OutboxMessage).values(state=DeliveryState.SENDING))


async def test_a_message_keeps_its_due_time_while_it_is_sent_and_says_when_its_first_send_began(
    tools: Tools,
) -> None:
    await queue(tools)
    claimed = await claim_one(tools)
    async with tools.unit_of_work() as work:
        row = await work.session.get_one(OutboxMessage, claimed.id)
        assert (row.due_at, row.account) == (tools.clock.now(), "main")
        assert row.first_sent_at == claimed.first_sent_at
    await finish(tools, claimed, SendOutcome(reaction=Reaction.RETRY, errcode=-1))
    async with tools.unit_of_work() as work:
        row = await work.session.get_one(OutboxMessage, claimed.id)
        assert row.first_sent_at is None  # it did not leave
        assert row.due_at > tools.clock.now()


async def _claimed(tools: Tools) -> Claim:
    """The claim of the message that is being sent, as its process has it."""
    async with tools.unit_of_work() as work:
        row = await work.session.scalar(
            select(OutboxMessage).where(OutboxMessage.state == DeliveryState.SENDING)
        )
        assert row is not None
        row.lease_until = func.clock_timestamp() - timedelta(seconds=1)
    return await claim_one(tools)
