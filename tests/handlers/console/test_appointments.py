"""Appointments through the console's pages: account, coverage, second look, evaluation, roster (E4–E7)."""

from collections.abc import Awaitable, Callable

from aiohttp import FormData

from services.models import StaffRole
from services.unit_of_work import Tools
from tests.appointment_stories import LABORATORY, open_house
from tests.handlers.console.conftest import Browser

Browsers = Callable[..., Awaitable[Browser]]


async def test_a_laboratory_says_what_it_does_and_sees_what_nobody_covers_at_once_e4(
    tools: Tools, browsers: Browsers
) -> None:
    house = await open_house(tools)
    await house.appointed("CCC", stages=3)
    officer = await browsers(StaffRole.OFFICER, house.ids["laboratory"])
    await officer.send(
        f"/laboratories/{house.ids['laboratory']}/business", [("fields", "CCC"), ("fields", "CB")]
    )
    page = await officer.open(f"/laboratories/{house.ids['laboratory']}")
    assert "没有人覆盖：<strong>CB</strong>" in page
    assert "王小明" in page
    assert "缺 CB" in await officer.open("/laboratories")
    await officer.send(f"/laboratories/{house.ids['laboratory']}/business", {"fields": "XX"}, status=422)


async def test_the_training_centre_suspends_after_a_second_look_and_decides_after_an_evaluation_e4_e6_e7(
    tools: Tools, browsers: Browsers
) -> None:
    house = await open_house(tools)
    one = await house.appointed("CCC")
    training = await browsers(StaffRole.OFFICER, house.ids["training"])
    sub_centre = await browsers(StaffRole.OFFICER, house.ids["sub_centre"])
    assert "王小明" in await training.open("/appointments?q=cqc0")
    look = await training.open(f"/appointments/{one}/suspend")
    assert "<strong>CCC</strong> 将没有人覆盖" in look
    refused = await training.send(f"/appointments/{one}/suspend", {"reason": "投诉"}, status=422)
    assert "本检测机构的 CCC 将没有人覆盖" in refused
    page = await training.send(f"/appointments/{one}/suspend", {"reason": "投诉", "uncovers": "CCC"})
    assert "待业务系统办理" in page
    await training.send(f"/appointments/{one}/restore", {"reason": "无误"})
    page = await sub_centre.send(
        f"/appointments/{one}/evaluations", {"period": "2026年度", "mark": "合格", "remark": "配合良好"}
    )
    assert "配合良好" in page
    assert f"/appointments/{one}/suspend" not in page
    again = {"period": "2026年度", "mark": "合格", "remark": ""}
    assert "已经交过" in await sub_centre.send(f"/appointments/{one}/evaluations", again, status=422)
    decided = {"period": "2026年度", "decision": "keep", "reason": "评价合格"}
    assert "保持资格" in await training.send(f"/appointments/{one}/decision", decided)
    business = await browsers(StaffRole.OFFICER, house.ids["business"])
    await business.send(f"/appointments/{one}/login-applied", {})
    assert "待业务系统办理" not in await business.open(f"/appointments/{one}")


async def test_a_roster_is_listed_answered_and_settled_on_its_page_e6(
    tools: Tools, browsers: Browsers
) -> None:
    house = await open_house(tools)
    await house.appointed("CCC", stages=3)
    training = await browsers(StaffRole.OFFICER, house.ids["training"])
    laboratory = await browsers(StaffRole.OFFICER, house.ids["laboratory"])
    assert "发起核查" not in await laboratory.open("/rosters")
    await training.send("/rosters", {"title": "年度核查", "due_on": "2020-01-01"}, status=422)
    page = await training.send("/rosters", {"title": "年度核查", "due_on": "2026-12-30"})
    check_id = page.split("/console/rosters/")[2].split("/")[0]
    form = FormData()
    form.add_field("about", check_id)
    rows = f"姓名,登录账号,检测机构\n孙丽,sunli,{LABORATORY}\n"
    form.add_field("file", rows.encode(), filename="logins.csv", content_type="text/csv")
    tried = await training.send("/logins", form)
    token = tried.split('name="token" value="')[1].split('"')[0]
    assert "导入完成" in await training.send("/logins/apply", {"token": token})
    page = await laboratory.open(f"/rosters/{check_id}")
    assert "还没有答复" in page
    entry = page.split("/console/roster-entries/")[1].split("/")[0]
    await laboratory.send(f"/roster-entries/{entry}/answer", {"still_there": "no"})
    await laboratory.send(f"/rosters/{check_id}/people", {"name": "周强"})
    page = await training.open(f"/rosters/{check_id}?action=purge_login")
    assert "孙丽" in page
    assert "周强" not in page
    page = await training.send(
        f"/roster-entries/{entry}/settle", {"settlement": "purged", "reason": "已离岗"}
    )
    assert "已登记清理" in page
    assert "没有处理完" in await training.send(f"/rosters/{check_id}/close", {}, status=422)


async def test_the_account_is_asked_for_before_the_sub_centre_s_stage_passes_e5(
    tools: Tools, browsers: Browsers
) -> None:
    house = await open_house(tools)
    enrolment_id = await house.applicant("CCC")
    await house.approve(enrolment_id)
    officer = await browsers(StaffRole.OFFICER, house.ids["sub_centre"])
    page = await officer.open(f"/enrolments/{enrolment_id}")
    assert "还没有登记上网账号" in page
    refused = await officer.send(f"/enrolments/{enrolment_id}/approve", {}, status=409)
    assert "请先创立账号并在这里登记" in refused
    asked = await officer.open(f"/enrolments/{enrolment_id}/account")
    assert "w***@example.com" in asked
    await officer.send(
        f"/enrolments/{enrolment_id}/account", {"login": "王", "origin": "created"}, status=422
    )
    page = await officer.send(
        f"/enrolments/{enrolment_id}/account", {"origin": "created", "mailed_on": "2026-11-20"}
    )
    assert "密码 2026年11月20日" in page
    assert "520***********" in page
    await officer.send(f"/enrolments/{enrolment_id}/approve", {})
