"""The blacklist in the console: proposed from an enrolment, heard, confirmed by a colleague (C7)."""

import re
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import FormData

from services.models import StaffRole
from services.pictures import specimen
from services.unit_of_work import Tools
from tests import factories
from tests.conftest import FixedClock
from tests.handlers.console.conftest import Browser
from tests.services.blacklist_stories import SubCentres, open_house

Browsers = Callable[..., Awaitable[Browser]]


@pytest.fixture
async def centres(tools: Tools) -> SubCentres:
    return await open_house(tools)


async def test_it_is_proposed_from_an_enrolment_heard_and_confirmed_by_a_colleague_c7(
    centres: SubCentres, browsers: Browsers, clock: FixedClock
) -> None:
    enrolment = await centres.candidate()
    first = await browsers(StaffRole.OFFICER, centres.organisation_id)
    second = await browsers(StaffRole.OFFICER, centres.organisation_id)
    page = await first.open(f"/enrolments/{enrolment.id}")
    assert f"/console/blacklist/new?enrolment={enrolment.id}" in page
    assert "10 天时间陈述" in await first.open(f"/blacklist/new?enrolment={enrolment.id}")
    form = {"enrolment": str(enrolment.id), "reason": "false_degree", "allegation": "学信网查无此人"}
    assert "请上传证据材料" in await first.send("/blacklist/new", form, status=422)
    with_file = FormData(form)
    with_file.add_field("file", specimen.id_card_front(), filename="chsi.jpg", content_type="image/jpeg")
    page = await first.send("/blacklist/new", with_file)
    assert "听取意见的期限到 2026年12月1日" in page
    assert "chsi.jpg" in page
    path = re.findall(r"/console(/blacklist/[0-9a-f-]{36})/evidence", page)[0]
    assert "本人的陈述已登记" in await first.send(f"{path}/statement", {"statement": "我有毕业证原件"})
    await centres.arrived()
    clock.move(days=11)
    # Signed in anew: a sign-in ends after half a day.
    for browser, login in ((first, "staff-0"), (second, "staff-1")):
        await browser.sign_in(login)
    assert "不能是同一个人" in await first.open(path)
    assert "不能是同一个人" in await first.send(f"{path}/confirm", {"reason": "查证属实"}, status=422)
    assert "我有毕业证原件" in await second.open(path)
    page = await second.send(f"{path}/confirm", {"reason": "查证属实"})
    assert "2026年12月2日 至 2031年12月2日" in page
    assert "已列入黑名单，不予受理" in await second.open(f"/enrolments/{enrolment.id}")


async def test_another_sub_centre_looks_up_a_number_and_sees_no_reason_c7_b9(
    centres: SubCentres, browsers: Browsers
) -> None:
    await centres.barred()
    elsewhere = await centres.candidate(elsewhere=True)
    other = await browsers(StaffRole.OFFICER, centres.other_organisation_id)
    number = factories.identity_number(7)
    page = await other.send("/blacklist/check", {"list": "metrology", "number": number})
    assert "期限至 2031年12月2日（含当日）" in page
    assert "贵州计量分中心" in page
    assert "虚假学历。" not in page
    assert number not in page
    page = await other.open(f"/enrolments/{elsewhere.id}")
    assert "此人在黑名单中，期限至 2031年12月2日" in page
    assert re.search(r"/console/blacklist/[0-9a-f]", page) is None
    assert "不在黑名单中" in await other.send(
        "/blacklist/check", {"list": "metrology", "number": factories.identity_number(8)}
    )
