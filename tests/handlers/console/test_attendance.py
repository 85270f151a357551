"""Days, sign-ins by hand and practice in the console (C8)."""

import re
from collections.abc import Awaitable, Callable

from services.models import StaffRole
from services.unit_of_work import Tools
from storage.attendance_states import DayKind
from tests.attendance_stories import PRACTICE, STARTS_AT, school
from tests.conftest import FixedClock
from tests.handlers.console.conftest import Browser, FakeSceneCodes

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
    # What was typed stays when it is refused.
    kept = await officer.send(
        f"{day}/practice",
        {**who, **PRACTICE, "instrument": "", "process": "量块三次，环境 20.1 ℃", "form": "practice"},
        status=422,
    )
    assert "量块三次，环境 20.1 ℃" in kept
    assert "刚才填写的内容都在下面" in kept
    dossier = await officer.open(f"/enrolments/{place.enrolment_id}")
    assert "<dt>实操学时</dt><dd>8 / 24</dd>" in dossier


async def test_the_qr_code_stands_large_with_class_date_and_window_c8(
    tools: Tools,
    clock: FixedClock,
    browsers: Callable[..., Awaitable[Browser]],
    scene_codes: FakeSceneCodes,
) -> None:
    place = await school(tools)
    officer = await browsers(StaffRole.OFFICER, place.sub_centre.id)
    later = await place.day(after=20)
    assert "最早在开课前 30 天生成" in await officer.open(f"/class-days/{later.id}/qr", status=422)
    day = await place.day()
    page = await officer.open(f"/class-days/{day.id}/qr")
    assert "<svg" in page
    assert "长度计量员中级工班" in page
    assert "12月1日" in page
    assert "08:30 至 17:00" in page
    assert "打开微信“扫一扫”签到" in page
    [(account, scene, seconds)] = scene_codes.asked
    assert (account, scene) == ("metrology", day.scene)
    # It holds until the day is over.
    assert seconds == (day.ends_at - clock.now()).total_seconds()
    scene_codes.away = True
    assert "暂时取不到微信二维码" in await officer.open(f"/class-days/{day.id}/qr", status=503)


async def test_staff_take_back_a_record_a_sign_in_and_a_day_with_their_reason_c8(
    tools: Tools, clock: FixedClock, browsers: Callable[..., Awaitable[Browser]]
) -> None:
    place = await school(tools)
    clock.moment = STARTS_AT
    officer = await browsers(StaffRole.OFFICER, place.sub_centre.id)
    day = await place.day(DayKind.PRACTICE)
    await place.sign(day)
    record = await place.practise(day)
    page, who = f"/class-days/{day.id}", {"enrolment": str(place.enrolment_id)}
    refused = await officer.send(f"{page}/sign-ins/withdraw", {**who, "reason": "没有到课"}, status=422)
    assert "请先撤回实操记录，再撤回签到" in refused
    assert "已撤回" in await officer.send(f"/practice-sheets/{record}/withdraw", {"reason": "登记错了人"})
    await officer.send(f"{page}/sign-ins/withdraw", {**who, "reason": "没有到课"})
    gone = await officer.send(f"{page}/withdraw", {"reason": "停电停课"})
    assert "这个培训日已由谢老师撤回" in gone
    assert "登记</button>" not in gone
    assert "已撤回</span>" in await officer.open(f"/classes/{place.class_id}/days")
    told = await officer.open(f"/enrolments/{place.enrolment_id}")
    assert "撤回实操记录" in told
    assert "登记错了人" in told
