"""Picking in the chat whom one enrols through (D7, E5), and what each of these messages costs."""

import pytest
from sqlalchemy import select

from services.enrolments.review import ReviewService
from services.organisations.handing_over import HandingOverService
from services.organisations.standing import StandingService
from services.unit_of_work import Tools
from storage.tables import Enrolment, Organisation, StageRecord
from tests import trees
from tests.chat import Follower
from tests.conftest import FixedClock
from tests.handlers.chat.conftest import Meter
from tests.handlers.chat.test_other_sources import IDENTITY, INTRODUCTION, answered, papers, to_introduction


async def home_of(tools: Tools) -> str:
    """Name of the organisation that the only enrolment goes through."""
    async with tools.unit_of_work() as work:
        statement = select(Organisation.name).join(Enrolment, Enrolment.organisation_id == Organisation.id)
        return (await work.session.scalars(statement)).one()


@pytest.fixture
async def examiner(tools: Tools) -> Follower:
    await trees.sichuan(tools)
    return Follower(tools, account="sichuan")


async def test_only_names_of_active_organisations_of_the_kind_are_shown_and_one_is_picked_d7_b9(
    examiner: Follower, tools: Tools
) -> None:
    async with tools.unit_of_work() as work:
        work.session.add(
            Organisation(kind="institution", name="已停办学校", status="ended", created_at=work.now)
        )
    asked = await answered(examiner, "报名", "1", "1")
    assert "请选择您的评价机构" in asked
    assert f"1 {trees.LOCAL}\n2 {trees.PROVINCIAL}" in asked
    assert trees.CHENGDU not in asked
    assert "已停办" not in asked
    assert "没有找到名称里有“已停办”" in await examiner.say("已停办")
    assert f"1 {trees.PROVINCIAL}" in await examiner.say("学院")
    assert f"✓ 评价机构：{trees.PROVINCIAL}" in await examiner.say("1")
    assert await home_of(tools) == trees.PROVINCIAL


async def test_of_many_a_part_of_the_name_is_asked_for(tools: Tools) -> None:
    cities = await trees.sichuan(tools)
    async with tools.unit_of_work() as work:
        for number in range(12):
            work.session.add(
                Organisation(
                    kind="institution",
                    name=f"第{number:02d}职业技能评价公司",
                    parent_id=cities[trees.CHENGDU],
                    created_at=work.now,
                )
            )
    one = Follower(tools, account="sichuan")
    asked = await answered(one, "报名", "1", "1")
    assert "共14家" in asked
    assert "名称里的几个字" in asked
    assert "职业技能评价公司" not in asked
    many = await one.say("公司")
    assert "8 第07职业技能评价公司" in many
    assert "还有4家" in many
    assert "1 第11职业技能评价公司" in await one.say("第11")
    assert "✓ 评价机构：第11职业技能评价公司" in await one.say("1")


async def test_it_can_be_changed_until_the_submission_and_not_after_d7(
    examiner: Follower, tools: Tools
) -> None:
    await to_introduction(examiner)
    await examiner.say(INTRODUCTION)
    assert "请选择您的评价机构" in await examiner.say("修改 评价机构")
    assert f"✓ 评价机构：{trees.PROVINCIAL}" in await examiner.say("2")
    assert await home_of(tools) == trees.PROVINCIAL
    await answered(examiner, "修改 审核渠道", "1")
    await papers(examiner, tools)
    assert "✓ 已提交" in await examiner.say("提交")
    assert "请选择" not in await examiner.say("修改 评价机构")
    async with tools.unit_of_work() as work:
        record = (await work.session.scalars(select(StageRecord))).one()
        home = await work.session.get_one(Organisation, record.organisation_id)
        assert (record.key, home.name) == ("institution", trees.PROVINCIAL)


async def test_a_local_institution_s_applicant_is_told_who_reviews_and_not_asked_d2(
    examiner: Follower,
) -> None:
    asked = await to_introduction(examiner)
    assert "审核渠道" not in asked
    told = await examiner.say("修改 审核渠道")
    assert "【审核渠道】由您选择的评价机构确定：市（州）职鉴中心审核" in told


async def test_an_organisation_that_was_closed_meanwhile_is_not_enrolled_through(
    examiner: Follower, tools: Tools
) -> None:
    async def close(name: str) -> None:
        async with tools.unit_of_work() as work:
            row = await work.session.scalar(select(Organisation).where(Organisation.name == name))
            assert row
            row.status = "suspended"

    await answered(examiner, "报名", "1", "1")
    await close(trees.PROVINCIAL)
    assert "现在不能受理报名，请另选一家" in await examiner.say("2")
    await to_introduction(examiner)
    await examiner.say(INTRODUCTION)
    await papers(examiner, tools)
    await close(trees.LOCAL)
    assert f"您选择的{trees.LOCAL}现在不能受理报名" in await examiner.say("提交")


async def test_who_was_sent_back_picks_another_with_everything_kept_and_the_chain_begins_anew_d7(
    examiner: Follower, tools: Tools, clock: FixedClock
) -> None:
    await to_introduction(examiner)
    await examiner.say(INTRODUCTION)
    await papers(examiner, tools)
    await examiner.say("提交")
    async with tools.unit_of_work() as work:
        enrolment_id = (await work.session.scalars(select(Enrolment.id))).one()
        home = (
            await work.session.scalars(select(Organisation.id).where(Organisation.name == trees.LOCAL))
        ).one()
        await ReviewService(work).approve(trees.SYSTEM, enrolment_id)
        await StandingService(work).suspend(trees.SYSTEM, home, "停止备案")
        await HandingOverService(work).send_back(trees.SYSTEM, home, [enrolment_id], "停止备案")
    clock.move(hours=1)
    assert f"您选择的{trees.LOCAL}现在不能受理报名" in await examiner.say("提交")
    # Only those are listed that go on.
    assert f"1 {trees.PROVINCIAL}" in await examiner.say("修改 评价机构")
    assert f"✓ 评价机构：{trees.PROVINCIAL}" in await examiner.say("1")
    # Its people may go either way.
    assert "还差1项没有完成：审核渠道" in await examiner.say("提交")
    await examiner.say("1")
    assert "✓ 已提交" in await examiner.say("提交")
    before = []
    for _ in range(2):
        async with tools.unit_of_work() as work:
            found = await work.session.execute(
                select(StageRecord.key, Organisation.name)
                .join(Organisation, Organisation.id == StageRecord.organisation_id)
                .where(StageRecord.decided_at.is_(None))
            )
            before.append(tuple(found.one()))
            await ReviewService(work).approve(trees.SYSTEM, enrolment_id)
    assert before == [("institution", trees.PROVINCIAL), ("city", trees.MIANYANG)]


async def test_without_any_organisation_one_is_told_what_to_do(tools: Tools) -> None:
    told = await answered(Follower(tools, account="cqc"), "报名", "1")
    assert "目前没有可以报名的检测机构" in told
    assert "先在系统里登记" in told


async def test_the_laboratory_s_name_is_not_typed_again_e5(tools: Tools) -> None:
    await trees.cqc(tools)
    officer = Follower(tools, account="cqc")
    await answered(officer, "报名", "1", "1", "王小明", IDENTITY, "1", "13800138000")
    assert "检测机构" not in await officer.say("wang@example.com")
    async with tools.unit_of_work() as work:
        row = (await work.session.scalars(select(Enrolment))).one()
        assert row.answers["laboratory"] == trees.LABORATORY


async def test_a_pick_costs_at_most_eight_statements_d7(examiner: Follower, meter: Meter) -> None:
    for said in ("报名", "1", "1", "学院", "1", "同意", "王小明", "修改 评价机构", "武侯", "1"):
        meter.clear()
        reply = await examiner.say(said)
        assert len(meter.statements) <= 8, (said, reply, meter.statements)
        assert meter.commits == 1
