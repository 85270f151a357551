"""Cards and assignments in the console: each organisation does its own step (D7, D9); the class plan (D1)."""

import re
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from handlers.public import mount
from services.cards import CardService
from services.certificates import CertificateService
from services.models import EnrolmentState, StaffRole
from services.unit_of_work import Tools
from storage.tables import Enrolment
from tests.handlers.console.conftest import Browser
from tests.services import card_stories
from tests.services import sichuan_stories as stories
from tests.services.sichuan_stories import Centres

Browsers = Callable[..., Awaitable[Browser]]


@pytest.fixture
async def at(tools: Tools) -> Centres:
    return await stories.exist(tools)


def ticked(page: str) -> list[tuple[str, str]]:
    """The rows that the page ticks, as its form sends them."""
    return [("pick", value) for value in re.findall(r'name="pick" value="([^"]+)"[^>]*checked', page)]


async def test_city_and_province_take_a_card_from_the_result_to_the_hand_d7(
    tools: Tools, at: Centres, browsers: Browsers
) -> None:
    async with tools.unit_of_work() as work:
        row = await stories.passed(work, at.institution, with_portrait=True)
    city = await browsers(StaffRole.OFFICER, at.city.id)
    province = await browsers(StaffRole.OFFICER, at.province.id)
    page = await city.open("/cards/waiting")
    assert str(row.number) in page
    await city.send("/cards/waiting", ticked(page))
    refused = await city.open("/cards?state=awaiting_number")
    assert "生成卡号" not in refused.partition("<main")[2].partition("<table")[2]
    assert "证卡待生成卡号" in await province.open("/")
    page = await province.open("/cards?state=awaiting_number")
    assert "SCKP2026000001" in await province.send("/cards/number", ticked(page))
    page = await city.open("/cards?state=numbered")
    response = await city.client.post(
        "/console/cards/print", data=[("csrf_token", await city.token()), *ticked(page)]
    )
    assert (await response.read()).startswith(b"%PDF-")
    assert "持卡人会收到通知" in await city.send("/cards/make", ticked(page))
    page = await city.open("/cards?state=made")
    assert "已登记发放" in await city.send("/cards/hand-out", ticked(page))
    await city.send("/cards/hand-out", [], status=422)


async def test_for_ever_is_confirmed_by_another_in_the_console_d9(
    tools: Tools, at: Centres, browsers: Browsers
) -> None:
    async with tools.unit_of_work() as work:
        card = await card_stories.numbered(work, at)
    first = await browsers(StaffRole.OFFICER, at.city.id)
    second = await browsers(StaffRole.OFFICER, at.province.id)
    page = await first.send(
        f"/cards/{card.id}/cancel",
        {"measure": "for_ever", "reason": "伪造考评记录", "evidence": "调查报告"},
    )
    assert "等待另一位工作人员确认" in page
    found = re.search(
        r'action="/console(/cancellations/[^"]+/confirm)"', await second.open(f"/cards/{card.id}")
    )
    assert found is not None
    await first.send(found[1], {}, status=403)
    page = await second.send(found[1], {})
    assert "永久取消" in page
    assert "同类证卡全部失效" in page
    await first.send(
        f"/cards/{card.id}/cancel", {"measure": "once", "reason": "x", "evidence": ""}, status=409
    )


async def test_an_assignment_is_drawn_checked_and_finished_in_the_console_d9(
    tools: Tools, at: Centres, browsers: Browsers
) -> None:
    async with tools.unit_of_work() as work:
        card = await card_stories.numbered(work, at, name="考评甲", employer="单位甲")
    city = await browsers(StaffRole.OFFICER, at.city.id)
    wanted = {
        "family": "sichuan_examiner", "occupation": "电工", "held_on": "2026-11-21", "starts": "08:30", "wanted": "1",
        "place": "成都市武侯区某某路1号", "assessed": "德阳某某评价机构",
    }  # fmt: skip
    refused = await city.send("/assignments/new", wanted | {"occupation": ""}, status=422)
    assert "请填写职业（工种）" in refused
    page = await city.send("/assignments/new", wanted)
    found = re.search(r'action="/console(/assignments/[^"/]+)/draw"', page)
    assert found is not None
    page = await city.send(f"{found[1]}/draw", {})
    assert "考评甲" in page
    assert "已重新计算核对，结果一致" in page
    page = await city.send(f"{found[1]}/check", {"number": card.number, "name": "冒名者"})
    assert "人证不符" in page
    page = await city.send(f"{found[1]}/check", {"number": card.number, "name": "考评甲"})
    assert "可以参加" in page
    await city.send(f"{found[1]}/problem", {"problem": "迟到半小时"})
    page = await city.send(f"{found[1]}/finish", {})
    assert "迟到半小时" in page
    assert "已到场" in page


async def test_staff_see_what_a_senior_applicant_says_beside_what_is_on_record_d3(
    tools: Tools, at: Centres, browsers: Browsers
) -> None:
    async with tools.unit_of_work() as work:
        number = stories.factories.identity_number(950)
        await card_stories.numbered(work, at, number=number)
        row = await stories.applicant(
            work, at.institution, scheme_id="sichuan-senior-examiner", state=EnrolmentState.IN_REVIEW,
            number=number, examining_years="2", examining_times="5",
        )  # fmt: skip
    institution = await browsers(StaffRole.OFFICER, at.institution.id)
    page = await institution.open(f"/enrolments/{row.id}")
    assert "本人填写与系统记录" in page
    assert "<td>考评经历次数</td><td>5次</td><td>0次</td>" in page
    assert "<td>2年</td><td>0年（首张证卡 2026年11月21日）</td>" in page


async def test_the_number_of_an_earlier_card_is_put_beside_the_cards_on_record_d8(
    tools: Tools, at: Centres, browsers: Browsers
) -> None:
    async with tools.unit_of_work() as work:
        cards = []
        for serial in (951, 952):
            row = await stories.passed(
                work,
                at.city,
                scheme_id="sichuan-supervisor",
                number=stories.factories.identity_number(serial),
            )
            (card,) = await CardService(work).report(at.city_officer, [row.id])
            (card,) = await CardService(work).number(at.province_officer, [card.id])
            cards.append(card.number)
        said = {
            cards[0].lower(): "本人的证卡，有效期至2029年11月20日",
            cards[1]: "这是另一个人的证卡",
            "SCDD2009000001X": "没有这个卡号的记录",
            "": f"本人有证卡 {cards[0]}",
        }
        row = await stories.applicant(
            work, at.city, scheme_id="sichuan-supervisor", number=stories.factories.identity_number(951)
        )
    city = await browsers(StaffRole.OFFICER, at.city.id)
    for typed, known in said.items():
        async with tools.unit_of_work() as work:
            one = await work.session.get_one(Enrolment, row.id)
            one.answers = one.answers | {"card_number": typed}
        assert f"<td>{known}</td>" in await city.open(f"/enrolments/{row.id}")


async def test_staff_read_the_plan_s_months_beside_the_count_of_the_source_d1(
    tools: Tools, at: Centres, browsers: Browsers
) -> None:
    object.__setattr__(tools, "accounts", ("sichuan",))
    page = await (await browsers(StaffRole.VIEWER, at.city.id)).open("/classes")
    assert "组织5期考评员培训班" in page
    assert "6月、11月组织两期高级考评员培训班" in page
    assert "合计7期" in page


async def test_a_damaged_card_is_printed_anew_and_a_stranger_reads_that_the_old_one_is_void_d9(
    tools: Tools, at: Centres, browsers: Browsers
) -> None:
    async with tools.unit_of_work() as work:
        card = await card_stories.numbered(work, at)
        await CardService(work).make(at.city_officer, [card.id])
        assert card.certificate_id
        old = (await CertificateService(work).link(card.certificate_id)).rpartition("/")[2]
    institution = await browsers(StaffRole.OFFICER, at.institution.id)
    city = await browsers(StaffRole.OFFICER, at.city.id)
    page = f"/cards/{card.id}"
    asked = {"cause": "damaged", "reason": "卡面断裂，已收回"}
    assert "等待制卡机构办理" in await institution.send(f"{page}/propose-copy", asked)
    await institution.send(f"{page}/copy", asked, status=403)
    assert "证卡待补换" in await city.open("/")
    assert "损坏，待补换" in await city.open("/cards?state=wanted")
    refused = await city.send(f"{page}/copy", {**asked, "reason": ""}, status=422)
    assert "请写明原因" in refused
    assert "第 2 张" in await city.send(f"{page}/copy", asked)
    assert "2029年8月22日起可以办理" in await city.open(page)
    app = web.Application()
    mount(app, tools)
    async with TestClient(TestServer(app)) as stranger:
        assert "旧卡已作废" in await (await stranger.get(f"/c/{old}")).text()
