"""Appeals on the console: disclosed, answered, marked again, decided by another; and at the command line (B7)."""

import uuid
from collections.abc import Awaitable, Callable

from aiohttp import FormData

from services.exams.results import ResultService
from services.models import StaffRole
from services.unit_of_work import Tools
from tests.conftest import FixedClock
from tests.handlers.console.conftest import Browser
from tests.services.appeal_stories import WHY, published


async def test_an_appeal_goes_through_the_console_from_the_queue_to_its_end_b7(
    tools: Tools, clock: FixedClock, browsers: Callable[..., Awaitable[Browser]]
) -> None:
    hearing = await published(tools, clock, "58", version="2024.4")
    own = await hearing.lodge()
    first = await browsers(StaffRole.OFFICER, hearing.house.organisation.id)
    assert "成绩申诉待处理" in await first.open("/")
    assert f"/console/appeals/{own.id}" in await first.open("/appeals")
    page = await first.open(f"/appeals/{own.id}")
    assert WHY in page
    assert "得分率 58%，不合格" in page
    assert "请先把原始成绩" in page
    at = f"/appeals/{own.id}"
    assert "已提供" in await first.send(f"{at}/disclose", {})
    assert "身份证号" in await first.send(f"{at}/answer", {"answer": "号码 11010519491231002X"}, status=422)
    assert "答复已发给本人" in await first.send(f"{at}/answer", {"answer": "第12题已核对"})
    assert "0 到 100" in await first.send(f"{at}/remark", {"score": "101", "note": "漏计"}, status=422)
    marked = await first.send(f"{at}/remark", {"score": "60", "note": "漏计2分"})
    assert "复核得分已录入" in marked
    assert "不能是同一个人" in marked
    refused = await first.send(f"{at}/decide", {"outcome": "changed", "reason": "漏计"}, status=422)
    assert "不能是同一个人" in refused
    second = await browsers(StaffRole.OFFICER, hearing.house.organisation.id)
    assert "不合格（58）→ 合格（60）" in await second.open(at)
    ended = await second.send(f"{at}/decide", {"outcome": "changed", "reason": "第12题漏计2分"})
    assert "更正为 合格" in ended
    enrolment = await second.open(f"/enrolments/{hearing.who.enrolment_id}")
    assert f"申诉 {own.number}" in enrolment
    assert "申诉后更正成绩" in enrolment
    assert "没有办理中的申诉" in await second.open("/appeals")
    assert f"{own.number}" in await second.open("/appeals?state=decided")
    response = await second.client.get(f"/console{at}/pack.pdf")
    assert (await response.read()).startswith(b"%PDF")


async def test_a_viewer_reads_an_appeal_and_decides_nothing_b9(
    tools: Tools, clock: FixedClock, browsers: Callable[..., Awaitable[Browser]]
) -> None:
    hearing = await published(tools, clock, "58", version="2024.4")
    own = await hearing.disclosed()
    viewer = await browsers(StaffRole.VIEWER, hearing.house.organisation.id)
    page = await viewer.open(f"/appeals/{own.id}")
    assert WHY in page
    assert "/remark" not in page
    await viewer.send(f"/appeals/{own.id}/answer", {"answer": "好"}, status=422)
    await viewer.open(f"/appeals/{uuid.uuid4()}", status=404)


async def test_a_snapshot_is_shown_with_its_figures_and_a_wrong_key_is_mended_by_two_people_b5(
    tools: Tools, clock: FixedClock, browsers: Callable[..., Awaitable[Browser]]
) -> None:
    hearing = await published(tools, clock, "58", "66")
    first = await browsers(StaffRole.OFFICER, hearing.house.organisation.id)
    at = f"/sittings/{hearing.sitting.id}"
    page = await first.open(f"{at}/benchmark")
    for figure in ("65.00", "70.0000", "10.0000", "robust-v1"):
        assert figure in page

    def sheet(*scores: str) -> FormData:
        rows = [f"{hearing.sitting.code}-{place:03d},王小明,{score}" for place, score in enumerate(scores, 1)]
        form = FormData({"reason": "第7题标准答案有误"})
        form.add_field("file", "\n".join(["准考证号,姓名,成绩", *rows]).encode(), filename="更正.csv")
        return form

    assert "缺少 1 人：王小明" in await first.send(f"{at}/regrade", sheet("60"), status=422)
    proposed = await first.send(f"{at}/regrade", sheet("62", "69"))
    assert "改为合格" in proposed
    assert "由另一位工作人员核对后决定" in proposed
    second = await browsers(StaffRole.OFFICER, hearing.house.organisation.id)
    done = await second.send(f"{at}/regrade/confirm", {})
    assert "第 2 版" in done
    assert "第7题标准答案有误" in done


async def test_the_analysis_page_shows_means_hides_few_people_and_is_exported_b11(
    tools: Tools, clock: FixedClock, browsers: Callable[..., Awaitable[Browser]]
) -> None:
    hearing = await published(tools, clock, *["60"] * 5)
    officer = await browsers(StaffRole.OFFICER, hearing.house.organisation.id)
    assert "不足 5 份，不能显示" in await officer.open("/analysis")
    rows = [f"{hearing.sitting.code}-{place:03d},王小明,60,20,18,12,10" for place in range(1, 6)]
    table = "\n".join(["准考证号,姓名,成绩,法律法规,专业知识,案例分析,实际操作", *rows]).encode()
    async with tools.unit_of_work() as work:
        await ResultService(work).import_scores(
            hearing.house.officer, "a.csv", table, sitting_code=hearing.sitting.code, dry_run=False
        )
    page = await officer.open("/analysis?scheme=quality-safety-officer&by=region")
    assert "贵州省贵阳市" in page
    assert "66.7" in page
    assert "现场操作训练" in page
    response = await officer.client.get("/console/analysis.xlsx?scheme=quality-safety-officer&by=sitting")
    assert (await response.read()).startswith(b"PK")
    assert "导出分领域分析" in await officer.open("/audit")
