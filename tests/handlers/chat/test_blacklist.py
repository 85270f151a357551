"""What a barred person meets in the chat, and how one who is proposed is heard (C7)."""

from datetime import date

import pytest
from sqlalchemy import select

from services import attachments
from services.blacklist import BarredError, BlacklistService
from services.models import Actor, EnrolmentState
from services.payments.confirming import ConfirmingService
from services.payments.service import PaymentService
from services.pictures import specimen
from services.study.classes import ClassService
from services.unit_of_work import Tools
from storage.tables import Attachment
from tests import factories
from tests.chat import Follower
from tests.handlers.chat.conftest import Meter
from tests.handlers.chat.test_enrolling import check_pictures
from tests.services.blacklist_stories import SubCentres, open_house

NUMBER = factories.identity_number(7)


@pytest.fixture
async def centres(tools: Tools) -> SubCentres:
    return await open_house(tools)


async def to_the_number(follower: Follower, name: str) -> None:
    for typed in ("报名", "4", "1", "1", name):
        await follower.say(typed)


async def test_who_is_barred_is_told_at_the_number_since_when_why_and_how_to_object_c7(
    centres: SubCentres,
    meter: Meter,
) -> None:
    await centres.barred()
    follower = Follower(centres.tools, openid="oAgain", account="metrology")
    await to_the_number(follower, "王小明")
    meter.clear()
    said = await follower.say(NUMBER)
    assert (len(meter.statements) <= 8, meter.commits) == (True, 1), meter.statements
    assert "原因：提供虚假学历" in said
    assert "2026年12月2日至2031年12月2日（含当日）" in said
    assert "回复 陈述 写明理由" in said
    assert "申诉" in said
    assert NUMBER not in said
    # The answer is not taken: the question stays open.
    assert "【身份证号码】" in await follower.say("继续")


async def test_who_types_a_stranger_s_number_learns_neither_reason_nor_days_c7(centres: SubCentres) -> None:
    await centres.barred()
    follower = Follower(centres.tools, openid="oCurious", account="metrology")
    await to_the_number(follower, "李四")
    said = await follower.say(NUMBER)
    assert "这个身份证号现在不能报名" in said
    assert "虚假" not in said
    assert "2031" not in said


async def test_who_is_not_barred_pays_at_most_one_statement_more_c7(
    centres: SubCentres,
    meter: Meter,
) -> None:
    follower = Follower(centres.tools, openid="oFree", account="metrology")
    await to_the_number(follower, "王小明")
    meter.clear()
    assert "✓ 身份证号码" in await follower.say(NUMBER)
    assert (len(meter.statements) <= 8, meter.commits) == (True, 1), meter.statements


async def test_who_is_proposed_writes_and_shows_what_they_have_to_say_c7(
    centres: SubCentres,
    meter: Meter,
) -> None:
    follower = Follower(centres.tools, openid="oHeard", account="metrology")
    assert "这个微信号没有需要您陈述的事项" in await follower.say("陈述")
    enrolment = await centres.candidate(openid="oHeard2")
    follower = Follower(centres.tools, openid="oHeard2", account="metrology")
    entry_id = await centres.proposed(enrolment)
    asked = await follower.say("陈述")
    assert "2026年12月1日（含当日）前说明" in asked
    assert "查无此人" in asked
    meter.clear()
    assert "文字1条" in await follower.say("我想报名考试时把编号写错了，原件在这里")
    assert (len(meter.statements) <= 8, meter.commits) == (True, 1), meter.statements
    meter.clear()
    assert "照片1张" in await follower.show("media-proof")
    assert (len(meter.statements) <= 8, meter.commits) == (True, 1), meter.statements
    meter.clear()

    async with centres.tools.unit_of_work() as work:
        row = (await work.session.scalars(select(Attachment.id))).one()
        await attachments.keep_picture(work, row, specimen.id_card_front())
    async with centres.tools.unit_of_work() as work:
        seen = await BlacklistService(work).show(centres.second, entry_id)
        (picture,) = seen.statement_files
        content, media_type, _ = await BlacklistService(work).file(centres.second, picture.id)
    assert [one.text for one in seen.statements] == ["我想报名考试时把编号写错了，原件在这里"]
    assert (content[:2], media_type) == (b"\xff\xd8", "image/jpeg")


async def test_who_is_listed_after_the_number_was_answered_is_refused_at_the_submission_c7(
    centres: SubCentres, meter: Meter
) -> None:
    complete = [Follower(centres.tools, openid=f"oReady{serial}", account="metrology") for serial in (7, 8)]
    for serial, follower in zip((7, 8), complete, strict=True):
        await to_the_number(follower, "王小明")
        await follower.say(factories.identity_number(serial))
        for typed in ("13800138000", "2", "贵州省贵阳市云岩区", "贵州某某计量院", "6"):
            await follower.say(typed)
        for number in range(6):
            await follower.show(f"media-{number}")
        await check_pictures(centres.tools)
    await centres.barred(7, openid="oElsewhere")
    refused = await complete[0].say("提交")
    assert "现在不能受理您的报名" in refused
    assert "2031年12月2日（含当日）" in refused
    meter.clear()
    assert "✓ 已提交" in await complete[1].say("提交")
    assert (len(meter.statements) <= 8, meter.commits) == (True, 1), meter.statements


async def test_who_never_enrolled_from_this_account_names_themselves_and_is_heard_c7(
    centres: SubCentres, meter: Meter
) -> None:
    entry_id = await centres.barred()
    follower = Follower(centres.tools, openid="oNewPhone", account="metrology")
    assert "请在一条消息里发送姓名和身份证号" in await follower.say("陈述")
    meter.clear()
    assert "没有认出身份证号" in await follower.say("我叫王小明")
    said = await follower.say(f"姓名：王小明，身份证号：{NUMBER}")
    assert "原因：提供虚假学历" in said
    # No more than the refusal at the number says.
    assert "查无此人" not in said
    assert "本人带身份证" in said
    assert NUMBER not in said
    meter.clear()
    assert "文字1条" in await follower.say("原件可以当面核对")
    assert (len(meter.statements) <= 8, meter.commits) == (True, 1), meter.statements
    meter.clear()
    assert "照片1张" in await follower.show("media-proof")
    assert (len(meter.statements) <= 8, meter.commits) == (True, 1), meter.statements
    async with centres.tools.unit_of_work() as work:
        seen = await BlacklistService(work).show(centres.second, entry_id)
    assert [(one.channel, one.text) for one in seen.statements] == [("named", "原件可以当面核对")]


async def test_five_wrong_names_end_the_trying_for_the_follower_and_about_the_number_c7(
    centres: SubCentres, meter: Meter
) -> None:
    await centres.barred()
    curious = Follower(centres.tools, openid="oCurious", account="metrology")
    for serial, name in enumerate(("张三", "李四", "王五", "赵六", "孙七")):
        await curious.say("陈述")
        meter.clear()
        said = await curious.say(f"{name} {NUMBER if serial < 4 else factories.identity_number(9)}")
        assert (len(meter.statements) <= 8, meter.commits) == (True, 1), meter.statements
        assert "姓名和号码不一致" in said
        assert "书面说明" in said
    await curious.say("陈述")
    assert "24小时内不能再试" in await curious.say(f"王小明 {NUMBER}")
    # Four were about this number, of another account a fifth; then nobody may try it today.
    other = Follower(centres.tools, openid="oOther", account="metrology")
    await other.say("陈述")
    assert "姓名和号码不一致" in await other.say(f"周八 {NUMBER}")
    await other.say("陈述")
    assert "24小时内不能再试" in await other.say(f"王小明 {NUMBER}")
    centres.tools.clock.move(hours=25)  # type: ignore[attr-defined]
    await other.say("陈述")
    assert "您已被列入黑名单" in await other.say(f"{NUMBER} 王小明")


async def test_who_is_barred_after_the_admission_is_asked_for_no_fee_class_or_seat_and_told_why_c7(
    centres: SubCentres, meter: Meter
) -> None:
    admitted = await centres.candidate(state=EnrolmentState.ADMITTED, openid="oAdmitted")
    follower = Follower(centres.tools, openid="oAdmitted", account="metrology")
    async with centres.tools.unit_of_work() as work:
        [course] = await ClassService(work).list_classes(centres.first)
        await ClassService(work).enrol_in_class(admitted.id, course.id, centres.first)
        [owed, *_] = await PaymentService(work).instructions(admitted.id)
        await ConfirmingService(work).confirm(
            centres.first, owed.payment_id, paid_fen=100, remark=owed.remark, note="先到一部分"
        )
    assert "黑名单" not in await follower.say("进度")
    assert "缴费" in await follower.say("缴费")
    entry_id = await centres.proposed(admitted)
    await centres.arrived()
    centres.tools.clock.move(days=11)  # type: ignore[attr-defined]
    await centres.confirmed(entry_id)
    # The remark of a fee that was asked for before the bar.
    assert "您已被列入黑名单" in await follower.say(owed.remark)
    for word in ("缴费", "考试", "学时"):
        meter.clear()
        said = await follower.say(word)
        assert len(meter.statements) <= 8, meter.statements
        if word == "缴费":
            assert "请不要缴费" in said
            assert "原因：提供虚假学历" in said
            assert "回复 陈述" in said
    meter.clear()
    said = await follower.say("进度")
    assert len(meter.statements) <= 8, meter.statements
    assert "期限至2031年12月2日（含当日），不再办理缴费、培训和考试" in said
    assert "查看下一步" not in said
    async with centres.tools.unit_of_work() as work:
        with pytest.raises(BarredError):
            await PaymentService(work).claim(
                admitted.id,
                owed.fee_key,
                remark="",
                actor=Actor(kind="applicant", id=str(admitted.follower_id), name="王小明"),
            )
        back = await PaymentService(work).list_owed_back(centres.first)
        assert [(line.id, line.barred_until) for line in back.items] == [(owed.payment_id, date(2031, 12, 2))]


async def test_who_is_barred_after_the_admission_joins_no_class_c7(centres: SubCentres) -> None:
    admitted = await centres.candidate(state=EnrolmentState.ADMITTED, openid="oLate")
    entry_id = await centres.proposed(admitted)
    await centres.arrived()
    centres.tools.clock.move(days=11)  # type: ignore[attr-defined]
    await centres.confirmed(entry_id)
    async with centres.tools.unit_of_work() as work:
        [course] = await ClassService(work).list_classes(centres.first)
        with pytest.raises(BarredError):
            await ClassService(work).enrol_in_class(admitted.id, course.id, centres.first)
    said = await Follower(centres.tools, openid="oLate", account="metrology").say("学时")
    assert "不能报培训班" in said
