"""申诉 in the chat: which result, why, a second look, a number, how it stands (B7); at most eight statements an answer."""

import re
from datetime import date

import pytest

from services.appeals import AppealDesk, decide
from services.exams.results import ResultService
from services.unit_of_work import Tools
from storage.appeal_states import AppealOutcome
from storage.tables import Follower as FollowerRow
from tests import factories
from tests.conftest import FixedClock
from tests.handlers.chat.conftest import Meter
from tests.handlers.chat.test_cost import Metered
from tests.services.appeal_stories import WHY, Hearing, published


@pytest.fixture
async def hearing(tools: Tools, clock: FixedClock) -> Hearing:
    return await published(tools, clock, "58", version="2024.4")


@pytest.fixture
async def person(hearing: Hearing, meter: Meter) -> Metered:
    """The first candidate, of whom every answer is measured."""
    async with hearing.house.tools.unit_of_work() as work:
        openid = (await work.session.get_one(FollowerRow, hearing.who.follower_id)).openid
    return Metered(hearing.house.tools, openid, meter=meter)


async def test_who_has_no_result_is_told_when_and_whom_to_complain_to_b7_a9(
    tools: Tools, meter: Meter
) -> None:
    said = await Metered(tools, meter=meter).say("申诉")
    assert "您还没有已公布的成绩" in said
    assert "010-82261357" in said


async def test_an_appeal_is_lodged_after_a_second_look_and_progress_shows_it_b7(
    hearing: Hearing, person: Metered
) -> None:
    asked = await person.say("申诉")
    assert "【质量安全员】不合格（58 分）" in asked
    assert "申诉期限：2027年1月25日（含当日）" in asked
    assert "没有收到文字" in await person.say("提交")
    assert "理由：写错了" in await person.say("写错了")
    # Written again, it takes the place of what was written before.
    assert f"理由：{WHY}" in await person.say(WHY)
    done = await person.say("提交")
    number = re.search(r"申诉号：(\d+)", done)
    assert number is not None
    assert "2027年1月10日前" in done
    assert f"申诉 {number[1]}：已受理" in await person.say("进度")
    async with hearing.house.tools.unit_of_work() as work:
        (line,) = (await AppealDesk(work).queue(hearing.other)).items
        one = await AppealDesk(work).show(hearing.other, line.id)
    assert [note.text for note in one.notes] == [WHY]


async def test_the_pack_comes_by_link_words_are_added_and_the_end_is_told_b7(
    hearing: Hearing, person: Metered
) -> None:
    own = await hearing.lodge()
    assert "http" not in await person.say("申诉")
    async with hearing.house.tools.unit_of_work() as work:
        await AppealDesk(work).disclose(hearing.house.officer, own.id)
    told = await person.say("申诉")
    assert f"{hearing.house.tools.public_url}/h5/appeals/" in told
    assert "已补充到申诉" in await person.say("第15题也请看一下，成绩怎么算的？")
    async with hearing.house.tools.unit_of_work() as work:
        await AppealDesk(work).answer(hearing.other, own.id, "第15题每空2分，答对一空")
        await decide(work, hearing.other, own.id, AppealOutcome.UPHELD, "两题均按评分标准计分")
    ended = await person.say("申诉")
    assert "已有结论（维持原成绩）\n理由：两题均按评分标准计分" in ended
    assert "还有" not in await person.say("进度")


async def test_an_appeal_is_taken_back_after_a_second_look_b7(hearing: Hearing, person: Metered) -> None:
    await hearing.lodge()
    assert "1 不撤回" in await person.say("撤回申诉")
    assert "请回复 1" in await person.say("什么")
    assert "已撤回" in await person.say("2")
    assert "没有正在办理的申诉" in await person.say("撤回申诉")
    assert "申诉期限" in await person.say("申诉")


async def test_the_diagnosis_names_strong_and_weak_areas_the_training_and_the_classes_that_are_open_b11(
    tools: Tools, clock: FixedClock, meter: Meter
) -> None:
    hearing = await published(tools, clock, "72")
    who, code = hearing.who, hearing.sitting.code
    async with tools.unit_of_work() as work:
        openid = (await work.session.get_one(FollowerRow, who.follower_id)).openid
        course = await factories.course_class(work, organisation=hearing.house.organisation)
        course.starts_on, course.ends_on = date(2027, 3, 1), date(2027, 3, 5)
    person = Metered(tools, openid, meter=meter)
    assert "还没有分领域的成绩" in await person.say("诊断")
    assert "诊断" not in await person.say("成绩")
    header, row = "准考证号,姓名,成绩,法律法规,专业知识,案例分析,实际操作", f"{code}-001,王小明,72,28,22,8,14"
    async with tools.unit_of_work() as work:
        await ResultService(work).import_scores(
            hearing.house.officer, "a.csv", f"{header}\n{row}".encode(), sitting_code=code, dry_run=False
        )
    assert "回复 诊断" in await person.say("成绩")
    said = await person.say("诊断")
    assert "法律法规 28/30（93.3%）　强项" in said
    assert "案例分析 8/20（40%）　待加强" in said
    assert "建议先加强：\n案例分析：案例分析专题研讨；典型质量安全事故案例学习" in said
    assert "正在招生的培训班" in said
