"""Signing in by a scan of the class day's code: once, in time, by a member (C8)."""

import pytest
from sqlalchemy import text

from services.unit_of_work import Tools
from storage.attendance_states import DayKind
from tests.attendance_stories import STARTS_AT, School, school
from tests.chat import Follower
from tests.conftest import FixedClock
from tests.handlers.chat.conftest import Meter


@pytest.fixture
async def place(tools: Tools) -> School:
    return await school(tools)


async def test_a_member_who_scans_in_time_is_signed_in_once_with_the_days_hours_c8(
    place: School, clock: FixedClock, meter: Meter, tools: Tools
) -> None:
    day = await place.day()
    assert "2026年12月1日" in await place.scan(day)
    clock.moment = STARTS_AT
    clock.move(minutes=-20)
    meter.clear()
    said = await place.scan(day)
    assert len(meter.statements) <= 8, "\n\n".join(meter.statements)
    assert meter.commits == 1
    assert "签到成功" in said
    assert "计入理论 8 学时" in said
    assert "不用重复签到" in await place.scan(day)
    hours = await place.member.say("学时")
    assert "学时 8/64" in hours
    assert "理论 8/40" in hours
    assert "实操 0/24" in hours
    async with tools.unit_of_work() as work:
        jobs = await work.session.scalars(text("SELECT task_name FROM procrastinate_jobs"))
        assert list(jobs) == ["follow_hours"]


async def test_who_comes_too_early_or_late_reads_when_and_is_not_signed_in_c8(
    place: School, clock: FixedClock
) -> None:
    day = await place.day()
    clock.moment = STARTS_AT
    clock.move(minutes=-31)
    assert "08:30起可以签到" in await place.scan(day)
    clock.move(hours=9)
    assert "请老师代为登记" in await place.scan(day)
    assert (await place.progress()).done == 0


async def test_a_stranger_to_the_class_and_an_unknown_code_get_a_clear_answer_c8(
    place: School, clock: FixedClock, tools: Tools
) -> None:
    day = await place.day(DayKind.PRACTICE)
    clock.moment = STARTS_AT
    stranger = Follower(tools, openid="oStranger", account="metrology")
    assert "不在【长度计量员中级工班】的学员名单里" in await place.scan(day, stranger)
    assert "签到码已失效" in await place.member.follow("sign:nothing")
    assert "老师登记实操记录后计入" in await place.member.follow(day.scene)
