"""Row locks: none is taken twice, none is believed after it was given up, and two are taken in their order."""

import asyncio
from collections.abc import Iterator

import pytest
from sqlalchemy import event, select, text, update

from services.unit_of_work import Tools
from storage.repositories.enrolments import EnrolmentRepository
from storage.repositories.exams import SittingRepository
from storage.tables import Enrolment, Sitting
from tests.services.exam_stories import House, open_house


@pytest.fixture
async def house(tools: Tools) -> House:
    return await open_house(tools)


@pytest.fixture
def locks(tools: Tools) -> Iterator[list[str]]:
    """The statements that lock."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "FOR UPDATE" in statement:
            asked.append(statement)

    event.listen(tools.database.engine.sync_engine, "before_cursor_execute", note)
    yield asked
    event.remove(tools.database.engine.sync_engine, "before_cursor_execute", note)


async def test_a_row_is_locked_once_in_a_transaction(house: House, tools: Tools, locks: list[str]) -> None:
    who = await house.candidate()
    for _ in range(2):
        locks.clear()
        async with tools.unit_of_work() as work:
            enrolments = EnrolmentRepository(work.session)
            row = await enrolments.find(who.enrolment_id, for_update=True)
            assert await enrolments.find(who.enrolment_id, for_update=True) is row
        assert len(locks) == 1


async def test_a_lock_that_was_taken_in_a_savepoint_is_taken_again_after_its_rollback(
    house: House, tools: Tools, locks: list[str]
) -> None:
    who = await house.candidate()
    async with tools.unit_of_work() as work:
        enrolments = EnrolmentRepository(work.session)
        savepoint = await work.session.begin_nested()
        await enrolments.find(who.enrolment_id, for_update=True)
        await savepoint.rollback()
        await enrolments.find(who.enrolment_id, for_update=True)
    assert len(locks) == 2


async def test_whoever_waits_for_a_sitting_has_not_locked_the_enrolment_and_sees_it_as_it_is_afterwards(
    house: House, tools: Tools
) -> None:
    sitting, who = await house.sitting(), await house.candidate()

    async def book() -> int:
        async with tools.unit_of_work() as work:
            found = await SittingRepository(work.session).lock_to_book(sitting.id, who.enrolment_id)
            assert found is not None
            return found[1].stage

    async with tools.unit_of_work() as holding:
        await holding.session.execute(select(Sitting.id).where(Sitting.id == sitting.id).with_for_update())
        waiting = asyncio.create_task(book())
        for _ in range(500):
            if await _somebody_waits(tools):
                break
            await asyncio.sleep(0.01)
        async with tools.unit_of_work() as other:
            await other.session.execute(text("SET LOCAL lock_timeout = '1s'"))
            await other.session.execute(
                update(Enrolment).where(Enrolment.id == who.enrolment_id).values(stage=7)
            )
        assert not waiting.done()
    assert await waiting == 7


async def _somebody_waits(tools: Tools) -> bool:
    async with tools.unit_of_work() as work:
        waits = text(
            "SELECT exists(SELECT FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock')"
        )
        return bool(await work.session.scalar(waits))
