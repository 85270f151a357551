"""The outbox against a model: whatever happens in whichever order, nothing is lost, nothing is doubled, and fences hold.

Hypothesis plays processes that claim, send, finish late or die, receipts that come early, late and again, time that
passes, and staff who decide; a small platform keeps what was really taken. A failure prints the steps to replay it.
"""

import asyncio
import dataclasses
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select, text

from services.delivery.claims import Claim, Finish
from services.delivery.deciding import UndecidedService
from services.delivery.service import Arrival, DeliveryService, take_receipts
from services.models import Actor
from services.notices import NoticeService
from services.ports import Reaction, SendOutcome
from services.rules.delivery import Channel
from services.unit_of_work import Tools
from storage.database import Database
from storage.tables import OutboxMessage
from tests import factories
from tests.conftest import FixedClock, copied, real_tools

TEMPLATES = {"main": {"progress": "tpl-progress"}}
DEDUPE_MINUTES = 10
EXAMPLES, STEPS = 15, 20
SYSTEM = Actor.system("model")
#: What a send comes to: for whoever sends, and whether the platform took it.
OUTCOMES = {
    "ok": (Reaction.OK, True),
    "lost after": (Reaction.UNKNOWN, True),
    "lost before": (Reaction.UNKNOWN, False),
    "busy": (Reaction.RETRY, False),
    "refused": (Reaction.DEAD, False),
}
_Result = TypeVar("_Result")


class Steady:
    """Entropy without chance."""

    def bits(self, count: int) -> int:
        return 0


@dataclass
class Platform:
    """What WeChat really took."""

    #: Template sends by their id: the msgid, and how many minutes ago.
    known: dict[str, tuple[str, float]] = field(default_factory=dict)
    #: Deliveries of each message of ours.
    taken: Counter[UUID] = field(default_factory=Counter)
    #: Messages in the order in which they were first taken, by person.
    order: dict[str, list[UUID]] = field(default_factory=dict)
    pending: list[Arrival] = field(default_factory=list)
    told: list[Arrival] = field(default_factory=list)

    def take(self, claim: Claim, status: str) -> str | None:
        if claim.channel is Channel.TEMPLATE:
            known = self.known.get(claim.client_msg_id)
            if known is not None and known[1] < DEDUPE_MINUTES:
                return known[0]
        self.taken[claim.id] += 1
        self.order.setdefault(claim.openid, []).append(claim.id)
        if claim.channel is not Channel.TEMPLATE:
            return None
        msgid = str(1000 + sum(self.taken.values()))
        self.known[claim.client_msg_id] = msgid, 0.0
        self.pending.append(Arrival(account="main", openid=claim.openid, msgid=msgid, status=status))
        return msgid

    def age(self, minutes: float) -> None:
        self.known = {key: (msgid, age + minutes) for key, (msgid, age) in self.known.items()}


class Outbox(RuleBasedStateMachine):
    """Three people, one of them with an open window, and two processes that send."""

    runner: asyncio.Runner
    tools: Tools
    clock: FixedClock

    def __init__(self) -> None:
        super().__init__()
        self.platform = Platform()
        #: What processes hold in memory: claims with what their sends came to.
        self.held: list[tuple[Claim, SendOutcome]] = []
        self.numbers: dict[UUID, int] = {}
        self.people = self.run(self._begin())

    def run(self, work: Coroutine[Any, Any, _Result]) -> _Result:
        return self.runner.run(work)

    async def _begin(self) -> list[UUID]:
        async with self.tools.unit_of_work() as work:
            await work.session.execute(
                text("TRUNCATE outbox, receipts, circuits, api_rests, followers CASCADE")
            )
            people = [await factories.follower(work) for _ in range(3)]
            people[2].window_until, people[2].window_left = work.now + timedelta(days=99), 99
            return [person.id for person in people]

    # ---- what happens ---------------------------------------------------------------------------------------

    @rule(person=st.integers(0, 2))
    def queue(self, person: int) -> None:
        """A cause for a notice."""

        async def put() -> None:
            async with self.tools.unit_of_work() as work:
                await NoticeService(work).send(
                    self.people[person],
                    "admitted",
                    cause=str(len(self.numbers)),
                    facts={"number": len(self.numbers)},
                )

        self.run(put())
        self.clock.move(seconds=1)
        for row in self.rows():
            self.numbers.setdefault(row.id, row.facts["number"])

    @rule(
        process=st.sampled_from(["a", "b"]),
        outcomes=st.lists(st.sampled_from([*OUTCOMES, "killed"]), min_size=3, max_size=3),
        status=st.sampled_from(["success", "failed:user block"]),
    )
    def claim_and_send(self, process: str, outcomes: list[str], status: str) -> None:
        """A process claims what it finds and sends it; it may die between the two, or before it keeps what came of it."""
        for claim, outcome in zip(self._claim(process), outcomes, strict=False):
            if outcome != "killed":
                self._send(claim, outcome, status)

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        """A process keeps what some of its sends came to, in one group."""
        chosen = data.draw(st.lists(st.integers(0, len(self.held) - 1), min_size=1, max_size=3, unique=True))
        self._finish([self.held[place] for place in chosen])
        self.held = [one for place, one in enumerate(self.held) if place not in chosen]

    @precondition(lambda self: self.held)
    @rule(process=st.sampled_from(["a", "b"]))
    def kill(self, process: str) -> None:
        """A process dies with what it held in memory."""
        self.held = [one for one in self.held if one[0].owner != process]

    @rule(minutes=st.sampled_from([0.5, 5, 9, 11, 16]))
    def pass_time(self, minutes: float) -> None:
        """For everybody: our clock, the database's, and the platform's."""

        async def shift() -> None:
            step = {"step": timedelta(minutes=minutes)}
            async with self.tools.unit_of_work() as work:
                await work.session.execute(
                    text(
                        "UPDATE outbox SET lease_until = lease_until - CAST(:step AS interval),"
                        " first_sent_at = first_sent_at - CAST(:step AS interval)"
                    ),
                    step,
                )
                await work.session.execute(
                    text("UPDATE receipts SET received_at = received_at - CAST(:step AS interval)"), step
                )

        self.run(shift())
        self.clock.move(minutes=minutes)
        self.platform.age(minutes)

    @rule()
    def settle(self) -> None:
        """The tick."""

        async def tick() -> None:
            async with self.tools.unit_of_work() as work:
                await DeliveryService(work).settle_lapsed()

        self.run(tick())

    @precondition(lambda self: self.platform.pending or self.platform.told)
    @rule(data=st.data())
    def receive(self, data: st.DataObject) -> None:
        """Receipts in any order, in a group, some of them again."""
        there = [*self.platform.pending, *self.platform.told]
        arrivals = data.draw(st.lists(st.sampled_from(there), min_size=1, max_size=3, unique=True))
        self._receive(arrivals)

    @rule(again=st.booleans())
    def decide(self, *, again: bool) -> None:
        """Staff decide about whatever they are shown."""

        async def act() -> None:
            async with self.tools.unit_of_work() as work:
                service = UndecidedService(work)
                for line in (await service.list_lines(SYSTEM)).items:
                    verb = service.send_again if again else service.set_aside
                    await verb(SYSTEM, line.id, "核实过")

        self.run(act())
        self.clock.move(seconds=1)
        for row in self.rows():
            self.numbers.setdefault(row.id, len(self.numbers))

    # ---- what always holds ----------------------------------------------------------------------------------

    @invariant()
    def nothing_is_doubled(self) -> None:
        assert all(times == 1 for times in self.platform.taken.values()), self.platform.taken

    @invariant()
    def a_person_has_one_message_on_its_way(self) -> None:
        on_its_way = Counter(
            row.follower_id
            for row in self.rows()
            if row.state in ("sending", "unknown") and row.surfaced_at is None
        )
        assert all(number == 1 for number in on_its_way.values())

    @invariant()
    def each_person_reads_in_the_order_of_the_causes(self) -> None:
        for taken in self.platform.order.values():
            numbers = [self.numbers[message] for message in taken]
            assert numbers == sorted(numbers)

    @invariant()
    def what_is_said_to_have_arrived_was_taken(self) -> None:
        for row in self.rows():
            if row.state in ("accepted", "delivered") or (row.state == "failed" and row.errcode is None):
                assert self.platform.taken[row.id] == 1, row.state

    def teardown(self) -> None:
        """The processes die, others go on, every receipt comes: then each message has come to an end that is seen."""
        self.held.clear()
        for _ in range(12):
            self.settle()
            for claim in self._claim("c"):
                self._send(claim, "ok", "success")
            self._finish(self.held)
            self.held.clear()
            if self.platform.pending:
                self._receive(list(self.platform.pending))
            self.pass_time(9)
            self.nothing_is_doubled()
        ends = {(row.state, row.channel) for row in self.rows()}
        assert ends <= {
            ("accepted", "customer_service"),
            ("unknown", "customer_service"),
            ("unknown", "template"),
            ("delivered", "template"),
            ("failed", "template"),
            ("dead", "template"),
            ("dead", "customer_service"),
        }, ends
        assert all(row.surfaced_at for row in self.rows() if row.state == "unknown")
        self.what_is_said_to_have_arrived_was_taken()

    # ---- how ------------------------------------------------------------------------------------------------

    def rows(self) -> list[OutboxMessage]:
        async def read() -> list[OutboxMessage]:
            async with self.tools.unit_of_work() as work:
                return list((await work.session.scalars(select(OutboxMessage))).all())

        return self.run(read())

    def _claim(self, process: str) -> list[Claim]:
        async def claim() -> list[Claim]:
            async with self.tools.unit_of_work() as work:
                batch = await DeliveryService(work).claim(process, 10, templates=TEMPLATES)
                return list(batch.claims)

        return sorted(self.run(claim()), key=lambda one: self.numbers[one.id])

    def _send(self, claim: Claim, outcome: str, status: str) -> None:
        reaction, takes = OUTCOMES[outcome]
        msgid = self.platform.take(claim, status) if takes else None
        told = msgid if reaction is Reaction.OK else None
        self.held.append((claim, SendOutcome(reaction=reaction, msgid=told)))

    def _finish(self, chosen: list[tuple[Claim, SendOutcome]]) -> None:
        before = {row.id: row for row in self.rows()}

        async def write() -> list[bool]:
            async with self.tools.unit_of_work() as work:
                finishes = [Finish(claim=claim, outcome=outcome) for claim, outcome in chosen]
                verdicts = await DeliveryService(work).finish_many(finishes)
                return [verdict is not None for verdict in verdicts]

        kept = self.run(write()) if chosen else []
        for (claim, _), ours in zip(chosen, kept, strict=True):
            row = before[claim.id]
            current = (row.owner, row.epoch) == (claim.owner, claim.epoch)
            assert ours == (current and row.state in ("sending", "unknown")), (ours, row.state)

    def _receive(self, arrivals: list[Arrival]) -> None:
        async def write() -> None:
            async with self.tools.unit_of_work() as work:
                await take_receipts(work, arrivals)

        self.run(write())
        for arrival in arrivals:
            if arrival in self.platform.pending:
                self.platform.pending.remove(arrival)
                self.platform.told.append(arrival)


def test_the_outbox_keeps_to_its_model_whatever_happens_in_whichever_order(
    cluster_url: str, template_database: str, tmp_path: Path
) -> None:
    with asyncio.Runner() as runner:
        place = copied(cluster_url, template_database)
        database = Database(runner.run(place.__aenter__()))
        clock = FixedClock()
        Outbox.runner, Outbox.clock = runner, clock
        Outbox.tools = dataclasses.replace(
            real_tools(database, clock, tmp_path), quiet_hours=False, entropy=Steady()
        )
        try:
            run_state_machine_as_test(
                Outbox,
                settings=settings(
                    max_examples=EXAMPLES,
                    stateful_step_count=STEPS,
                    deadline=None,
                    derandomize=True,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            runner.run(database.close())
            runner.run(place.__aexit__(None, None, None))
