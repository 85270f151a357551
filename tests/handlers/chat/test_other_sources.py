"""Enrolling by chat in the schemes of the other sources: their kinds of questions, conditions and papers (C6, D, E)."""

import pytest
from sqlalchemy import event

from services.cards import CancellationService
from services.models import EnrolmentState
from services.rules.identity import check_character
from services.unit_of_work import Tools
from tests import factories, sub_centres, trees
from tests.chat import Follower
from tests.handlers.chat.test_enrolling import check_pictures
from tests.services import card_stories, sichuan_stories

IDENTITY = "51010719850307121"
IDENTITY += check_character(IDENTITY)
INTRODUCTION = "从事电工技术工作和技能人才评价工作多年，" * 10


async def answered(follower: Follower, *typed: str) -> str:
    """The reply to the last."""
    reply = ""
    for text in typed:
        reply = await follower.say(text)
    return reply


@pytest.fixture
async def examiner(tools: Tools) -> Follower:
    await trees.sichuan(tools)
    return Follower(tools, account="sichuan")


async def to_introduction(follower: Follower, *, title: str = "3", qualification: str = "4") -> str:
    """Through 附件1 up to 工作简介."""
    await answered(follower, "报名", "1", "1", "1", "同意")
    await answered(
        follower, "王小明", IDENTITY, "13800138000", "2", "四川省成都市武侯区", "成都某某电工培训学校"
    )
    return await answered(
        follower,
        "十二年",
        "四川省成都市武侯区一环路南1号",
        title,
        "工程师",
        qualification,
        "电工",
        "电工、焊工",
    )


async def pictures(follower: Follower, tools: Tools, count: int) -> None:
    for number in range(count):
        await follower.show(f"media-{number}")
    await check_pictures(tools)


async def papers(follower: Follower, tools: Tools) -> None:
    """Portrait, both sides of the card, the form of one page, the certificate."""
    await pictures(follower, tools, 4)
    await follower.say("完成")
    await pictures(follower, tools, 1)
    await follower.say("完成")


async def test_the_examiner_s_undertaking_is_shown_before_anything_is_asked_d5(examiner: Follower) -> None:
    listed = await examiner.say("报名")
    assert "1 考评员" in listed
    assert "5 质量督导员" in listed
    introduced = await examiner.say("1")
    assert "2024年3月、10月" in introduced
    assert "5期" in introduced
    assert "培训文件没有规定收费标准" in introduced
    assert "请选择您的评价机构" in await examiner.say("1")
    undertaking = await examiner.say("1")
    assert "✓ 评价机构：成都武侯评价机构" in undertaking
    assert "如提供虚假资料，所有不利后果由本人承担" in undertaking


async def test_an_examiner_enrols_by_chat_up_to_the_summary_and_hands_in_d5_d6(
    examiner: Follower, tools: Tools
) -> None:
    asked = await to_introduction(examiner)
    assert "✓ 申报考评职业工种：电工、焊工" in asked
    assert "【工作简介】" in asked
    assert "至少200字" in asked
    short = await examiner.say("字" * 150)
    assert "已写150字" in short
    assert "还差50字" in short
    await examiner.say(INTRODUCTION)
    await papers(examiner, tools)
    summary = await examiner.say("继续")
    assert "专业工龄：12年" in summary
    assert "申报考评职业工种：电工、焊工" in summary
    assert "审核渠道：市（州）职鉴中心审核" in summary
    assert "（200字）" in summary
    assert IDENTITY not in summary
    assert "✓ 已提交" in await examiner.say("提交")


async def test_whose_qualification_is_cancelled_for_ever_is_told_why_and_how_to_object_d9(
    examiner: Follower, tools: Tools
) -> None:
    async with tools.unit_of_work() as work:
        at = await sichuan_stories.centres(work)
        card = await card_stories.numbered(work, at, number=IDENTITY)
        cancelling = CancellationService(work)
        entry = await cancelling.propose_for_ever(at.city_officer, card.id, "伪造考评记录", "调查报告")
        await cancelling.confirm(at.province_officer, entry.id)
    await to_introduction(examiner)
    await examiner.say(INTRODUCTION)
    await papers(examiner, tools)
    statements: list[str] = []
    event.listen(
        tools.database.engine.sync_engine, "before_cursor_execute", lambda *given: statements.append(given[2])
    )
    refused = await examiner.say("提交")
    assert "成都市职业技能鉴定指导中心决定永久取消您的《考评员证卡》资格" in refused
    assert "原因：伪造考评记录" in refused
    assert "回复 申诉" in refused
    assert len(statements) <= 8, statements


async def test_an_abbreviated_education_is_answered_with_the_exact_item_d8(examiner: Follower) -> None:
    await answered(examiner, "报名", "1", "1", "1", "同意", "王小明", IDENTITY, "13800138000")
    assert "大学本科" in await examiner.say("本科")


async def test_who_has_neither_title_nor_qualification_is_told_what_would_do_d3(
    examiner: Follower, tools: Tools
) -> None:
    await to_introduction(examiner, title="2", qualification="3")
    await examiner.say(INTRODUCTION)
    await papers(examiner, tools)
    refused = await examiner.say("提交")
    assert "满足任意一条即可" in refused
    assert "【职业资格证书】须为“高级（三级）”或以上，您填写的是“中级（四级）”" in refused
    assert "【专业技术职称】须为“中级职称”或以上" in refused
    await answered(examiner, "修改 职称", "3")
    assert "✓ 已提交" in await examiner.say("提交")


async def test_an_answer_after_which_nobody_could_apply_is_told_at_once_and_in_the_summary_d3(
    examiner: Follower, tools: Tools
) -> None:
    await to_introduction(examiner)
    assert "不符合【考评员】" not in await answered(examiner, "修改 职称", "2")
    told = await answered(examiner, "修改 职业资格证书", "3")
    assert "✓ 职业资格证书：中级（四级）" in told
    assert "不符合【考评员】的申报条件" in told
    assert "1. 具有相应职业（工种）高级及以上国家职业资格" in told
    assert "【工作简介】" in told
    assert "不符合【考评员】" not in await examiner.say(INTRODUCTION)
    await papers(examiner, tools)
    assert "不符合【考评员】的申报条件" in await examiner.say("继续")
    assert "不符合【考评员】" not in await answered(examiner, "修改 职称", "3")


async def test_a_supervisor_skips_the_number_of_a_card_that_never_was_d8(tools: Tools) -> None:
    await trees.sichuan(tools)
    supervisor = Follower(tools, account="sichuan")
    await answered(supervisor, "报名", "5", "1", "1", "王小明", IDENTITY, "汉族")
    assert "不能跳过" in await supervisor.say("跳过")
    await answered(supervisor, "1", "2", "13800138000", "wang@example.com", "四川省成都市武侯区")
    asked = await answered(supervisor, "成都某某评价机构", "2", "1", "1", "评价管理", "10")
    assert "【原质量督导员证卡号】" in asked
    assert "跳过" in asked
    assert "✓ 原质量督导员证卡号：不填" in await supervisor.say("跳过")


async def test_a_liaison_officer_s_training_is_asked_row_by_row_e3(tools: Tools) -> None:
    await trees.cqc(tools)
    officer = Follower(tools, account="cqc")
    introduced = await answered(officer, "报名")
    assert "大专（含）以上学历" in introduced
    await answered(officer, "1", "1", "王小明", IDENTITY, "1", "13800138000", "wang@example.com")
    asked = await answered(officer, "北京市丰台区某某路1号", "3", "电气工程", "3", "1", "1、5")
    assert "✓ 申报认证领域：CCC、CB" in asked
    assert "第1行（共5行）：CQC 规定的学习内容一" in asked
    for _ in range(3):
        asked = await officer.say("2026.11.2，合格")
    assert "✓ CQC 规定的学习内容三：2026-11-02，合格" in asked
    assert "第4行（共5行）：CCC业务培训" in asked
    assert "2项" in await officer.say("合格")
    await officer.say("2026.11.3 合格")
    assert "【认证联络员推荐表】" in await officer.say("2026.11.3 合格")
    corrected = await answered(officer, "修改 考核记录", "5 2026-11-04，良好")
    assert "✓ CB业务培训：2026-11-04，良好" in corrected


async def test_a_statement_of_loss_may_take_the_place_of_the_diploma_c6(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        await sub_centres.open_class(work, await sub_centres.authorised(work))
    candidate = Follower(tools, account="metrology")
    await answered(
        candidate, "报名", "4", "1", "1", "王小明", IDENTITY, "13800138000", "2", "贵州省贵阳市云岩区"
    )
    await answered(candidate, "贵州某某计量院", "6")
    for number in range(4):
        await candidate.show(f"media-{number}")
    await check_pictures(tools)
    asked = await candidate.say("继续")
    assert "【毕业证】" in asked
    assert "修改 学历遗失证明" in asked
    assert "【学历遗失证明】" in await candidate.say("修改 学历遗失证明")
    await candidate.show("media-loss")
    await check_pictures(tools)
    summary = await candidate.say("继续")
    assert "学历遗失证明：已上传" in summary
    assert "学信网" not in summary
    assert "✓ 已提交" in await candidate.say("提交")


async def test_an_examiner_without_fees_is_led_to_the_class_and_to_nothing_that_is_not_there_d7(
    tools: Tools,
) -> None:
    async with tools.unit_of_work() as work:
        city = await factories.organisation(work, "成都市职业技能鉴定指导中心", "city_centre")
        await factories.enrolment(
            work,
            organisation=city,
            follower=await factories.follower(work, "oAdmitted", account="sichuan"),
            scheme_id="sichuan-examiner",
            state=EnrolmentState.ADMITTED,
        )
    admitted = Follower(tools, openid="oAdmitted", account="sichuan")
    assert "回复 学时 选择培训班。" in (said := await admitted.say("进度"))
    assert "缴费" not in said
    assert "不计学时" not in await admitted.say("学时")
