"""A sub-centre applies and the society decides, on pages that work without script (C1–C5, C12)."""

import io
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from aiohttp import FormData
from pypdf import PdfReader
from sqlalchemy import select

from services.authorisation import calendar
from services.models import StaffRole
from services.unit_of_work import Tools
from storage.tables import Authorisation, AuthorisationRequest, EndingProposal, SelfCheck
from tests import factories, sub_centres
from tests.conftest import FixedClock
from tests.handlers.console.conftest import Browser

Browsers = Callable[..., Awaitable[Browser]]
CLASS = {
    "scheme": "metrology-length-4",
    "code": "CD4-2026-12",
    "title": "长度计量员中级工培训班",
    "starts_on": "2026-12-01",
    "ends_on": "2026-12-12",
    "form": "on_site",
    "place": "贵阳市云岩区",
}
FEES = {
    "fee.1.item": "培训费",
    "fee.1.amount": "1800",
    "fee.1.unit": "人",
    "fee.1.basis": "黔价费〔2026〕1号",
    "fee.1.scope": "本期学员",
    "hotline": "0851-85000000",
}


@dataclass
class Desks:
    """Two browsers."""

    sub_centre: Browser
    society: Browser


@pytest.fixture
async def desks(tools: Tools, browsers: Browsers) -> Desks:
    """A sub-centre that is not authorised yet, and its society's administrator."""
    async with tools.unit_of_work() as work:
        above = await sub_centres.society(work)
        row = await factories.organisation(work, "遵义计量分中心", "sub_centre")
    return Desks(await browsers(StaffRole.OFFICER, row.id), await browsers(StaffRole.ADMIN, above.id))


def paper(field: str, **others: str) -> FormData:
    """A form with a file."""
    form = FormData(others)
    form.add_field(field, b"%PDF-1.7", filename="材料.pdf", content_type="application/pdf")
    return form


async def apply(desks: Desks, tools: Tools) -> str:
    """The address of an application with figures."""
    await desks.sub_centre.send("/authorisations/apply", {})
    async with tools.unit_of_work() as work:
        identity = await work.session.scalar(select(AuthorisationRequest.id))
    address = f"/authorisation-requests/{identity}"
    await desks.sub_centre.send(
        f"{address}/figures",
        [
            ("premises", "owned"),
            ("premises_m2", "39"),
            ("seats", "20"),
            ("stations", "7"),
            ("equipment", "owned"),
            ("department", "培训部"),
            ("dedicated_staff", "2"),
            ("scope", "length/skilled"),
        ],
    )
    return address


async def test_every_unmet_figure_is_told_with_what_would_meet_it_c1(desks: Desks, tools: Tools) -> None:
    address = await apply(desks, tools)
    page = await desks.sub_centre.open(address)
    assert "场地面积 39 平方米，要求不低于 40 平方米，还差 1 平方米。" in page
    assert "缺少材料“培训工作方案”。请上传扫描件（PDF、JPG 或 PNG）。" in page
    assert "“长度计量员”符合条件的教师 0 名，要求 2 名及以上，还差 2 名。" in page
    assert "“长度计量员”符合条件的评价员 0 人，要求 3 人及以上，还差 3 人。" in page
    refused = await desks.sub_centre.send(f"{address}/submit", {}, status=422)
    assert "项条件不符合" in refused
    await desks.society.open(address, status=404)


async def test_the_filled_application_is_printed_to_be_signed_and_sealed_c1(
    desks: Desks, tools: Tools
) -> None:
    address = await apply(desks, tools)
    printed = await desks.sub_centre.client.get(f"/console{address}/form")
    assert (printed.status, printed.content_type) == (200, "application/pdf")
    paper = PdfReader(io.BytesIO(await printed.read()))
    text = "".join(page.extract_text() for page in paper.pages)
    for words in (
        "职业能力水平评价分中心申请表",
        "39",
        "法定代表人（负责人）签字",
        "（盖章）",
        "量学发〔2022〕37 号",
    ):
        assert words in text, text
    # Other figures are another paper.
    name = printed.headers["Content-Disposition"]
    assert (
        name == (await desks.sub_centre.client.get(f"/console{address}/form")).headers["Content-Disposition"]
    )
    await desks.sub_centre.send(
        f"{address}/figures",
        {
            "premises": "owned",
            "premises_m2": "45",
            "seats": "20",
            "stations": "7",
            "equipment": "owned",
            "department": "培训部",
            "dedicated_staff": "2",
            "scope": "length/skilled",
        },
    )
    assert (
        name != (await desks.sub_centre.client.get(f"/console{address}/form")).headers["Content-Disposition"]
    )
    assert (await desks.society.client.get(f"/console{address}/form")).status == 404


async def test_an_application_goes_through_both_desks_and_a_class_opens_with_its_fees_c2_c5(
    desks: Desks, tools: Tools
) -> None:
    address = await apply(desks, tools)
    ours, theirs = desks.sub_centre, desks.society
    for name in ("钱老师", "孙老师"):
        member = {"kind": "teacher", "name": name, "occupation": "length", "title": "middle"}
        await ours.send("/authorisation-members", member)
    for name in ("李评价", "周评价", "吴评价"):
        form = paper(
            "undertaking",
            kind="assessor",
            name=name,
            occupation="length",
            title="none",
            certificate="PJY-1",
            undertaking_on="2026-05-08",
        )
        await ours.send("/authorisation-members", form)
    for kind in ("application_form", "staff", "equipment", "rules", "plan"):
        await ours.send(f"{address}/papers", paper("file", kind=kind))
    figures = {"premises": "owned", "premises_m2": "86.5", "seats": "24", "stations": "8"}
    more = {"equipment": "owned", "department": "培训部", "dedicated_staff": "2", "scope": "length/skilled"}
    saved = await ours.send(f"{address}/figures", {**figures, **more})
    assert "都符合申报条件" in saved
    assert "待书面审查" in await ours.send(f"{address}/submit", {})
    assert "遵义计量分中心" in await theirs.open("/authorisations")
    await theirs.send(f"{address}/pass", {})
    visited = {
        "experts": "张三（国家计量院）\n李四",
        "visited_on": "2026-11-21",
        "findings": "与申请一致",
        "outcome": "qualified",
    }
    assert "待签协议" in await theirs.send(f"{address}/visit", visited)
    await theirs.send(f"{address}/agreement", {"number": "XY-2026-9", "agreed_on": "2026-11-21"})
    grant = {"plaque": "FZX-053", "document": "量学发〔2026〕9号", "scope": "length/skilled"}
    assert "以后只能暂停或取消授权，不能撤回这一步" in await theirs.send(f"{address}/grant", grant)
    assert "FZX-053" not in await ours.open("/authorisations")
    given = await theirs.send(f"{address}/grant", {**grant, "confirmed": "yes"})
    assert "长度计量员 四级/中级工" in given
    own = await ours.open("/authorisations")
    assert "FZX-053" in own
    assert "XY-2026-9" in own
    without = await ours.send("/classes/new", CLASS, status=422)
    assert "要先公示收费项目、标准、依据、范围和监督电话" in without
    outside = await ours.send("/classes/new", {**CLASS, **FEES, "scheme": "metrology-thermal-4"}, status=422)
    assert "“热工计量员 四级/中级工”不在授权的职业、等级范围内" in outside
    await ours.send("/classes/new", {**CLASS, **FEES})
    async with tools.unit_of_work() as work:
        identity = await work.session.scalar(select(Authorisation.id))
    assert "记为查处" in await theirs.open(f"/authorisations/{identity}")


async def test_an_ending_has_a_second_look_and_needs_an_administrator_c4(
    tools: Tools, browsers: Browsers
) -> None:
    async with tools.unit_of_work() as work:
        sub_centre = await sub_centres.authorised(work)
    address = f"/authorisations/{sub_centre.authorisation_id}"
    admin = await browsers(StaffRole.ADMIN, sub_centre.society_id)
    officer = await browsers(StaffRole.OFFICER, sub_centre.society_id)
    ours = await browsers(StaffRole.ADMIN, sub_centre.id)
    assert "取消后不能恢复" in await admin.open(f"{address}/end")
    assert "只有管理员可以" in await officer.send(
        f"{address}/end", {"cause": "agents", "reason": "查实"}, status=422
    )
    await ours.open(f"{address}/end", status=404)
    assert "已取消" in await admin.send(f"{address}/end", {"cause": "agents", "reason": "查实委托中介"})
    assert "查实委托中介" in await ours.open("/authorisations")


async def test_the_self_check_is_reminded_of_filled_in_and_assessed_c12(
    tools: Tools, clock: FixedClock, browsers: Browsers
) -> None:
    clock.moment = datetime(2026, 12, 15, 4, 0, tzinfo=UTC)
    async with tools.unit_of_work() as work:
        sub_centre = await sub_centres.authorised(work)
        await calendar.follow_year(work)
        identity = await work.session.scalar(select(SelfCheck.id))
    ours = await browsers(StaffRole.OFFICER, sub_centre.id)
    theirs = await browsers(StaffRole.OFFICER, sub_centre.society_id)
    assert "2026 年度自查请在 2026年12月31日（含）以前提交" in await ours.open("/")
    lines = {
        f"{part}.length.{level}": "0"
        for part in ("trained", "examined", "passed")
        for level in ("skilled", "advanced")
    }
    answers = {
        **lines,
        "situation": "正常",
        "problems": "无",
        "assessors_wanted": "6人",
        "people.length.skilled": "120",
        "times.length.skilled": "3月",
    }
    unnoted = await ours.send(
        f"/self-checks/{identity}/hand-in", {**answers, "trained.length.skilled": "5"}, status=422
    )
    assert "请在说明里写明原因" in unnoted
    assert "待评估" in await ours.send(f"/self-checks/{identity}/hand-in", answers)
    assessed = await theirs.send(
        f"/self-checks/{identity}/assess", {"outcome": "failed", "reason": "没有培训"}
    )
    assert "评估不合格" in assessed
    async with tools.unit_of_work() as work:
        proposal = await work.session.scalar(select(EndingProposal.id))
    assert "评估考核不合格" in await theirs.open(f"/authorisation-proposals/{proposal}")


async def test_the_menu_shows_authorisations_only_where_they_mean_something(officer: Browser) -> None:
    assert "授权管理" not in await officer.open("/")
    assert "本机构不需要分中心授权" in await officer.open("/authorisations")


async def test_the_page_of_an_ending_that_the_third_finding_proposes_says_how_many_there_were_c13(
    tools: Tools, browsers: Browsers
) -> None:
    async with tools.unit_of_work() as work:
        home = await sub_centres.authorised(work)
    theirs = await browsers(StaffRole.ADMIN, home.society_id)
    for _ in range(3):
        await theirs.send(
            f"/authorisations/{home.authorisation_id}/findings",
            {"kind": "out_of_scope", "text": "开办授权以外的班", "found_on": "2026-11-01"},
        )
    async with tools.unit_of_work() as work:
        proposal = await work.session.scalar(select(EndingProposal.id))
    assert "3 次" in await theirs.open(f"/authorisation-proposals/{proposal}")
