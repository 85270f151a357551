"""How fast is sent: rests, circuits, tokens and the wait for receipts are the same for all processes (rows)."""

import asyncio
import dataclasses
from collections.abc import Mapping
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from services.delivery.gates import Gates, GateService
from services.delivery.service import Arrival, Batch, DeliveryService, take_receipts
from services.errors import ForbiddenError, ServiceError
from services.models import StaffRole
from services.ports import Reaction, SendOutcome
from services.rules.pacing import Limits, probe_after
from services.unit_of_work import Tools
from storage.tables import AuditEntry
from tests import factories
from tests.conftest import FixedClock
from tests.services.test_delivery import TEMPLATES, claim, claim_one, finish, queue

WIDE = Limits(sends_per_second=1000, outstanding=1000)


async def look(
    tools: Tools, room: int = 10, limits: Limits = WIDE, unused: Mapping[str, int] | None = None
) -> Gates:
    async with tools.unit_of_work() as work:
        return await GateService(work).look(room, limits, unused or {})


async def claim_through(tools: Tools, gates: Gates, owner: str = "b") -> Batch:
    async with tools.unit_of_work() as work:
        return await DeliveryService(work).claim(owner, 10, templates=TEMPLATES, gates=gates)


@pytest.mark.parametrize(
    ("reaction", "errcode", "over"),
    [
        (Reaction.PAUSE_MINUTE, 45011, timedelta(seconds=61)),
        (Reaction.PAUSE_DAY, 45009, timedelta(hours=14, seconds=1)),  # midnight in Shanghai
    ],
)
async def test_an_api_that_rests_is_called_by_no_process_until_the_rest_is_over(
    tools: Tools, clock: FixedClock, reaction: Reaction, errcode: int, over: timedelta
) -> None:
    tools = dataclasses.replace(tools, quiet_hours=False)
    for _ in range(2):
        await queue(tools)
    (first,) = (await claim(tools, "a", limit=1)).claims
    await finish(tools, first, SendOutcome(reaction=reaction, errcode=errcode))
    assert (await claim_through(tools, await look(tools))).claims == ()
    clock.move(seconds=over.total_seconds() - 2)
    assert (await claim_through(tools, await look(tools))).claims == ()
    clock.move(seconds=2)
    assert len((await claim_through(tools, await look(tools))).claims) == 2


async def test_all_processes_together_get_no_more_tokens_than_there_are(tools: Tools) -> None:
    limits = Limits(sends_per_second=10, outstanding=1000)
    await look(tools, 0, limits)
    async with tools.unit_of_work() as work:
        await work.session.execute(text("UPDATE send_buckets SET filled_at = clock_timestamp()"))
    looks = await asyncio.gather(*(look(tools, 8, limits) for _ in range(4)))
    given = sum(gates.shares["main"] for gates in looks)
    assert 10 <= given <= 13  # 10, and what came while they looked
    # What one did not use comes back, and a second brings ten, but there are never more than ten.
    async with tools.unit_of_work() as work:
        await work.session.execute(
            text("UPDATE send_buckets SET tokens = 0, filled_at = clock_timestamp() + interval '1 hour'")
        )
    assert (await look(tools, 8, limits, {"main": 3})).shares == {"main": 3}
    async with tools.unit_of_work() as work:
        await work.session.execute(
            text("UPDATE send_buckets SET filled_at = clock_timestamp() - interval '1 hour'")
        )
    assert (await look(tools, 50, limits)).shares == {"main": 10}


async def test_45011_halves_the_rate_and_minutes_bring_it_back(tools: Tools) -> None:
    await look(tools, 0)
    await queue(tools)
    await finish(tools, await claim_one(tools), SendOutcome(reaction=Reaction.PAUSE_MINUTE, errcode=45011))

    async def rate() -> float:
        async with tools.unit_of_work() as work:
            return float((await work.session.execute(text("SELECT rate FROM send_buckets"))).scalar_one())

    assert await rate() == 500
    async with tools.unit_of_work() as work:
        await work.session.execute(
            text("UPDATE send_buckets SET filled_at = clock_timestamp() - interval '3 minutes'")
        )
    await look(tools, 0)
    assert 795 < await rate() < 850
    async with tools.unit_of_work() as work:
        await work.session.execute(
            text("UPDATE send_buckets SET filled_at = clock_timestamp() - interval '1 hour'")
        )
    await look(tools, 0)
    assert await rate() == 1000


async def test_nothing_more_is_sent_than_receipts_are_taken_in(tools: Tools) -> None:
    limits = Limits(sends_per_second=1000, outstanding=3)
    for _ in range(5):
        await queue(tools)
    claims = (await claim_through(tools, await look(tools, 10, limits))).claims
    assert len(claims) == 3
    for number, one in enumerate(claims):
        await finish(tools, one, SendOutcome(reaction=Reaction.OK, msgid=f"m{number}"))
    assert (await look(tools, 10, limits)).shares == {"main": 0}
    async with tools.unit_of_work() as work:
        await take_receipts(
            work, [Arrival(account="main", openid=claims[0].openid, msgid="m0", status="success")]
        )
    assert (await look(tools, 10, limits)).shares == {"main": 1}
    # A receipt that never comes stops nothing for ever.
    async with tools.unit_of_work() as work:
        await work.session.execute(
            text("UPDATE outbox SET first_sent_at = first_sent_at - interval '6 minutes'")
        )
    assert (await look(tools, 10, limits)).shares == {"main": 3}


async def test_a_wrong_configuration_opens_the_circuit_and_one_message_at_a_time_tries_again(
    tools: Tools, clock: FixedClock
) -> None:
    for _ in range(3):
        await queue(tools, window=5)
    wrong = SendOutcome(reaction=Reaction.MISCONFIGURED, errcode=40164, errmsg="invalid ip 1.2.3.4")
    (first,) = (await claim(tools, limit=1)).claims
    await finish(tools, first, wrong)
    async with tools.unit_of_work() as work:
        (circuit,) = await GateService(work).circuits()
    assert (circuit.account, circuit.errcode) == ("main", 40164)
    assert (await look(tools)).shares == {}
    assert (await claim(tools)).claims == ()
    clock.move(seconds=61)
    looks = await asyncio.gather(*(look(tools) for _ in range(3)))
    assert sorted(gates.shares.get("main", 0) for gates in looks) == [0, 0, 1]
    (probe,) = next(
        [*batch.claims] for batch in [await claim_through(tools, gates) for gates in looks] if batch.claims
    )
    await finish(tools, probe, wrong)
    clock.move(seconds=61)
    assert (await look(tools)).shares == {}
    clock.move(seconds=60)
    (probe,) = (await claim_through(tools, await look(tools))).claims
    await finish(tools, probe, SendOutcome(reaction=Reaction.OK))
    async with tools.unit_of_work() as work:
        assert await GateService(work).circuits() == ()
        actions = (await work.session.scalars(select(AuditEntry.action).order_by(AuditEntry.id))).all()
    assert list(actions) == ["circuit.opened", "circuit.closed"]
    assert len((await claim_through(tools, await look(tools))).claims) == 2


async def test_an_administrator_closes_a_circuit_with_a_reason(tools: Tools) -> None:
    await queue(tools, window=5)
    await finish(tools, await claim_one(tools), SendOutcome(reaction=Reaction.MISCONFIGURED, errcode=40125))
    async with tools.unit_of_work() as work:
        home = await factories.organisation(work)
        gates, admin = GateService(work), factories.staff_actor(home.id, StaffRole.ADMIN)
        with pytest.raises(ForbiddenError):
            await gates.close_circuit(factories.staff_actor(home.id), "main", "已更换 AppSecret")
        with pytest.raises(ServiceError, match=r"delivery\.reason"):
            await gates.close_circuit(admin, "main", " ")
        await gates.close_circuit(admin, "main", "已更换 AppSecret")
        with pytest.raises(ServiceError, match=r"circuit\.not_open"):
            await gates.close_circuit(admin, "main", "再来")
    assert len((await claim(tools)).claims) == 1


async def test_every_call_of_the_day_is_counted_by_account_and_api(tools: Tools, clock: FixedClock) -> None:
    for window in (0, 0, 5):
        await queue(tools, window=window)
    for one in (await claim(tools)).claims:
        await finish(tools, one, SendOutcome(reaction=Reaction.OK))
    async with tools.unit_of_work() as work:
        counted = {(one.account, one.api): one.calls for one in await GateService(work).calls_today()}
    assert counted == {("main", "template"): 2, ("main", "customer_service"): 1}
    clock.move(hours=14, seconds=1)
    async with tools.unit_of_work() as work:
        assert await GateService(work).calls_today() == ()


def test_probes_wait_twice_as_long_each_time_and_half_an_hour_at_most() -> None:
    assert [probe_after(n) / timedelta(minutes=1) for n in range(7)] == [1, 2, 4, 8, 16, 30, 30]
