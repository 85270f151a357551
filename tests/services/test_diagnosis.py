"""Knowledge areas from the table of scores to the person and to the analysis of the trade (B11)."""

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from python_calamine import CalamineWorkbook

from services.diagnosis.analysis import AnalysisService, Grouping
from services.diagnosis.service import DiagnosisService
from services.exams.results import ResultService
from services.exams.views import SittingView
from services.imports import ImportReport
from services.rules.diagnosis import OTHERS, Strength
from services.unit_of_work import Tools
from tests.conftest import FixedClock
from tests.factories import staff_actor
from tests.services.exam_stories import SATURDAY_END, SCHEME, House, open_house, text_of

HEADER = "准考证号,姓名,成绩,法律法规,专业知识,案例分析,实际操作"
#: 王小明: 法律法规 strong, 案例分析 weak.
FIRST = "{code}-001,王小明,72,28,22,8,14"


@pytest.fixture
async def house(tools: Tools) -> House:
    return await open_house(tools)


async def held(house: House, clock: FixedClock, people: int) -> SittingView:
    sitting = await house.sitting(capacity=60)
    for _ in range(people):
        await house.book(await house.candidate("王小明"), sitting.id)
    clock.moment = SATURDAY_END + timedelta(hours=3)
    return sitting


async def bring_in(house: House, sitting: SittingView, *rows: str, header: str = HEADER) -> ImportReport:
    content = "\n".join([header, *(row.format(code=sitting.code) for row in rows)]).encode()
    async with house.tools.unit_of_work() as work:
        return await ResultService(work).import_scores(
            house.officer, "成绩.csv", content, sitting_code=sitting.code, dry_run=False
        )


async def publish(house: House, sitting: SittingView) -> None:
    async with house.tools.unit_of_work() as work:
        await ResultService(work).approve(house.officer, sitting.id)
    async with house.tools.unit_of_work() as work:
        await ResultService(work).publish(house.officer, sitting.id)


async def test_areas_come_with_the_scores_and_the_person_sees_what_to_take_b11(
    house: House, clock: FixedClock
) -> None:
    sitting = await held(house, clock, 1)
    who = house.candidates[0]
    assert (await bring_in(house, sitting, FIRST)).new == 1
    async with house.tools.unit_of_work() as work:
        # Nothing is seen before the result is published.
        assert await DiagnosisService(work).of_follower(who.follower_id) is None
    await publish(house, sitting)
    async with house.tools.unit_of_work() as work:
        found = await DiagnosisService(work).of_follower(who.follower_id)
    assert found is not None
    assert [(area.label, area.percent, area.strength) for area in found.areas] == [
        ("法律法规", Decimal("93.3"), Strength.STRONG),
        ("专业知识", Decimal("73.3"), Strength.EVEN),
        ("案例分析", Decimal("40.0"), Strength.WEAK),
        ("实际操作", Decimal("70.0"), Strength.EVEN),
    ]
    assert [area.label for area in found.weak] == ["案例分析"]
    assert found.weak[0].trainings[0] == "案例分析专题研讨"
    # One paper makes no mean.
    assert (found.people, found.areas[0].mean) == (0, None)
    (message,) = [one for one in await house.told(who) if one.notice == "result_published"]
    assert "回复 诊断" in text_of(message)


@pytest.mark.parametrize(
    ("row", "column", "problem"),
    [
        ("{code}-001,王小明,72,28,22,8,13", "成绩", "各领域得分之和是 71，成绩是 72"),
        ("{code}-001,王小明,72,31,22,8,11", "法律法规", "“法律法规”的得分应是 0 到 30 的数字，最多两位小数"),
        ("{code}-001,王小明,72,28,,8,14", "专业知识", "没有填写“专业知识”的得分"),
    ],
)
async def test_areas_that_are_not_the_whole_score_are_refused_with_their_column_b11(
    house: House, clock: FixedClock, row: str, column: str, problem: str
) -> None:
    sitting = await held(house, clock, 1)
    (error,) = (await bring_in(house, sitting, row)).errors
    assert (error.column, error.problem) == (column, problem)


async def test_areas_can_come_later_and_no_figure_of_the_result_moves_b11(
    house: House, clock: FixedClock
) -> None:
    sitting = await held(house, clock, 1)
    await bring_in(house, sitting, "{code}-001,王小明,72", header="准考证号,姓名,成绩")
    await publish(house, sitting)
    async with house.tools.unit_of_work() as work:
        before = await ResultService(work).of_enrolment(house.candidates[0].enrolment_id)
    assert (await bring_in(house, sitting, FIRST)).changed == 1
    assert (await bring_in(house, sitting, FIRST)).same == 1
    async with house.tools.unit_of_work() as work:
        after = await ResultService(work).of_enrolment(house.candidates[0].enrolment_id)
    assert before is not None
    assert after is not None
    assert (after.id, after.version, after.grade, after.published_at) == (
        before.id,
        1,
        before.grade,
        before.published_at,
    )
    assert (before.diagnosed, after.diagnosed) == (False, True)
    (error,) = (await bring_in(house, sitting, "{code}-001,王小明,72,27,23,8,14")).errors
    assert error.problem == "领域得分已经登记，不能再改"


async def test_the_analysis_shows_means_by_region_and_no_group_of_few_people_b11_b9(
    tools: Tools, house: House, clock: FixedClock
) -> None:
    sitting = await held(house, clock, 6)
    rows = [FIRST, *(f"{{code}}-{place:03d},王小明,60,20,18,12,10" for place in range(2, 7))]
    await bring_in(house, sitting, *rows)
    await publish(house, sitting)
    async with tools.unit_of_work() as work:
        service = AnalysisService(work)
        view = await service.show(house.officer, SCHEME)
        content = await service.export(house.officer, SCHEME, by=Grouping.SITTING)
        elsewhere = await service.show(staff_actor(house.candidates[0].enrolment_id), SCHEME)
        earlier = await service.show(house.officer, SCHEME, until=SATURDAY_END.date() - timedelta(days=1))
    assert (view.analysis.people, [group.name for group in view.analysis.groups]) == (6, ["贵州省贵阳市"])
    assert view.analysis.everybody is not None
    assert view.analysis.everybody.weakest == ("实际操作", "案例分析", "专业知识")
    assert (elsewhere.analysis.people, earlier.analysis.people) == (0, 0)
    table = CalamineWorkbook.from_object(io.BytesIO(content)).get_sheet_by_index(0).to_python()
    assert table[0][:3] == ["分组", "人数", "法律法规（%）"]
    assert table[2][:3] == [sitting.code, 6, 71.1]
    assert OTHERS not in str(table)
