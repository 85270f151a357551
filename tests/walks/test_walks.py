"""Random people do random things in every scheme (B2, B9, B10): nothing moves that may not, and the audit log tells every move.

`ZHENGTU_WALKS=500 pytest tests/walks` walks other ways each time, and so many of them.
"""

import asyncio
import os
from collections.abc import Coroutine
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID, uuid4

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select

from services.enrolments.review import ReviewService
from services.errors import NotFoundError, ServiceError
from services.models import Actor, EnrolmentState
from services.rules.errors import InvalidValueError
from services.unit_of_work import Tools, Work
from storage.repositories.enrolments import QueueScope
from storage.tables import Card, Enrolment, StageRecord, StudyRecord
from tests.conftest import FixedClock
from tests.walks import guide, law, movements
from tests.walks.verbs import OWN, STAFF, Verb
from tests.walks.world import World

WALKS = int(os.environ.get("ZHENGTU_WALKS", "0"))
BEGINNING = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
SUBMITTED = frozenset(EnrolmentState) - {EnrolmentState.DRAFT}

Given = TypeVar("Given")

numbers = st.integers(min_value=0, max_value=999)


def pick(items: Any, number: int) -> Any:
    """One of them."""
    several = list(items)
    return several[number % len(several)]


async def test_every_scheme_can_be_walked_to_its_end(tools: Tools) -> None:
    """What falls to each is enough to bring everybody to result, certificate, card or appointment (A, B, C, D, E)."""
    world = World(tools)
    await world.settle()
    for scheme in world.schemes():
        who = await world.begin(scheme, 0)
        await world.fill(who, 0)
        await come(world, who)
        walked = [await advance(world, who, turn) for turn in range(24)]
        assert walked[-1] is None, (scheme.id, walked)
        async with tools.unit_of_work() as work:
            assert (await work.session.get_one(Enrolment, who)).state == "concluded", scheme.id
        end = {"exam": "issue", "card": "hand_out", "appointment": "approve"}
        kind = "card" if scheme.card else "appointment" if scheme.appointment else "exam"
        assert end[kind] in walked, (scheme.id, walked)


async def test_no_walk_leaves_the_way_b2_b9_b10(tools: Tools) -> None:
    world = World(tools)
    await world.settle()
    loop = asyncio.get_running_loop()

    def wait(what: Coroutine[Any, Any, Given]) -> Given:
        return asyncio.run_coroutine_threadsafe(what, loop).result()

    class Walk(RuleBasedStateMachine):
        """A few people, whoever is around, and what they happen to do."""

        def __init__(self) -> None:
            super().__init__()
            world.enrolments.clear()
            clock = tools.clock
            assert isinstance(clock, FixedClock)
            clock.moment = BEGINNING

        @initialize(schemes=st.lists(numbers, min_size=2, max_size=4), ways=numbers)
        def people_apply(self, schemes: list[int], ways: int) -> None:
            for turn, number in enumerate(schemes):
                who = wait(world.begin(pick(world.schemes(), number), ways + turn))
                wait(world.fill(who, ways + turn))
                wait(come(world, who))

        @rule(which=numbers, choice=numbers, steps=st.integers(min_value=1, max_value=6))
        def what_comes_next(self, which: int, choice: int, steps: int) -> None:
            for _ in range(steps):
                wait(advance(world, pick(world.enrolments, which), choice))

        @rule(
            which=numbers,
            verb=st.sampled_from(sorted(OWN)),
            whose=st.sampled_from([True, True, False]),
            other=numbers,
        )
        def an_applicant_tries(self, which: int, verb: str, whose: bool, other: int) -> None:
            mine = pick(world.enrolments, which)
            actor = world.applicants[mine if whose else pick(world.enrolments, other)]
            wait(attempt(world, mine, OWN[verb], actor))

        @rule(which=numbers, verb=st.sampled_from(sorted(STAFF)), near=st.booleans(), who=numbers)
        def somebody_at_work_tries(self, which: int, verb: str, near: bool, who: int) -> None:
            enrolment_id = pick(world.enrolments, which)
            seen_by = wait(readers(world, enrolment_id))
            around = [one for one in world.officers() if one.organisation_id in seen_by]
            wait(attempt(world, enrolment_id, STAFF[verb], pick(around if near else world.officers(), who)))

        @rule(scheme=numbers, way=numbers, which=numbers)
        @precondition(lambda _: len(world.enrolments) < 6)
        def somebody_known_applies_again(self, scheme: int, way: int, which: int) -> None:
            known = world.numbers[pick(world.enrolments, which)]
            who = wait(world.begin(pick(world.schemes(), scheme), way))
            wait(world.fill(who, way, known))

        @rule(days=st.integers(min_value=1, max_value=4))
        def days_pass(self, days: int) -> None:
            clock = tools.clock
            assert isinstance(clock, FixedClock)
            if (clock.moment - BEGINNING).days < 14:
                clock.move(days=days)

        @rule()
        def everybody_looks(self) -> None:
            wait(look(world))

    chosen = settings(
        max_examples=WALKS or 12,
        stateful_step_count=25,
        deadline=None,
        derandomize=not WALKS,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    await asyncio.to_thread(run_state_machine_as_test, Walk, settings=chosen)


async def come(world: World, enrolment_id: UUID) -> None:
    """The hours that would be imported: theory and practice, more than any scheme asks for."""
    async with world.tools.unit_of_work() as work:
        work.session.add_all(
            StudyRecord(
                id=uuid4(),
                enrolment_id=enrolment_id,
                source=source,
                reference="walk",
                course="全部课程",
                studied_on=work.now.date(),
                hours=Decimal(80),
                created_at=work.now,
            )
            for source in ("import", "practice")
        )


async def advance(world: World, enrolment_id: UUID, choice: int) -> str | None:
    """What comes next is done by whom it falls to; says what it was."""
    async with world.tools.unit_of_work() as work:
        step = await guide.next_step(world, work, enrolment_id, choice)
    if step is None:
        return None
    verb, actor = step
    await attempt(world, enrolment_id, (OWN if actor.kind == "applicant" else STAFF)[verb], actor)
    return verb


async def attempt(world: World, enrolment_id: UUID, verb: Verb, actor: Actor) -> None:
    """One verb in a unit of work: all of the law holds for it, and what is refused moves nothing."""
    async with world.tools.unit_of_work() as work:
        earlier = await movements.moment(work)
    near = await readers(world, enrolment_id)
    refused = False
    try:
        async with world.tools.unit_of_work() as work:
            await verb(work, actor, await work.session.get_one(Enrolment, enrolment_id))
    except (ServiceError, InvalidValueError):
        refused = True
    async with world.tools.unit_of_work() as work:
        moved = movements.moves(earlier, await movements.moment(work))
        logged = await movements.entries(work, earlier)
    assert not refused or not (moved or logged), (verb, moved)
    assert not law.faults(moved, logged), (verb, actor.name, law.faults(moved, logged))
    about_it = [one for one in moved if one.enrolment_id == enrolment_id]
    if about_it and actor.kind == "staff":
        assert actor.role != "viewer", (verb, about_it)
        assert actor.organisation_id in near | await readers(world, enrolment_id), (
            verb,
            actor.name,
            about_it,
        )
    if about_it and actor.kind == "applicant":
        assert actor == world.applicants[enrolment_id], (verb, about_it)


async def _reach(work: Work, enrolment_ids: list[UUID]) -> dict[UUID, frozenset[UUID]]:
    """Enrolment → where it belongs, who trains, and every organisation whose stage it reached."""
    rows = await work.session.scalars(select(Enrolment).where(Enrolment.id.in_(enrolment_ids)))
    reach = {row.id: {row.organisation_id, row.trained_by} for row in rows}
    stages = await work.session.execute(
        select(StageRecord.enrolment_id, StageRecord.organisation_id).where(
            StageRecord.enrolment_id.in_(enrolment_ids)
        )
    )
    for enrolment_id, organisation_id in stages:
        reach[enrolment_id].add(organisation_id)
    return {one: frozenset(those) for one, those in reach.items()}


async def readers(world: World, enrolment_id: UUID) -> frozenset[UUID]:
    """Whose people may see it (B9): where it belongs, every stage it reached, who trains, who issues or makes its paper."""
    async with world.tools.unit_of_work() as work:
        row = await work.session.get_one(Enrolment, enrolment_id)
        reach = (await _reach(work, [enrolment_id]))[enrolment_id]
        cards = await work.session.execute(
            select(Card.made_by_id, Card.numbered_by_id).where(Card.enrolment_id == enrolment_id)
        )
        terms = work.scheme(row.scheme_ref).authorised_for
    overseers = world.of_kind(terms.by) if terms is not None else []
    return reach | {one for pair in cards for one in pair} | set(overseers)


async def look(world: World) -> None:
    """Everybody opens the queue and each enrolment, and sees their own organisation's people and nobody else's (B9)."""
    async with world.tools.unit_of_work() as work:
        reach = await _reach(work, world.enrolments)
        states = {one: (await work.session.get_one(Enrolment, one)) for one in world.enrolments}
        submitted = {one for one, row in states.items() if row.person_id is not None}
    for officer in (here.viewer for here in world.staff.values()):
        async with world.tools.unit_of_work() as work:
            page = await ReviewService(work).queue(
                officer, states=SUBMITTED, scope=QueueScope.ALL, per_page=2_000
            )
            seen = {line.id for line in page.items} & set(world.enrolments)
            theirs = {one for one in submitted if officer.organisation_id in reach[one]}
            assert seen == theirs, officer.name
            for one in world.enrolments:
                try:
                    await ReviewService(work).show(officer, one)
                except NotFoundError:
                    assert one not in theirs, officer.name
                else:
                    assert one in theirs, officer.name
