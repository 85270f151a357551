"""Somebody who is admitted in two schemes says which one is meant, where both have something behind the word."""

from dataclasses import dataclass
from uuid import UUID

import pytest
from sqlalchemy import update

from services.exams.seats import SeatService
from services.exams.sittings import SittingService
from services.models import Actor, EnrolmentState, PaymentState
from services.payments.service import PaymentService
from services.unit_of_work import Tools, Work
from storage.tables import Enrolment, Payment
from tests import factories
from tests.chat import Follower
from tests.handlers.chat.conftest import Meter
from tests.services.exam_stories import PLACE, SATURDAY, SATURDAY_END, study_record

OFFICER, CHIEF = "quality-safety-officer", "chief-quality-officer"
MOST_STATEMENTS = 8


@dataclass(frozen=True)
class Twice:
    """One person in two schemes, the second one lately."""

    staff: Actor
    first: UUID
    second: UUID


@pytest.fixture
async def twice(tools: Tools, follower: Follower) -> Twice:
    """Admitted as 质量安全员 and as 首席质量官, without hours, nothing paid."""
    ids = []
    async with tools.unit_of_work() as work:
        organisation = await factories.organisation(work)
        person = await factories.follower(work, follower.openid)
        for scheme_id in (OFFICER, CHIEF):
            row = await factories.enrolment(
                work, organisation=organisation, follower=person, scheme_id=scheme_id
            )
            await PaymentService(work).open_for(row)
            ids.append(row.id)
        await factories.course_class(work, organisation=organisation, code="A1", scheme_id=CHIEF)
    return Twice(factories.staff_actor(organisation.id), *ids)


async def pay_everything(work: Work, enrolment_id: UUID) -> None:
    paid = update(Payment).where(Payment.enrolment_id == enrolment_id).values(state=PaymentState.CONFIRMED)
    await work.session.execute(paid)


async def ready_for_a_sitting(tools: Tools, twice: Twice) -> None:
    """All hours and fees in both schemes, and a sitting for each."""
    async with tools.unit_of_work() as work:
        for enrolment_id in (twice.first, twice.second):
            work.session.add(study_record(work, enrolment_id, "200"))
            await pay_everything(work, enrolment_id)
        for scheme_id in (OFFICER, CHIEF):
            await SittingService(work).add(
                twice.staff,
                scheme_id=scheme_id,
                starts_at=SATURDAY,
                ends_at=SATURDAY_END,
                place=PLACE,
                form="online",
                capacity=3,
            )


@pytest.mark.parametrize("word", ["学时", "考试", "缴费"])
async def test_the_word_first_asks_which_of_the_two_and_then_answers_for_it(
    follower: Follower, twice: Twice, word: str, meter: Meter
) -> None:
    answers = []
    for typed in (word, "什么", "2"):
        meter.clear()
        answers.append(await follower.say(typed))
        assert len(meter.statements) <= MOST_STATEMENTS, (typed, answers[-1])
    asked, again, picked = answers
    assert "1 首席质量官\n2 质量安全员" in asked
    assert again == asked
    assert {"学时": "【质量安全员】学时 0/", "考试": "学时完成后才能预约考试", "缴费": "打款事由必须写"}[
        word
    ] in picked


async def test_the_scheme_s_name_picks_it_too(follower: Follower, twice: Twice) -> None:
    await follower.say("学时")
    assert "请选择培训班" in await follower.say("首席质量官")
    # An answer that is none keeps to the one that was picked.
    assert "请选择培训班" in await follower.say("9")
    assert "已报入" in await follower.say("1")


async def test_only_one_with_something_to_pay_is_not_asked_about(
    follower: Follower, tools: Tools, twice: Twice
) -> None:
    async with tools.unit_of_work() as work:
        await pay_everything(work, twice.second)
    assert "打款事由必须写" in await follower.say("缴费")
    async with tools.unit_of_work() as work:
        await pay_everything(work, twice.first)
    assert "费用都已缴清" in await follower.say("缴费")


async def test_one_whose_other_enrolment_has_its_result_is_not_asked(
    follower: Follower, tools: Tools, twice: Twice
) -> None:
    async with tools.unit_of_work() as work:
        (await work.session.get_one(Enrolment, twice.second)).state = EnrolmentState.CONCLUDED
    assert "【质量安全员】学时" in await follower.say("学时")


async def test_each_of_two_seats_is_booked_and_given_up_for_itself(
    follower: Follower, tools: Tools, twice: Twice
) -> None:
    await ready_for_a_sitting(tools, twice)
    tickets = []
    for number in ("1", "2"):
        await follower.say("考试")
        assert "请选择考试场次" in await follower.say(number)
        tickets.append((await follower.say("1")).partition("准考证号：")[2][:14])
    assert len(set(tickets)) == 2
    # The one that was spoken of just now is meant.
    assert "2 取消预约" in await follower.say("取消考试")
    await follower.say("1")
    await follower.say("菜单")
    assert "要取消哪一个的考试预约？" in await follower.say("取消考试")
    await follower.say("质量安全员")
    assert "已取消考试预约" in await follower.say("2")
    async with tools.unit_of_work() as work:
        seats = [await SeatService(work).seat_of(item) for item in (twice.first, twice.second)]
    assert seats[0] is None
    assert seats[1] is not None


async def test_two_enrolments_in_one_scheme_are_told_apart_by_their_numbers(
    follower: Follower, tools: Tools
) -> None:
    async with tools.unit_of_work() as work:
        organisation = await factories.organisation(work)
        person = await factories.follower(work, follower.openid)
        numbers = []
        for serial, name in enumerate(("王小明", "李雷")):
            row = await factories.enrolment(
                work,
                organisation=organisation,
                follower=person,
                name=name,
                identity_number=factories.identity_number(serial),
            )
            numbers.append(row.number)
    asked = await follower.say("学时")
    assert all(f"（报名号 {number}）" in asked for number in numbers)
    assert "【质量安全员】学时" in await follower.say(str(numbers[0]))
