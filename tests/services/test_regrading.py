"""After a wrong answer key everybody is graded anew, by two people, and nobody is worse off (B5)."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from services.appeals import AppealDesk
from services.certificates import CertificateService
from services.diagnosis.service import DiagnosisService
from services.errors import ConflictError, ForbiddenError, ServiceError
from services.exams.benchmarks import BenchmarkService
from services.exams.regrading import RegradeService, RegradeView
from services.exams.results import ResultService
from services.models import Actor, CertificateState
from services.rules.regrading import GRADES, Standing, better
from services.unit_of_work import Tools
from storage.tables import Result
from tests.conftest import FixedClock
from tests.services.appeal_stories import Hearing, published
from tests.services.exam_stories import text_of

REASON = "第7题标准答案有误，A改为C"


@pytest.mark.parametrize(
    ("old", "new", "grade"),
    [
        ("合格", "良好", "良好"),
        ("良好", "合格", "良好"),
        ("不合格", "合格", "合格"),
        ("优秀", "优秀", "优秀"),
    ],
)
def test_the_better_of_two_grades_counts_b5(old: str, new: str, grade: str) -> None:
    before = Standing(raw=Decimal(70), grade=old, passed=old != "不合格")
    after = Standing(raw=Decimal(71), grade=new, passed=new != "不合格")
    found, passed, kept = better(before, after, GRADES)
    assert (found, passed, kept) == (grade, grade != "不合格", grade == old and grade != new)


def table(hearing: Hearing, *scores: str) -> bytes:
    lines = [
        f"{hearing.sitting.code}-{place:03d},王小明,{score}" for place, score in enumerate(scores, start=1)
    ]
    return "\n".join(["准考证号,姓名,成绩", *lines]).encode()


async def propose(hearing: Hearing, *scores: str, actor: Actor | None = None) -> RegradeView:
    async with hearing.house.tools.unit_of_work() as work:
        return await RegradeService(work).propose(
            actor or hearing.house.officer, hearing.sitting.id, "更正.csv", table(hearing, *scores), REASON
        )


async def test_a_wrong_answer_key_makes_a_new_snapshot_and_new_versions_by_two_people_b5(
    tools: Tools, clock: FixedClock
) -> None:
    hearing = await published(tools, clock, "58", "66", "90")
    house, sitting = hearing.house, hearing.sitting
    async with tools.unit_of_work() as work:
        await CertificateService(work).issue(house.officer, house.candidates[1].enrolment_id)
    appeal = await hearing.disclosed()
    await hearing.remark(appeal, "70")
    shown = await propose(hearing, "62", "69", "78")
    assert [(line.old_grade, line.new_grade, line.kept, line.now_passes) for line in shown.lines] == [
        ("不合格", "合格", False, True),
        ("合格", "合格", False, False),
        ("优秀", "优秀", True, False),
    ]
    with pytest.raises(ForbiddenError) as alone:
        async with tools.unit_of_work() as work:
            await RegradeService(work).carry_out(house.officer, sitting.id)
    assert alone.value.code == "regrade.same_person"
    async with tools.unit_of_work() as work:
        assert [
            line.version for line in await ResultService(work).list_for_sitting(house.officer, sitting.id)
        ] == [
            1,
            1,
            1,
        ]
        assert await RegradeService(work).carry_out(hearing.other, sitting.id) == 3
    async with tools.unit_of_work() as work:
        lines = await ResultService(work).list_for_sitting(house.officer, sitting.id)
        old_and_new = await BenchmarkService(work).list_published()
        kept = await work.session.scalars(
            select(Result.raw).where(Result.state == "superseded").order_by(Result.raw)
        )
        unissued = await CertificateService(work).unissued_of_sitting(house.officer, sitting.id)
        (certificate,) = await CertificateService(work).of_enrolment(house.candidates[1].enrolment_id)
    assert [(line.score, line.grade, line.version) for line in lines] == [
        (Decimal(62), "合格", 2),
        (Decimal(69), "合格", 2),
        (Decimal(78), "优秀", 2),
    ]
    assert list(kept) == [58, 66, 90]
    assert [(one.version, one.superseded) for one in old_and_new] == [(2, False), (1, True)]
    assert len({one.sha256 for one in old_and_new}) == 2
    assert certificate.state is CertificateState.VALID
    # Who passes now waits for a certificate; nothing is issued or revoked by itself.
    assert [one.enrolment_id for one in unissued] == [
        house.candidates[0].enrolment_id,
        house.candidates[2].enrolment_id,
    ]
    (entry,) = [one for one in await house.history(house.candidates[0]) if one.action == "result.regraded"]
    assert (entry.before["grade"], entry.after["grade"], entry.reason) == ("不合格", "合格", REASON)
    told = [one for one in await house.told(house.candidates[0]) if one.notice == "result_regraded"]
    assert "原结果：不合格（58 分）\n更正后：合格（62 分）" in text_of(told[0])
    (third,) = [one for one in await house.told(house.candidates[2]) if one.notice == "result_regraded"]
    assert "保留原等级。您的结果不变。" in text_of(third)


async def test_knowledge_areas_by_the_right_key_come_with_the_new_version_b5_b11(
    tools: Tools, clock: FixedClock
) -> None:
    hearing = await published(tools, clock, "58")
    header, row = "准考证号,姓名,成绩,法律法规,专业知识,案例分析,实际操作", "001,王小明,62,20,18,12,12"
    content = f"{header}\n{hearing.sitting.code}-{row}".encode()
    async with tools.unit_of_work() as work:
        await RegradeService(work).propose(
            hearing.house.officer, hearing.sitting.id, "更正.csv", content, REASON
        )
    async with tools.unit_of_work() as work:
        await RegradeService(work).carry_out(hearing.other, hearing.sitting.id)
    async with tools.unit_of_work() as work:
        found = await DiagnosisService(work).of_follower(hearing.who.follower_id)
    assert found is not None
    assert [area.score for area in found.areas] == [20, 18, 12, 12]


async def test_an_open_appeal_goes_on_about_the_new_version_and_its_marking_begins_anew_b5_b7(
    tools: Tools, clock: FixedClock
) -> None:
    hearing = await published(tools, clock, "58", "66", version="2024.4")
    appeal = await hearing.disclosed()
    await hearing.remark(appeal, "70")
    await propose(hearing, "59", "67")
    async with tools.unit_of_work() as work:
        await RegradeService(work).carry_out(hearing.other, hearing.sitting.id)
    async with tools.unit_of_work() as work:
        one = await AppealDesk(work).show(hearing.other, appeal.id)
    assert (one.pack.score, one.pack.version, one.remark) == (Decimal(59), 2, None)


async def test_a_certificate_whose_result_got_a_better_grade_is_replaced_when_somebody_decides_so_b5(
    tools: Tools, clock: FixedClock
) -> None:
    hearing = await published(tools, clock, "66", version="2024.4")
    async with tools.unit_of_work() as work:
        old = await CertificateService(work).issue(hearing.house.officer, hearing.who.enrolment_id)
    await propose(hearing, "88")
    async with tools.unit_of_work() as work:
        await RegradeService(work).carry_out(hearing.other, hearing.sitting.id)
    async with tools.unit_of_work() as work:
        (listed,) = await CertificateService(work).replaceable_of_follower(hearing.who.follower_id)
        assert listed.number == old.number
        new = await CertificateService(work).replace(hearing.other, old.id, "成绩更正")
    assert (new.grade, new.state) == ("优秀", CertificateState.VALID)


async def test_a_file_that_lacks_somebody_or_changes_nothing_is_refused_b5(
    tools: Tools, clock: FixedClock
) -> None:
    hearing = await published(tools, clock, "58", "66", version="2024.4")
    for scores, code in (
        (("60",), "regrade.incomplete"),
        (("60", "101"), "regrade.faulty"),
        (("58", "66"), "regrade.no_change"),
    ):
        with pytest.raises((ServiceError, ConflictError)) as refused:
            await propose(hearing, *scores)
        assert refused.value.code == code
    await propose(hearing, "60", "68")
    with pytest.raises(ConflictError) as waits:
        await propose(hearing, "61", "68")
    assert waits.value.code == "regrade.waits"
    async with tools.unit_of_work() as work:
        await RegradeService(work).drop(hearing.house.officer, hearing.sitting.id, "成绩表不是最终的")
    await propose(hearing, "61", "68")
