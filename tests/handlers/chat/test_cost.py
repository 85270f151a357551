"""What an answer costs: at most eight SQL statements and one commit, whatever is said, along the whole journey."""

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select, update

from bot.pipeline import ChatPipeline
from handlers.chat.messages import (
    Inbound,
    NoReply,
    OtherEvent,
    OtherMessage,
    Reply,
    Scanned,
    TemplateReceipt,
    TextReply,
    Unsubscribed,
)
from services.certificates import CertificateService
from services.enrolments.review import ReviewService
from services.exams.results import ResultService
from services.models import Actor, EnrolmentState
from services.notices.sealed import with_text
from services.payments.confirming import ConfirmingService
from services.payments.service import PaymentService
from services.unit_of_work import Tools
from storage.tables import Enrolment, Organisation, OutboxMessage, Seat
from storage.tables import Follower as FollowerRow
from tests import factories
from tests.chat import Follower
from tests.conftest import FixedClock
from tests.handlers.chat.conftest import Meter
from tests.handlers.chat.test_enrolling import check_pictures, valid_identity
from tests.services.exam_stories import SATURDAY, SATURDAY_END, Candidate, House, study_record

MOST_STATEMENTS = 8


@dataclass
class Metered(Follower):
    """A follower of whom every message is measured, each at its dearest: no window is open when it comes."""

    meter: Meter = field(default_factory=Meter)
    #: Whether every answer comes after the deadline, and so as a message.
    late: bool = False

    def __post_init__(self) -> None:
        self.pipeline = ChatPipeline(self.tools, deadline=0 if self.late else 4)

    async def send(self, inbound: Inbound) -> Reply:
        async with self.tools.unit_of_work() as work:
            await work.session.execute(update(FollowerRow).values(window_until=None))
        self.meter.clear()
        reply = await self.pipeline.answer(inbound)
        await self.pipeline.close()
        said = str(getattr(inbound, "content", type(inbound).__name__))
        listed = "\n\n".join(self.meter.statements)
        assert len(self.meter.statements) <= MOST_STATEMENTS, f"{said}\n\n{listed}"
        assert self.meter.commits == 1, said
        return await self._message(inbound) if self.late else reply

    async def _message(self, inbound: Inbound) -> Reply:
        """The late reply that this message got."""
        async with self.tools.unit_of_work() as work:
            row = await work.session.scalar(
                select(OutboxMessage).where(
                    OutboxMessage.dedupe_key == f"late_reply:{inbound.account}:{inbound.dedupe_key}"
                )
            )
            return NoReply() if row is None else TextReply(text=with_text(work, row.facts)["text"])


@pytest.fixture(params=["in time", "late"])
def follower(request: pytest.FixtureRequest, tools: Tools, meter: Meter) -> Metered:
    return Metered(tools, meter=meter, late=request.param == "late")


async def pictures(follower: Metered, tools: Tools, first: str = "m") -> None:
    for number in range(4):
        await follower.show(f"{first}{number}")
        await check_pictures(tools)


async def enrol(follower: Metered, tools: Tools, scheme: str = "1", number: str = "") -> None:
    """From 报名 to the summary."""
    await follower.say("报名")
    await follower.say(scheme)
    await follower.say("1")
    await follower.say("同意")
    for typed in (
        "王小明",
        number or valid_identity(),
        "13800138000",
        "贵州贵阳云岩区",
        "2",
        "贵州大学",
        "1",
        "1",
    ):
        await follower.say(typed)
    await pictures(follower, tools, scheme)
    assert "请核对" in await follower.say("继续")


async def house_of(tools: Tools) -> House:
    """The organisation through which the follower has enrolled."""
    async with tools.unit_of_work() as work:
        organisation = (await work.session.scalars(select(Organisation))).one()
    return House(tools, organisation, factories.staff_actor(organisation.id))


async def newest(tools: Tools) -> Candidate:
    """The enrolment that was submitted last."""
    async with tools.unit_of_work() as work:
        row = (
            await work.session.scalars(
                select(Enrolment).where(Enrolment.submitted_at.is_not(None)).order_by(Enrolment.number.desc())
            )
        ).first()
        assert row is not None
        actor = Actor(kind="applicant", id=str(row.follower_id), name="申请人")
        return Candidate(row.id, row.number, "王小明", row.follower_id, actor)


async def admit(house: House, who: Candidate) -> None:
    async with house.tools.unit_of_work() as work:
        await ReviewService(work).approve(house.officer, who.enrolment_id)


async def confirm_fees(house: House, who: Candidate) -> None:
    async with house.tools.unit_of_work() as work:
        payments = PaymentService(work)
        for fee in await payments.instructions(who.enrolment_id):
            await ConfirmingService(work).confirm(
                house.officer, fee.payment_id, paid_fen=fee.amount_fen, remark=fee.remark
            )


async def admitted_with_everything(follower: Metered, tools: Tools) -> tuple[House, Candidate]:
    """This follower, admitted, with all hours and fees."""
    async with tools.unit_of_work() as work:
        organisation = await factories.organisation(work)
    house = House(tools, organisation, factories.staff_actor(organisation.id))
    who = await house.candidate("王小明")
    async with tools.unit_of_work() as work:
        row = await work.session.get_one(FollowerRow, who.follower_id)
        row.account, row.openid = follower.account, follower.openid
    return house, who


async def test_coming_and_going_and_words_without_anything_to_show(follower: Metered) -> None:
    await follower.follow(scene="enrol:chief-quality-officer")
    await follower.send(Unsubscribed(**follower.envelope()))  # type: ignore[arg-type]
    await follower.follow()
    await follower.send(Scanned(**follower.envelope(), scene="enrol:quality-safety-officer"))  # type: ignore[arg-type]
    await follower.send(OtherMessage(**follower.envelope(), kind="voice"))  # type: ignore[arg-type]
    await follower.send(OtherEvent(**follower.envelope(), event="VIEW"))  # type: ignore[arg-type]
    await follower.send(TemplateReceipt(**follower.envelope(), msgid="1", status="success"))  # type: ignore[arg-type]
    words = (
        "菜单",
        "进度",
        "学时",
        "缴费",
        "考试",
        "成绩",
        "证书",
        "修改",
        "继续",
        "提交",
        "退出",
        "返回",
        "我的数据",
    )
    for text in (
        *words,
        "取消考试",
        "跳过",
        "同意",
        "帮助",
        "人工",
        "人工",
        "申诉",
        "什么时候考试",
        "今天天气不错",
    ):
        await follower.say(text)
    await follower.show("media")


async def test_a_first_message_of_somebody_unknown(tools: Tools, meter: Meter) -> None:
    for number, text in enumerate(("报名", "考试", "今天天气不错")):
        await Metered(tools, f"oStranger{number}", meter=meter).say(text)


async def test_enrolling_from_the_first_word_to_a_submission_that_was_sent_back(
    follower: Metered, tools: Tools
) -> None:
    await follower.follow()
    await follower.click("报名")
    await follower.say("1")
    # The first of all enrolments: its organisation is made with it.
    assert "同意" in await follower.say("1")
    assert "没有保存" in await follower.show("too-early")
    await follower.say("好的吧")
    await follower.say("同意")
    typed = [
        "王1",
        "王2",
        "王小明",
        "11",
        valid_identity(),
        "13800138000",
        "贵州贵阳云岩区",
        "9",
        "2",
        "贵州大学",
    ]
    asked = [
        "返回",
        "修改",
        "1",
        "王小明",
        "修改 手机号",
        "13800138000",
        "什么时候考试？",
        "提交",
        "报名",
        "继续",
    ]
    for text in (*typed, *asked, "1", "1"):
        await follower.say(text)
    assert "【蓝底二寸照片】" in await follower.show("first")
    await check_pictures(tools)
    # Another in its place.
    await follower.say("修改 照片")
    assert "【蓝底二寸照片】" in await follower.show("second")
    await follower.say("照片呢")
    await pictures(follower, tools)
    await follower.say("退出")
    await follower.say("1")
    assert "请核对" in await follower.say("继续")
    await follower.say("好了吗")
    assert "报名号" in await follower.say("提交")
    house, who = await house_of(tools), await newest(tools)
    async with tools.unit_of_work() as work:
        reasons = {"school": "请写全称", "diploma": "照片反光"}
        await ReviewService(work).return_for_correction(house.officer, who.enrolment_id, reasons)
    for text in ("进度", "提交", "修改", "1", "贵州师范大学"):
        await follower.say(text)
    assert "【学位证或毕业证】" in await follower.show("third")
    await check_pictures(tools)
    assert "报名号" in await follower.say("提交")
    assert "这时只能改联系方式" in await follower.say("修改 姓名")


async def test_a_draft_that_is_given_up_and_a_second_follower_with_the_same_number(
    tools: Tools, meter: Meter
) -> None:
    one, other = Metered(tools, meter=meter), Metered(tools, "oOther", meter=meter)
    await enrol(one, tools)
    assert "1 先保存" in await one.say("退出")
    assert "已放弃" in await one.say("2")
    await enrol(one, tools)
    assert "报名号" in await one.say("提交")
    await enrol(other, tools)
    assert "不能重复报名" in await other.say("提交")


async def test_from_admission_to_the_fees(follower: Metered, tools: Tools) -> None:
    await enrol(follower, tools)
    await follower.say("提交")
    house, who = await house_of(tools), await newest(tools)
    await admit(house, who)
    async with tools.unit_of_work() as work:
        # Its fee is another than the scheme's: what is due follows it.
        for code in ("QSO-1", "QSO-2"):
            await factories.course_class(
                work, organisation=house.organisation, code=code, training_fee_fen=390000
            )
    assert "请选择培训班" in await follower.say("学时")
    await follower.say("哪个好")
    assert "已报入" in await follower.say("1")
    async with tools.unit_of_work() as work:
        training, _ = await PaymentService(work).instructions(who.enrolment_id)
        assert training.amount_fen == 390000
    await follower.say("缴费")
    await follower.say("1")
    assert "凭证" in await follower.show("voucher")
    await follower.say("缴费")
    await follower.say("2")
    await follower.say("好的")
    assert "已登记" in await follower.say("人员能力验证费")
    await follower.say("什么时候到账？")
    await confirm_fees(house, who)
    async with tools.unit_of_work() as work:
        work.session.add(study_record(work, who.enrolment_id, "12"))
    for text in ("缴费", "学时", "考试", "进度"):
        await follower.say(text)


async def test_booking_a_seat_giving_it_back_and_waiting_for_one(
    follower: Metered, tools: Tools, clock: FixedClock
) -> None:
    house, who = await admitted_with_everything(follower, tools)
    sitting = await house.sitting(capacity=1)
    assert "请选择考试场次" in await follower.say("考试")
    await follower.say("哪个好")
    assert "准考证号" in await follower.say("1")
    assert "准考证号" in await follower.say("考试")
    await follower.say("谢谢")
    waiting = [await house.candidate() for _ in range(2)]
    for other in waiting:
        clock.move(minutes=1)
        await house.book(other, sitting.id)
    assert "1 保留预约" in await follower.say("取消考试")
    await follower.say("1")
    await follower.say("取消考试")
    # The first who waits moves up, and is told.
    assert "已取消考试预约" in await follower.say("2")
    assert (await house.told(waiting[0]))[0].notice == "seat_booked"
    await follower.say("考试")
    clock.move(minutes=1)
    assert "排第2位" in await follower.say("1")
    assert "排第2位" in await follower.say("考试")
    await follower.say("取消考试")
    assert "已取消考试预约" in await follower.say("2")
    # The second look is answered when there is nothing to give back any more.
    await follower.say("考试")
    await follower.say("1")
    await follower.say("取消考试")
    async with tools.unit_of_work() as work:
        await work.session.execute(
            update(Seat).where(Seat.enrolment_id == who.enrolment_id).values(state="void")
        )
    assert "请选择考试场次" in await follower.say("2")
    async with tools.unit_of_work() as work:
        await work.session.execute(update(Enrolment).values(state=EnrolmentState.REJECTED))


async def test_several_results_papers_and_enrolments_cost_no_statement_each(
    follower: Metered, tools: Tools, clock: FixedClock
) -> None:
    house, who = await admitted_with_everything(follower, tools)
    sitting = await house.sitting()
    seat = await house.book(who, sitting.id)
    clock.moment = SATURDAY_END + timedelta(hours=3)
    assert "成绩公布后" in await follower.say("考试")
    assert "成绩公布后" in await follower.say("取消考试")
    table = f"准考证号,姓名,成绩,状态\n{seat.ticket},王小明,88,".encode()
    async with tools.unit_of_work() as work:
        results = ResultService(work)
        await results.import_scores(
            house.officer, "成绩.csv", table, sitting_code=sitting.code, dry_run=False
        )
        await results.approve(house.officer, sitting.id)
        await results.publish(house.officer, sitting.id)
    await issue_papers(tools, house, who.enrolment_id)
    papers = await follower.say("证书")
    assert papers.count("/c/") == 2
    assert "得分：88" in await follower.say("成绩")
    # The same person, again and in another scheme.
    for scheme in ("quality-safety-officer", "quality-safety-director"):
        async with tools.unit_of_work() as work:
            enrolment = await factories.enrolment(
                work,
                organisation=house.organisation,
                follower=await work.session.get_one(FollowerRow, who.follower_id),
                scheme_id=scheme,
            )
            await PaymentService(work).open_for(enrolment)
    for text in (
        "进度",
        "学时",
        "哪个",
        "1",
        "缴费",
        "1",
        "1",
        "考试",
        "1",
        "取消考试",
        "成绩",
        "证书",
        "报名",
        "修改 姓名",
        "继续",
    ):
        await follower.say(text)


async def test_who_was_absent_chooses_another_sitting(
    follower: Metered, tools: Tools, clock: FixedClock
) -> None:
    house, who = await admitted_with_everything(follower, tools)
    await house.book(who, (await house.sitting()).id)
    clock.moment = SATURDAY_END + timedelta(hours=3)
    async with tools.unit_of_work() as work:
        await work.session.execute(update(Seat).values(state="absent"))
    spring = timedelta(days=91)
    await house.sitting(starts_at=SATURDAY + spring, ends_at=SATURDAY_END + spring)
    assert "可以另选一场" in await follower.say("考试")
    assert "准考证号" in await follower.say("1")


async def issue_papers(tools: Tools, house: House, enrolment_id: UUID) -> None:
    """The certificate and the 学时证明."""
    async with tools.unit_of_work() as work:
        enrolment = await work.session.get_one(Enrolment, enrolment_id)
        await CertificateService(work).issue_hours_certificate(enrolment, actor=house.officer)
        await CertificateService(work).issue(house.officer, enrolment_id)
