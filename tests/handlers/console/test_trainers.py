"""Who may announce classes and exams in the console, and of what (A5, A7, B9, C3, D2)."""

from collections.abc import Awaitable, Callable

from services.models import StaffRole
from services.unit_of_work import Tools
from tests import factories, sub_centres
from tests.handlers.console.conftest import Browser

_CLASS = {
    "scheme": "quality-safety-officer",
    "code": "LAB-1",
    "title": "质量安全员培训班",
    "starts_on": "2026-12-01",
    "ends_on": "2026-12-12",
    "form": "online",
}
_SITTING = {
    "scheme": "quality-safety-officer",
    "day": "2026-12-26",
    "starts": "09:00",
    "ends": "11:00",
    "place": "线上平台",
    "form": "online",
    "capacity": "50",
}


async def test_a_laboratory_announces_no_class_and_no_exam_of_another_organisers_scheme_a5_a7_b9(
    tools: Tools, browsers: Callable[..., Awaitable[Browser]]
) -> None:
    async with tools.unit_of_work() as work:
        laboratory = await factories.organisation(work, "某某检测研究院", "laboratory")
    browser = await browsers(StaffRole.OFFICER, laboratory.id)
    why = "“质量安全员”的培训和考试不由本机构组织（组织单位：贵州省 ISO9000 质量促进会）"
    assert why in await browser.send("/classes/new", _CLASS, status=422)
    assert why in await browser.send("/sittings/new", _SITTING, status=422)
    assert why in await browser.open("/sittings/new?scheme=quality-safety-officer", status=422)
    assert "本机构没有可以开班的项目" in await browser.open("/classes/new")
    assert "LAB-1" not in await browser.open("/classes")


async def test_a_sub_centres_forms_name_only_what_it_is_authorised_for_c3_d1(
    tools: Tools, browsers: Callable[..., Awaitable[Browser]]
) -> None:
    async with tools.unit_of_work() as work:
        home = await sub_centres.authorised(work)
        unknown = await factories.organisation(work, "还没有授权的分中心", "sub_centre")
    browser = await browsers(StaffRole.OFFICER, home.id)
    for form in (await browser.open("/classes/new"), await browser.open("/sittings/new")):
        assert form.count('<option value="metrology-') == len(sub_centres.SCOPE)
        assert "认证联络员" not in form
    assert "年度培训计划" not in await browser.open("/classes")
    other = await browsers(StaffRole.OFFICER, unknown.id)
    assert "请在“授权管理”里向学会申请授权" in await other.open("/classes/new")
