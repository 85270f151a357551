"""Ticks run once whatever happens, and do what they are for."""

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from scheduler.ticks import TICKS, Tick, run_tick, run_ticks
from services.models import EnrolmentState
from services.unit_of_work import Tools, Work
from storage.tables import InboundMessage, OutboxMessage, TickRun
from tests import factories
from tests.conftest import FixedClock

MOMENT = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


def tick(name: str) -> Tick:
    return next(item for item in TICKS if item.name == name)


async def test_two_schedulers_run_a_tick_once(tools: Tools) -> None:
    ran = list[int]()

    async def act(work: Work) -> None:
        ran.append(1)
        await asyncio.sleep(0.1)

    given = Tick(name="given", when={}, action=act)
    results = await asyncio.gather(*(run_tick(tools, given, MOMENT) for _ in range(4)))
    assert sorted(results) == [False, False, False, True]
    assert not await run_tick(tools, given, MOMENT)
    assert await run_tick(tools, given, MOMENT + timedelta(seconds=10))
    assert len(ran) == 2


async def test_ticks_run_by_the_clock_once_in_two_schedulers_until_they_are_told_to_end(tools: Tools) -> None:
    done = asyncio.Event()
    runs = list[int]()

    async def act(work: Work) -> None:
        runs.append(1)
        if len(runs) == 2:
            done.set()

    given = (Tick(name="every second", when={"second": "*"}, action=act),)
    over = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(run_ticks(tools, over, given))
        tasks.create_task(run_ticks(tools, over, given))
        await asyncio.wait_for(done.wait(), 20)
        over.set()
    async with tools.unit_of_work() as work:
        moments = (await work.session.scalars(select(TickRun.scheduled_for))).all()
    assert len(moments) == len(runs)
    assert all(moment.microsecond == 0 for moment in moments)


async def test_a_tick_that_fails_is_not_taken_as_done(tools: Tools) -> None:
    async def fail(work: Work) -> None:
        raise RuntimeError("no")

    failing = Tick(name="failing", when={}, action=fail)
    for _ in range(2):
        try:
            await run_tick(tools, failing, MOMENT)
        except RuntimeError:
            continue
        raise AssertionError("a tick that failed counted as run")


async def nudge_texts(tools: Tools) -> list[dict[str, str]]:
    async with tools.unit_of_work() as work:
        found = await work.session.scalars(
            select(OutboxMessage.facts).where(OutboxMessage.notice == "nudge").order_by(OutboxMessage.due_at)
        )
        return [dict(facts) for facts in found]


async def test_an_unfinished_enrolment_is_nudged_once_after_a_day_and_once_after_three(
    tools: Tools, clock: FixedClock
) -> None:
    async with tools.unit_of_work() as work:
        organisation = await factories.organisation(work)
        row = await factories.enrolment(
            work,
            organisation=organisation,
            follower=await factories.follower(work),
            state=EnrolmentState.DRAFT,
        )
        row.answers = {key: value for key, value in row.answers.items() if key == "name"}
    seen = []
    for hours in range(0, 24 * 6, 2):
        await run_tick(tools, tick("nudge_drafts"), MOMENT + timedelta(hours=hours))
        seen.append(len(await nudge_texts(tools)))
        clock.move(hours=2)
    assert seen.index(1) == 12
    assert seen.index(2) == 36
    assert seen[-1] == 2
    facts = (await nudge_texts(tools))[0]
    assert facts["scheme"] == "质量安全员"
    assert facts["place"] == "第2步【身份证号】"
    async with tools.unit_of_work() as work:
        assert (await work.session.get_one(type(row), row.id)).revision == row.revision


async def test_a_submitted_enrolment_and_one_who_unfollowed_are_not_nudged(
    tools: Tools, clock: FixedClock
) -> None:
    async with tools.unit_of_work() as work:
        organisation = await factories.organisation(work)
        gone = await factories.follower(work)
        gone.unfollowed_at = work.now
        await factories.enrolment(work, organisation=organisation, follower=gone, state=EnrolmentState.DRAFT)
        await factories.enrolment(
            work,
            organisation=organisation,
            follower=await factories.follower(work),
            state=EnrolmentState.IN_REVIEW,
            identity_number=factories.identity_number(1),
        )
    clock.move(days=5)
    await run_tick(tools, tick("nudge_drafts"), MOMENT)
    assert await nudge_texts(tools) == []


async def test_callbacks_are_forgotten_after_a_week(tools: Tools, clock: FixedClock) -> None:
    async with tools.unit_of_work() as work:
        for days in (8, 6):
            work.session.add(
                InboundMessage(
                    account="main",
                    dedupe_key=f"{days}",
                    kind="TextMessage",
                    received_at=work.now - timedelta(days=days),
                )
            )
        work.session.add(TickRun(job="old", scheduled_for=work.now - timedelta(days=31), started_at=work.now))
    await run_tick(tools, tick("forget_old"), MOMENT)
    async with tools.unit_of_work() as work:
        assert (await work.session.scalars(select(InboundMessage.dedupe_key))).all() == ["6"]
        assert await work.session.scalar(select(func.count()).where(TickRun.job == "old")) == 0


async def test_every_tick_runs_on_an_empty_installation(tools: Tools) -> None:
    for given in TICKS:
        assert await run_tick(tools, given, MOMENT)
    async with tools.unit_of_work() as work:
        assert await work.session.scalar(select(func.count()).select_from(TickRun)) == len(TICKS)


def test_every_tick_has_a_name_of_its_own() -> None:
    assert len({given.name for given in TICKS}) == len(TICKS)
