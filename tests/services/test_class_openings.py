"""A new class is announced to those who wait for one (A5)."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from services.models import EnrolmentState
from services.notices.catalogue import NOTICES, TEMPLATE_FIELD_LIMIT, render_fields
from services.study import openings
from services.study.classes import ClassService, ClassView
from services.unit_of_work import Tools
from storage.tables import AuditEntry, CourseClass
from tests import factories
from tests.conftest import FixedClock
from tests.services.exam_stories import SCHEME, Candidate, House, kinds, open_house, study_record, text_of


@pytest.fixture
async def house(tools: Tools) -> House:
    return await open_house(tools)


async def opened(house: House, *, code: str = "QSO-1", scheme_id: str = SCHEME) -> ClassView:
    async with house.tools.unit_of_work() as work:
        return await ClassService(work).add_class(
            house.officer,
            scheme_id=scheme_id,
            code=code,
            title="质量安全员12月培训班",
            starts_on=date(2026, 12, 1),
            ends_on=date(2026, 12, 5),
            form="on_site",
            place="贵阳市云岩区头桥海马冲街51号",
        )


async def told(house: House, who: Candidate) -> list[str]:
    return [notice for notice in kinds(await house.told(who)) if notice == "class_opened"]


async def test_a_new_class_is_told_once_to_each_who_needs_one_and_is_in_none_a5(house: House) -> None:
    waiting, half = await house.candidate(hours="0"), await house.candidate(hours="12")
    await opened(house)
    [message] = await house.told(waiting)
    assert text_of(message) == (
        "【质量安全员】有新的培训班可以报：\n质量安全员12月培训班\n时间：2026年12月1日至2026年12月5日\n"
        "地点：贵阳市云岩区头桥海马冲街51号\n还没有报班的，回复 学时 选择。"
    )
    template = NOTICES["class_opened"].template
    assert template is not None
    fields = render_fields(template, message.facts)
    assert fields["thing3"] == "回复 学时 选择培训班"
    assert max(map(len, fields.values())) <= TEMPLATE_FIELD_LIMIT
    assert await told(house, half) == ["class_opened"]
    async with house.tools.unit_of_work() as work:
        row = (await work.session.scalars(select(CourseClass))).one()
        await openings.announce(work, row)
        entry = await work.session.scalar(select(AuditEntry).where(AuditEntry.action == "class.added"))
        assert entry is not None
        assert entry.after["told"] == 2
    assert await told(house, waiting) == ["class_opened"]
    await opened(house, code="QSO-2")
    assert await told(house, waiting) == ["class_opened"] * 2


async def test_nobody_is_told_of_a_class_that_is_not_for_them(house: House, tools: Tools) -> None:
    done = await house.candidate(hours="30")
    waits_for_review = await house.candidate(hours="0", state=EnrolmentState.IN_REVIEW)
    other_scheme = await house.candidate(hours="0", scheme_id="chief-quality-officer")
    elsewhere = await (await open_house(tools, "成都市质量协会")).candidate(hours="0")
    async with tools.unit_of_work() as work:
        proving = await factories.follower(work)
        enrolment = await factories.enrolment(
            work, organisation=house.organisation, follower=proving, route="proof"
        )
    by_proof = Candidate(enrolment.id, enrolment.number, "", proving.id, factories.applicant_actor(proving))
    joined = await house.candidate(hours="0")
    first = await opened(house)
    async with tools.unit_of_work() as work:
        await ClassService(work).enrol_in_class(joined.enrolment_id, first.id, joined.actor)
    await opened(house, code="QSO-2")
    for nobody in (done, joined, waits_for_review, other_scheme, elsewhere, by_proof):
        assert await told(house, nobody) == []


async def test_a_class_that_is_joined_or_closed_in_the_night_is_not_announced_in_the_morning(
    house: House, clock: FixedClock
) -> None:
    clock.moment = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
    waiting, joined = await house.candidate(hours="0"), await house.candidate(hours="0")
    view = await opened(house)
    async with house.tools.unit_of_work() as work:
        await ClassService(work).enrol_in_class(joined.enrolment_id, view.id, joined.actor)
    assert await told(house, joined) == []
    [message] = await house.told(waiting)
    assert message.due_at == datetime(2026, 11, 22, 0, 0, tzinfo=UTC)
    async with house.tools.unit_of_work() as work:
        await ClassService(work).close_class(house.officer, view.id)
    assert await told(house, waiting) == []


async def test_hours_met_by_several_records_need_no_class(house: House, tools: Tools) -> None:
    who = await house.candidate(hours="20")
    async with tools.unit_of_work() as work:
        more = study_record(work, who.enrolment_id, "10")
        more.reference = "course@2026-11-02"
        work.session.add(more)
    await opened(house)
    assert await told(house, who) == []
