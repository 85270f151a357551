"""Days, sign-ins by hand and practice in the console (C8)."""

import re
from collections.abc import Awaitable, Callable

from services.models import StaffRole
from services.unit_of_work import Tools
from tests.attendance_stories import PRACTICE, STARTS_AT, school
from tests.conftest import FixedClock
from tests.handlers.console.conftest import Browser

DAY = {
    "day_kind": "practice",
    "title": "量具使用实操",
    "day": "2026-12-01",
    "starts": "09:00",
    "ends": "17:00",
    "hours": "8",
}


async def test_staff_plan_a_day_sign_somebody_in_and_record_practice_c8(
    tools: Tools, clock: FixedClock, browsers: Callable[..., Awaitable[Browser]]
) -> None:
    place = await school(tools)
    clock.moment = STARTS_AT
    officer = await browsers(StaffRole.OFFICER, place.sub_centre.id)
    days = f"/classes/{place.class_id}/days"
    assert f"/console{days}" in await officer.open("/classes")
    refused = await officer.send(days, {**DAY, "day": "2027-02-01"}, status=422)
    assert "培训日应在开班期间：2026-12-01 至 2026-12-31" in refused
    planned = await officer.send(days, DAY)
    assert "培训日已添加" in planned
    [day] = re.findall(r"/console(/class-days/[0-9a-f-]+)", planned)
    assert re.search(r"<code>sign:[a-z0-9]{12}</code>", await officer.open(day))
    who = {"enrolment": str(place.enrolment_id)}
    assert "请填写“原因”" in await officer.send(f"{day}/sign-ins", who, status=422)
    signed = await officer.send(f"{day}/sign-ins", {**who, "reason": "手机没电"})
    assert "谢老师：手机没电" in signed
    recorded = await officer.send(f"{day}/practice", {**who, **PRACTICE})
    assert "实操记录已登记" in recorded
    assert PRACTICE["instrument"] in await officer.open(f"/enrolments/{place.enrolment_id}/practice")
    dossier = await officer.open(f"/enrolments/{place.enrolment_id}")
    assert "<dt>实操学时</dt><dd>8 / 24</dd>" in dossier
