"""Random people do random things in every scheme (B2, B9): nothing moves that may not, and the audit log tells every move.

`ZHENGTU_WALKS=500 pytest tests/walks` walks other ways each time, and so many of them.
"""

import asyncio
import os
import random
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import make_url, select

from services.enrolments.review import ReviewService
from services.errors import NotFoundError, ServiceError
from services.models import Actor, EnrolmentState
from services.rules.errors import InvalidValueError
from services.schemes.models import Scheme
from services.unit_of_work import Tools, Work
from storage.database import Database
from storage.repositories.enrolments import QueueScope
from storage.tables import Card, Enrolment, StageRecord, StudyRecord
from tests.conftest import FixedClock, copied, real_tools
from tests.walks import guide, law, movements
from tests.walks.verbs import OWN, STAFF, Verb, likely
from tests.walks.world import World

WALKS = int(os.environ.get("ZHENGTU_WALKS", "0"))
SUBMITTED = frozenset(EnrolmentState) - {EnrolmentState.DRAFT}

Given = TypeVar("Given")
#: Of as many bits as it takes for no value to be likelier than another.
seeds = st.binary(min_size=8, max_size=8)


async def test_every_scheme_can_be_walked_to_its_end(tools: Tools) -> None:
    """What falls to each is enough to bring everybody to result, certificate, card or appointment (A, B, C, D, E)."""
    world = World(tools)
    await world.settle()
    for scheme in world.schemes():
        who = await world.begin(scheme, 0)
        await world.fill(who, 0)
        await study(world, who)
        walked = [await advance(world, who, turn) for turn in range(24)]
        assert walked[-1] is None, (scheme.id, walked)
        async with tools.unit_of_work() as work:
            assert (await work.session.get_one(Enrolment, who)).state == "concluded", scheme.id
        end = {"exam": "issue", "card": "hand_out", "appointment": "approve"}
        kind = "card" if scheme.card else "appointment" if scheme.appointment else "exam"
        assert end[kind] in walked, (scheme.id, walked)


async def test_no_walk_leaves_the_way_b2_b9(database_url: str, cluster_url: str, tmp_path: Path) -> None:
    settled = World(real_tools(Database(database_url), FixedClock(), tmp_path))
    await settled.settle()
    await settled.tools.database.close()
    loop = asyncio.get_running_loop()

    def wait(what: Coroutine[Any, Any, Given]) -> Given:
        return asyncio.run_coroutine_threadsafe(what, loop).result()

    class Walk(RuleBasedStateMachine):
        """A few people, whoever is around, and what they happen to do, each time in a world of their own."""

        def __init__(self) -> None:
            super().__init__()
            self.clock = FixedClock()
            self.ends = AsyncExitStack()
            copy = copied(cluster_url, str(make_url(database_url).database))
            database = Database(wait(self.ends.enter_async_context(copy)), pool_size=1)
            self.ends.push_async_callback(database.close)
            tools = real_tools(database, self.clock, tmp_path)
            self.turn = 0
            self.world = World(tools, staff=settled.staff, kinds=settled.kinds)

        def teardown(self) -> None:
            wait(self.ends.aclose())

        @initialize(seed=seeds)
        def people_apply(self, seed: bytes) -> None:
            chance = chance_of(seed)
            for _ in range(chance.randint(2, 3)):
                wait(somebody_applies(self.world, chance))

        @rule(seed=seeds)
        def something_happens(self, seed: bytes) -> None:
            chance = chance_of(seed, self.turn)
            (happening,) = chance.choices(
                (what_comes_next, something_likely, anything_at_all, somebody_known_applies, days_pass, look),
                (20, 52, 18, 3, 4, 3),
            )
            wait(happening(self.world, chance))
            self.turn += 1

    chosen = settings(
        max_examples=WALKS or 8,
        stateful_step_count=25,
        deadline=None,
        derandomize=not WALKS,
        # A walk that went wrong is printed as it was; to make it shorter takes minutes.
        phases=[Phase.generate],
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    await asyncio.to_thread(run_state_machine_as_test, Walk, settings=chosen)


async def what_comes_next(world: World, chance: random.Random) -> None:
    """Somebody goes a part of their way, each step by whom it falls to."""
    who = chance.choice(world.enrolments)
    for turn in range(chance.randint(1, 8)):
        await advance(world, who, turn)


async def something_likely(world: World, chance: random.Random) -> None:
    """Something that may have an effect just now: first those try who may not, then whoever is near, until one may."""
    who = chance.choice(world.enrolments)
    verb = chance.choice(likely(*await standing(world, who)))
    if verb in OWN and (verb not in STAFF or chance.random() < 0.5):
        for actor in (world.applicants[chance.choice(world.enrolments)], world.applicants[who]):
            await attempt(world, who, OWN[verb], actor)
        return
    near = sorted(await readers(world, who))
    strangers = [world.staff[place].first for place in world.staff.keys() - set(near)]
    readers_only = [world.staff[place].viewer for place in near]
    officers = [chance.choice((world.staff[place].first, world.staff[place].second)) for place in near]
    for actor in (*chance.sample(strangers, 2), *readers_only, *officers):
        if await attempt(world, who, STAFF[verb], actor):
            return


async def anything_at_all(world: World, chance: random.Random) -> None:
    """Anybody tries anything with anybody's enrolment, in whatever state it is."""
    actor = chance.choice([*chance.sample(world.officers(), 3), *world.applicants.values()])
    verbs = OWN if actor.kind == "applicant" else STAFF
    await attempt(world, chance.choice(world.enrolments), verbs[chance.choice(sorted(verbs))], actor)


async def somebody_applies(world: World, chance: random.Random, known: str | None = None) -> None:
    """Somebody new, or somebody of whom there is an enrolment already."""
    source = chance.choice(sorted({scheme.accounts[0] for scheme in world.schemes()}))
    offered = [scheme for scheme in world.schemes() if scheme.accounts[0] == source]
    who = await world.begin(chance.choice(offered), chance.randint(0, 3))
    await world.fill(who, chance.randint(0, 1), known)
    await study(world, who)
    for turn in range(chance.choice((0, 2, 8, 8, 16, 16))):
        await advance(world, who, turn)


async def somebody_known_applies(world: World, chance: random.Random) -> None:
    """Once more, or for something else."""
    if len(world.enrolments) < 5:
        await somebody_applies(world, chance, world.numbers[chance.choice(world.enrolments)])


async def days_pass(world: World, chance: random.Random) -> None:
    """Not more than the classes that people enrol with still last."""
    clock = world.tools.clock
    assert isinstance(clock, FixedClock)
    clock.move(days=min(chance.randint(1, 6), 12 - (clock.moment - FixedClock().moment).days))


def chance_of(seed: bytes, turn: int = 0) -> random.Random:
    """Choices that are the same for the same seed and turn: a walk can be walked again."""
    return random.Random(seed + bytes([turn]))  # noqa: S311 - no secret


async def standing(world: World, enrolment_id: UUID) -> tuple[Scheme, str]:
    """The enrolment's scheme and state."""
    async with world.tools.unit_of_work() as work:
        row = await work.session.get_one(Enrolment, enrolment_id)
        return work.scheme(row.scheme_ref), row.state


async def study(world: World, enrolment_id: UUID) -> None:
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


async def attempt(world: World, enrolment_id: UUID, verb: Verb, actor: Actor) -> bool:
    """One verb in a unit of work: all of the law holds for it, and what is refused moves nothing. Says whether it was done."""
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
    return not refused


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


async def look(world: World, _: random.Random) -> None:
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
