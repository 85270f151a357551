"""Two officers, or one who clicks twice: whatever is decided is decided once, and told once."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from services.certificates import CertificateService
from services.enrolments.review import ReviewService
from services.errors import ConflictError
from services.exams.results import ResultService
from services.models import EnrolmentState, PaymentState
from services.payments.confirming import ConfirmingService
from services.study.classes import ClassService
from services.unit_of_work import Tools, Work
from storage.tables import Certificate, Payment, Result
from tests import certificate_rows, factories
from tests.conftest import FixedClock
from tests.services.exam_stories import SATURDAY_END, House, kinds, open_house


@pytest.fixture
async def house(tools: Tools) -> House:
    return await open_house(tools)


async def twice(tools: Tools, verb: Callable[[Work], Awaitable[object]]) -> list[object]:
    """What two units of work at the same time came to; a refusal by its code."""

    async def once() -> object:
        try:
            async with tools.unit_of_work() as work:
                return await verb(work)
        except ConflictError as refusal:
            return refusal.code

    return sorted(await asyncio.gather(once(), once()), key=str)


async def test_two_officers_admit_one_enrolment_once(house: House, tools: Tools) -> None:
    who = await house.candidate(state=EnrolmentState.IN_REVIEW)
    outcomes = await twice(
        tools, lambda work: ReviewService(work).approve(house.officer, who.enrolment_id, revision=1)
    )
    assert outcomes == [EnrolmentState.ADMITTED, "enrolment.not_in_review"]
    assert kinds(await house.told(who)) == ["admitted"]


async def test_one_returns_what_the_other_admits_and_only_one_of_them_counts(
    house: House, tools: Tools
) -> None:
    who = await house.candidate(state=EnrolmentState.IN_REVIEW)
    turn = iter(("approve", "return"))

    async def decide(work: Work) -> object:
        review = ReviewService(work)
        if next(turn) == "approve":
            return await review.approve(house.officer, who.enrolment_id)
        return await review.return_for_correction(house.officer, who.enrolment_id, {"mobile": "打不通"})

    outcomes = await twice(tools, decide)
    assert outcomes.count("enrolment.not_in_review") == 1
    assert len(kinds(await house.told(who))) == 1


async def test_a_transfer_is_confirmed_once(house: House, tools: Tools) -> None:
    who = await house.candidate(paid=False)
    async with tools.unit_of_work() as work:
        payment_id = await work.session.scalar(
            select(Payment.id).where(Payment.enrolment_id == who.enrolment_id)
        )
    assert payment_id is not None
    for paid_fen, kept in ((10_000, "payment.changed"), (8_000, "payment.confirmed")):
        async with tools.unit_of_work() as work:
            known = (await work.session.get_one(Payment, payment_id)).paid_fen or 0

        async def confirm(work: Work, paid_fen: int = paid_fen, known: int = known) -> object:
            return await ConfirmingService(work).confirm(
                house.officer, payment_id, paid_fen=paid_fen, remark="人员能力验证费", known_fen=known
            )

        outcomes = await twice(tools, confirm)
        assert kept in outcomes
    async with tools.unit_of_work() as work:
        row = await work.session.get_one(Payment, payment_id)
    assert (row.paid_fen, row.state) == (18_000, PaymentState.CONFIRMED)
    assert sorted(kinds(await house.told(who))) == ["payment_confirmed", "payment_short"]


async def test_scores_are_brought_in_approved_and_published_once(
    house: House, tools: Tools, clock: FixedClock
) -> None:
    sitting = await house.sitting()
    who = await house.candidate("王小明")
    seat = await house.book(who, sitting.id)
    clock.moment = SATURDAY_END + timedelta(hours=3)
    table = f"准考证号,姓名,成绩,状态\n{seat.ticket},王小明,88,".encode()

    async def bring(work: Work) -> object:
        report = await ResultService(work).import_scores(
            house.officer, "成绩.csv", table, sitting_code=sitting.code, dry_run=False
        )
        assert report.errors == ()
        return (report.new, report.same)

    assert await twice(tools, bring) == [(0, 1), (1, 0)]
    assert await twice(tools, lambda work: ResultService(work).approve(house.officer, sitting.id)) == [0, 1]
    assert await twice(tools, lambda work: ResultService(work).publish(house.officer, sitting.id)) == [0, 1]
    assert kinds(await house.told(who)).count("result_published") == 1
    async with tools.unit_of_work() as work:
        assert len((await work.session.scalars(select(Result))).all()) == 1


async def test_a_certificate_is_issued_once(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        enrolment, officer = await certificate_rows.passed(work, with_portrait=False)

    async def issue(work: Work) -> object:
        await CertificateService(work).issue(officer, enrolment.id)
        return "issued"

    assert await twice(tools, issue) == ["certificate.already_issued", "issued"]
    async with tools.unit_of_work() as work:
        assert len((await work.session.scalars(select(Certificate))).all()) == 1


async def test_the_last_place_of_a_class_goes_to_one(house: House, tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        course = await factories.course_class(work, organisation=house.organisation, capacity=1)
    people = iter([await house.candidate(hours="0", paid=False) for _ in range(2)])

    async def join(work: Work) -> object:
        who = next(people)
        await ClassService(work).enrol_in_class(who.enrolment_id, course.id, who.actor)
        return "joined"

    assert await twice(tools, join) == ["class.full", "joined"]
