"""Returned for correction: only what staff named opens again."""

from sqlalchemy import select

from services.enrolments.review import ReviewService
from services.models import Actor, StaffRole
from services.unit_of_work import Tools
from storage.tables import Enrolment, OutboxMessage
from tests.chat import Follower
from tests.handlers.chat.test_enrolling import answer_all, check_pictures


async def submit(follower: Follower, tools: Tools) -> Enrolment:
    await answer_all(follower)
    for media in ("m1", "m2", "m3", "m4"):
        await follower.show(media)
    await check_pictures(tools)
    await follower.say("提交")
    async with tools.unit_of_work() as work:
        return (await work.session.scalars(select(Enrolment))).one()


def officer(enrolment: Enrolment) -> Actor:
    return Actor(
        kind="staff",
        id="s1",
        name="谢老师",
        organisation_id=enrolment.organisation_id,
        role=StaffRole.OFFICER,
    )


async def send_back(tools: Tools, enrolment: Enrolment, reasons: dict[str, str]) -> None:
    async with tools.unit_of_work() as work:
        await ReviewService(work).return_for_correction(officer(enrolment), enrolment.id, reasons)


async def test_only_returned_items_open_again_and_the_reason_is_shown(
    follower: Follower, tools: Tools
) -> None:
    enrolment = await submit(follower, tools)
    await send_back(tools, enrolment, {"school": "请写毕业证上的全称", "diploma": "照片反光"})
    asked = await follower.say("修改")
    assert "1 毕业院校" in asked
    assert "2 学位证或毕业证" in asked
    assert "姓名" not in asked
    assert "不用修改" in await follower.say("修改 姓名")
    question = await follower.say("修改 毕业院校")
    assert "请写毕业证上的全称" in question
    # Corrected once, and then again: it stays open until it is submitted.
    assert "✓ 毕业院校：贵州医科大学" in await follower.say("贵州医科大学")
    assert "【毕业院校】" in await follower.say("修改 毕业院校")
    next_asked = await follower.say("贵州师范大学")
    assert "【学位证或毕业证】" in next_asked
    assert "照片反光" in next_asked


async def test_it_cannot_be_handed_in_before_everything_returned_is_corrected(
    follower: Follower, tools: Tools
) -> None:
    enrolment = await submit(follower, tools)
    await send_back(tools, enrolment, {"school": "请写全称", "diploma": "照片反光"})
    assert "还差2项" in await follower.say("提交")
    await follower.say("贵州医科大学")
    await follower.show("m5")
    await check_pictures(tools)
    assert "已提交" in await follower.say("提交")
    assert "审核中" in await follower.say("进度")


async def test_the_person_is_told_what_and_why(follower: Follower, tools: Tools) -> None:
    enrolment = await submit(follower, tools)
    await send_back(tools, enrolment, {"school": "请写全称"})
    async with tools.unit_of_work() as work:
        sent = (
            await work.session.scalars(select(OutboxMessage).where(OutboxMessage.notice == "returned"))
        ).one()
    assert sent.facts["reasons"] == "· 毕业院校：请写全称"
    assert "· 毕业院校：请写全称" in await follower.say("进度")


async def test_admission_opens_the_fees_a7(follower: Follower, tools: Tools) -> None:
    enrolment = await submit(follower, tools)
    async with tools.unit_of_work() as work:
        await ReviewService(work).approve(officer(enrolment), enrolment.id)
    fees = await follower.say("缴费")
    assert "【培训费】¥4,500.00" in fees
    assert "【人员能力验证费】¥180.00" in fees
    assert "132000156473" in fees
    assert "打款事由必须写：人员能力验证费" in fees
    assert "转账凭证" in await follower.say("2")
    assert "已登记【人员能力验证费】" in await follower.say("人员能力验证费")


async def test_who_is_admitted_chooses_a_class_first_because_its_notice_has_the_account_a7(
    follower: Follower, tools: Tools
) -> None:
    enrolment = await submit(follower, tools)
    async with tools.unit_of_work() as work:
        await ReviewService(work).approve(officer(enrolment), enrolment.id)
    async with tools.unit_of_work() as work:
        [told] = await work.session.scalars(select(OutboxMessage).where(OutboxMessage.notice == "admitted"))
        assert told.facts["hint"] == "回复 学时 选择培训班"
