"""C5, B10: everybody sees what a class costs, on what basis, for whom, and where to complain."""

from dataclasses import replace

from services.study.published_fees import PublishedFeeService
from services.unit_of_work import Tools
from tests import factories, sub_centres
from tests.handlers.public.conftest import Browser
from tests.sub_centres import FEES


async def test_a_class_s_page_shows_its_fees_and_when_they_were_published_b10_c5(
    browser: Browser, tools: Tools
) -> None:
    async with tools.unit_of_work() as work:
        sub_centre = await sub_centres.authorised(work)
        course = await sub_centres.open_class(work, sub_centre)
        dearer = [replace(FEES.items[0], amount_fen=200_000), FEES.items[1]]
        await PublishedFeeService(work).publish(sub_centre.officer, course.id, dearer, FEES.hotline)
        own_list = await factories.course_class(work, organisation=await factories.organisation(work))
        code = own_list.code
    listed = await (await browser.get("/classes")).text()
    assert "长度计量员中级工培训班" in listed
    assert "贵州计量分中心" in listed
    page = await (await browser.get("/classes/CD4-2026-12")).text()
    for word in (
        "收费项目",
        "培训费",
        "2000元/人",
        "收费依据",
        "黔价费〔2026〕1号",
        "收费范围",
        "参加本期培训的学员",
        "监督电话",
        "0851-85000000",
        "更新于",
        "2026-11-21 10:00:00",
        "第 2 次公示",
    ):
        assert word in page
    assert "<script" not in page
    document = await (
        await browser.get("/classes/CD4-2026-12", headers={"Accept": "application/json"})
    ).json()
    assert document["fees"][0]["amount_fen"] == 200_000
    assert "4500元/次" in await (await browser.get(f"/classes/{code}")).text()
    assert (await browser.get("/classes/none")).status == 404
