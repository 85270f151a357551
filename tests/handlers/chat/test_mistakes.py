"""What people do that was not asked for: questions in between, pictures too early, sentences, courtesies."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from services.errors import ConflictError
from services.exams.results import ResultService
from services.exams.seats import SeatService
from services.models import EnrolmentState, PaymentState
from services.payments.service import PaymentService
from services.schemes.loader import SchemeCatalogue
from services.unit_of_work import Tools
from storage.tables import Document, Enrolment
from storage.tables import Follower as FollowerRow
from tests import factories
from tests.chat import Follower
from tests.conftest import FixedClock
from tests.handlers.chat.test_enrolling import check_pictures, to_first_question, valid_identity
from tests.services.exam_stories import SATURDAY, SATURDAY_END, SCHEME, Candidate, House, kinds


async def admitted(tools: Tools, follower: Follower, **given: str) -> UUID:
    async with tools.unit_of_work() as work:
        enrolment = await factories.enrolment(
            work,
            organisation=await factories.organisation(work),
            follower=await factories.follower(work, follower.openid),
            **given,  # type: ignore[arg-type]
        )
        await PaymentService(work).open_for(enrolment)
        return enrolment.id


async def remark_of(tools: Tools, enrolment_id: UUID, fee_key: str) -> tuple[PaymentState, str]:
    async with tools.unit_of_work() as work:
        officer = factories.staff_actor((await work.session.get_one(Enrolment, enrolment_id)).organisation_id)
        lines = (await PaymentService(work).list_lines(officer)).items
        return next((line.state, line.remark) for line in lines if line.expected_remark == fee_key)


async def test_a_question_in_the_middle_is_answered_and_the_open_question_stays(follower: Follower) -> None:
    await to_first_question(follower)
    answer = await follower.say("什么时候考试？")
    assert "每个季度最后一个周末" in answer
    assert "回复 继续" in answer
    assert "人工" in await follower.say("你们那里停车方便吗")
    assert "✓ 姓名：王小明" in await follower.say("王小明")


async def test_a_question_before_beginning_is_answered(follower: Follower) -> None:
    await follower.say("报名")
    await follower.say("1")
    assert "费用" in await follower.say("要多少钱？")
    assert "报名知情函" in await follower.say("开始吧")


async def test_whoever_writes_that_they_want_to_enrol_in_a_scheme_sees_it(follower: Follower) -> None:
    assert "【质量安全员人员能力验证】" in await follower.say("我想报名质量安全员")
    assert "【首席质量官人员能力验证】" in await follower.say("你好，我要报考首席质量官")


async def test_a_picture_before_the_consent_is_not_kept_and_the_consent_stays_open_a12(
    follower: Follower, tools: Tools
) -> None:
    await follower.say("报名")
    await follower.say("1")
    await follower.say("1")
    shown = await follower.show("media-1")
    assert "没有保存" in shown
    assert "同意请回复：同意" in shown
    assert "【姓名】" in await follower.say("同意")
    async with tools.unit_of_work() as work:
        assert (await work.session.scalars(select(Document))).all() == []


async def test_a_picture_in_the_middle_of_the_questions_leaves_the_question_open(follower: Follower) -> None:
    await to_first_question(follower)
    await follower.say("王小明")
    shown = await follower.show("media-1")
    assert "当作【蓝底二寸照片】" in shown
    assert "（2/12）【身份证号】" in shown
    assert "✓ 身份证号" in await follower.say(valid_identity())


async def test_after_a_picture_back_goes_to_the_one_before_the_next(follower: Follower, tools: Tools) -> None:
    await to_first_question(follower)
    for typed in ("王小明", valid_identity(), "13800138000", "贵州贵阳云岩区", "2", "贵州大学", "1", "1"):
        await follower.say(typed)
    await follower.show("media-1")
    await check_pictures(tools)
    assert "（9/12）【蓝底二寸照片】" in await follower.say("返回")


async def test_a_choice_that_is_none_shows_the_list_again(follower: Follower) -> None:
    await to_first_question(follower)
    for typed in ("王小明", valid_identity(), "13800138000", "贵州贵阳云岩区"):
        await follower.say(typed)
    answer = await follower.say("9")
    assert "没有这个选项" in answer
    assert "3 大学专科" in answer


async def test_what_is_said_after_the_remark_does_not_replace_it_a7(follower: Follower, tools: Tools) -> None:
    enrolment_id = await admitted(tools, follower, route="proof")
    await follower.say("缴费")
    assert "转账凭证" in await follower.say("1")
    assert "转账凭证" in await follower.say("好的")
    assert "已登记" in await follower.say("人员能力验证费")
    assert "已登记" in await follower.say("谢谢")
    assert "核对到账后会在这里通知您" in await follower.say("什么时候到账？")
    assert await remark_of(tools, enrolment_id, "人员能力验证费") == (PaymentState.CLAIMED, "人员能力验证费")


async def test_a_number_while_a_remark_is_awaited_chooses_the_other_fee(
    follower: Follower, tools: Tools
) -> None:
    enrolment_id = await admitted(tools, follower)
    await follower.say("缴费")
    assert "【培训费】" in await follower.say("1")
    assert "【人员能力验证费】" in await follower.say("2")
    assert "已登记" in await follower.say("验证费转了")
    assert await remark_of(tools, enrolment_id, "培训费") == (PaymentState.DUE, "")
    assert (await remark_of(tools, enrolment_id, "人员能力验证费"))[0] is PaymentState.CLAIMED


async def test_while_no_class_is_joined_the_way_to_the_account_is_said_a7(
    follower: Follower, tools: Tools
) -> None:
    await admitted(tools, follower)
    assert "请先回复 学时 选择培训班" in await follower.say("缴费")


async def test_a_proof_of_hours_that_waits_is_said_to_wait_a4(follower: Follower, tools: Tools) -> None:
    await to_first_question(follower)
    for typed in ("王小明", valid_identity(), "13800138000", "贵州贵阳云岩区", "2", "贵州大学", "3", "1"):
        await follower.say(typed)
    for media in "12345":
        await follower.show(f"media-{media}")
    await check_pictures(tools)
    await follower.say("继续")
    assert "已提交" in await follower.say("提交")
    async with tools.unit_of_work() as work:
        await work.session.execute(update(Enrolment).values(state=EnrolmentState.ADMITTED))
    assert "正在等工作人员认可" in await follower.say("学时")
    assert "正在等工作人员认可" in await follower.say("考试")


async def with_a_seat(tools: Tools, follower: Follower) -> tuple[House, Candidate, UUID]:
    """This follower, admitted, with all hours and fees, and a seat."""
    async with tools.unit_of_work() as work:
        organisation = await factories.organisation(work)
    house = House(tools, organisation, factories.staff_actor(organisation.id))
    who = await house.candidate()
    async with tools.unit_of_work() as work:
        row = await work.session.get_one(FollowerRow, who.follower_id)
        row.account, row.openid = "main", follower.openid
    sitting = await house.sitting()
    await house.book(who, sitting.id)
    return house, who, sitting.id


async def test_a_seat_can_be_given_up_whatever_was_said_before(follower: Follower, tools: Tools) -> None:
    await with_a_seat(tools, follower)
    assert "准考证号" in await follower.say("考试")
    await follower.say("菜单")
    assert "2 取消预约" in await follower.say("取消考试")
    assert "已取消考试预约" in await follower.say("2")
    assert "请选择考试场次" in await follower.say("取消考试")


async def absent(tools: Tools, follower: Follower, clock: FixedClock) -> tuple[House, Candidate]:
    """This follower, who was not at the exam of a month ago."""
    house, who, _ = await with_a_seat(tools, follower)
    clock.move(days=66)
    async with tools.unit_of_work() as work:
        await ResultService(work).import_scores(
            house.officer,
            "成绩.csv",
            f"准考证号,姓名,成绩,状态\nKS2026-001-001,{who.name},,缺考\n".encode(),
            sitting_code="KS2026-001",
            dry_run=False,
        )
    return house, who


async def test_who_was_absent_books_another_sitting_alone_and_stays_on_record_as_absent(
    follower: Follower, tools: Tools, clock: FixedClock
) -> None:
    house, who = await absent(tools, follower, clock)
    waits = await follower.say("考试")
    assert "已记为缺考" in waits
    assert "开放后会在这里通知您" in waits
    spring = await house.sitting(
        starts_at=SATURDAY + timedelta(days=91), ends_at=SATURDAY_END + timedelta(days=91)
    )
    assert "sitting_opened" in kinds(await house.told(who))
    offered = await follower.say("考试")
    assert "已记为缺考" in offered
    assert "可以另选一场，请回复数字：\n1 2027年3月27日" in offered
    assert offered == await follower.say("取消考试")
    assert "准考证号：KS2027-001-001" in await follower.say("1")
    async with tools.unit_of_work() as work:
        seat = await SeatService(work).seat_of(who.enrolment_id)
        assert seat is not None
        assert seat.sitting_id == spring.id
    entries = [(entry.action, entry.actor_kind) for entry in await house.history(who)]
    assert entries == [
        ("seat.booked", "applicant"),
        ("seat.absent", "staff"),
        ("seat.rebooked", "applicant"),
        ("seat.booked", "applicant"),
    ]
    left = (await house.history(who))[2]
    assert (left.before, left.after["sitting"]) == ({"seat": "absent"}, "KS2026-001")


async def test_where_the_scheme_says_so_who_was_absent_goes_through_staff(
    follower: Follower, tools: Tools, clock: FixedClock
) -> None:
    house, who = await absent(through_staff(tools), follower, clock)
    follower = Follower(house.tools, openid=follower.openid)
    spring = await house.sitting(
        starts_at=SATURDAY + timedelta(days=91), ends_at=SATURDAY_END + timedelta(days=91)
    )
    assert "sitting_opened" not in kinds(await house.told(who))
    answer = await follower.say("考试")
    assert "缺考" in answer
    assert "人工" in answer
    assert answer == await follower.say("取消考试")
    with pytest.raises(ConflictError) as refusal:
        await house.book(who, spring.id)
    assert refusal.value.code == "seat.already_booked"


def through_staff(tools: Tools) -> Tools:
    """The same installation, where the scheme lets nobody book again alone who was absent."""
    scheme = tools.schemes.current(SCHEME)
    exam = scheme.exam_terms.model_copy(update={"again_after_absence": False})
    strict = scheme.model_copy(update={"exam": exam})
    loaded = [
        replace(item, scheme=strict) if item.scheme.id == SCHEME else item
        for item in tools.schemes.loaded.values()
    ]
    return replace(tools, schemes=SchemeCatalogue(loaded))


async def test_after_the_result_the_exam_word_leads_to_it(follower: Follower, tools: Tools) -> None:
    await admitted(tools, follower, state=EnrolmentState.CONCLUDED)
    assert "回复 成绩 或 证书" in await follower.say("考试")
