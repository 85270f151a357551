"""A sign-in, a record of practice and a day can be taken back; hours are counted anew and the person is told (C8, B1)."""

from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import select, update

from services.attendance import TakingBackService
from services.attendance.taking_back import TakenBack
from services.errors import ConflictError, NotFoundError
from services.models import Actor
from services.notices.catalogue import NOTICES, render_text
from services.unit_of_work import Tools
from storage.attendance_states import DayKind
from storage.states import DeliveryState
from storage.tables import AuditEntry, Enrolment, OutboxMessage, StudyRecord
from tests import factories
from tests.attendance_stories import STARTS_AT, School, school
from tests.conftest import FixedClock

D = Decimal
WHY = "核对后发现不是本人"


@pytest.fixture
async def place(tools: Tools, clock: FixedClock) -> School:
    made = await school(tools)
    clock.moment = STARTS_AT
    return made


async def unsign(place: School, day_id: UUID, actor: Actor | None = None) -> TakenBack:
    async with place.tools.unit_of_work() as work:
        return await TakingBackService(work).sign_in(
            actor or place.sub_centre.officer, day_id, place.enrolment_id, WHY
        )


async def told(tools: Tools) -> list[str]:
    async with tools.unit_of_work() as work:
        rows = await work.session.scalars(
            select(OutboxMessage).where(OutboxMessage.state == DeliveryState.QUEUED)
        )
        return [render_text(NOTICES[row.notice], row.facts) for row in rows]


async def test_a_sign_in_is_taken_back_with_its_hours_and_may_be_made_again_c8(
    place: School, tools: Tools
) -> None:
    day = await place.day()
    await place.sign(day)
    assert (await place.progress()).done == D(8)
    with pytest.raises(NotFoundError):
        await unsign(place, day.id, factories.staff_actor(place.sub_centre.society_id))
    assert (await unsign(place, day.id)).hours == D(8)
    assert (await place.progress()).done == D(0)
    [text] = await told(tools)
    assert f"“长度计量基础”的 8 学时已撤回，不再计入。\n原因：{WHY}\n现有 0/64 学时" in text
    with pytest.raises(ConflictError, match=r"sign_in\.none"):
        await unsign(place, day.id)
    async with tools.unit_of_work() as work:
        [entry] = await work.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "attendance.withdrawn")
        )
        assert (entry.reason, entry.before["hours"], entry.after["hours"]) == (WHY, "8", "0")
    assert "✓ 签到成功" in await place.scan(day)
    assert (await place.progress()).done == D(8)


async def test_the_last_record_of_a_day_takes_the_hours_of_practice_with_it_c8(
    place: School, tools: Tools
) -> None:
    day = await place.day(DayKind.PRACTICE)
    await place.sign(day)
    records = [await place.practise(day) for _ in range(2)]
    with pytest.raises(ConflictError, match=r"sign_in\.has_practice"):
        await unsign(place, day.id)
    gone = []
    for record in records:
        async with tools.unit_of_work() as work:
            outcome = await TakingBackService(work).practice(place.sub_centre.officer, record, WHY)
            gone.append(outcome.hours)
    assert gone == [D(0), D(8)]
    assert not (await place.progress()).records
    assert (await unsign(place, day.id)).hours == D(0)


async def test_a_day_goes_with_all_that_was_signed_and_nobody_signs_it_again_c8(place: School) -> None:
    day = await place.day()
    await place.sign(day)
    async with place.tools.unit_of_work() as work:
        outcome = await TakingBackService(work).day(place.sub_centre.officer, day.id, "停电停课")
    assert (outcome.people, outcome.hours) == (1, D(8))
    assert (await place.progress()).done == D(0)
    assert "签到已由老师撤回" in await place.scan(day)
    with pytest.raises(ConflictError, match=r"day\.withdrawn"):
        await place.sign(day)


async def test_hours_that_no_longer_suffice_are_named_and_a_published_result_keeps_them_c8_b1(
    place: School, tools: Tools
) -> None:
    async with tools.unit_of_work() as work:
        work.session.add_all(
            StudyRecord(
                enrolment_id=place.enrolment_id,
                source=source,
                reference=source,
                course="学习",
                hours=D(hours),
                created_at=work.now,
            )
            for source, hours in (("import", 32), ("practice", 24))
        )
    day = await place.day()
    await place.sign(day)
    assert (await place.progress()).met
    assert (await unsign(place, day.id)).below == (place.number,)
    await place.sign(day)
    async with tools.unit_of_work() as work:
        await work.session.execute(update(Enrolment).values(state="concluded"))
    for taking in (unsign(place, day.id), _day(place, day.id)):
        with pytest.raises(ConflictError, match=r"attendance\.decided"):
            await taking


async def _day(place: School, day_id: UUID) -> TakenBack:
    async with place.tools.unit_of_work() as work:
        return await TakingBackService(work).day(place.sub_centre.officer, day_id, WHY)
