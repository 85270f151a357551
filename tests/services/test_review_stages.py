"""The stages of a review: who decides, who sees, what each decision leads to, and what happens when nobody decides."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from scheduler.ticks import TICKS, run_tick
from services import audit
from services.appointments.coverage import CoverageService
from services.cards import CardService
from services.desk.overview import OverviewService
from services.enrolments.account_registration import register_account
from services.enrolments.review import QueueScope, ReviewService
from services.enrolments.service import EnrolmentService
from services.enrolments.stages import Stages
from services.errors import ConflictError, ForbiddenError, NotFoundError, ServiceError
from services.models import AccountOrigin, Actor, EnrolmentState, StaffRole, StageDecision
from services.organisations import OrganisationTree
from services.schemes.kept import several
from services.study.classes import ClassService
from services.unit_of_work import Tools, Work
from storage.tables import Enrolment, Organisation, OutboxMessage, StageRecord
from tests import certificate_rows, factories, trees
from tests.conftest import FixedClock


@dataclass
class Review:
    """One applicant of an institution, and officers everywhere."""

    tools: Tools
    ids: dict[str, UUID]
    enrolment_id: UUID

    def officer(self, where: str, role: StaffRole = StaffRole.OFFICER) -> Actor:
        return factories.staff_actor(self.ids[where], role, name=f"{where}的老师")

    async def approve(self, where: str, note: str = "") -> EnrolmentState:
        async with self.tools.unit_of_work() as work:
            return await ReviewService(work).approve(self.officer(where), self.enrolment_id, note=note)

    async def forward(
        self, where: str, to: str, reason: str = "本市无法组织培训", reference: str = ""
    ) -> None:
        async with self.tools.unit_of_work() as work:
            await ReviewService(work).forward(
                self.officer(where), self.enrolment_id, self.ids[to], reason, reference=reference
            )

    async def waits_at(self) -> str | None:
        """Name of the organisation before which it waits."""
        async with self.tools.unit_of_work() as work:
            return await work.session.scalar(
                select(Organisation.name)
                .join(StageRecord, StageRecord.organisation_id == Organisation.id)
                .where(StageRecord.enrolment_id == self.enrolment_id, StageRecord.decided_at.is_(None))
            )

    async def reads(self, where: str) -> bool:
        """Whether staff there may open it."""
        async with self.tools.unit_of_work() as work:
            try:
                await ReviewService(work).show(self.officer(where, StaffRole.VIEWER), self.enrolment_id)
            except NotFoundError:
                return False
            return True


async def hand_in(work: Work, row: Enrolment) -> None:
    """As a submission does."""
    stages, actor = Stages(work), Actor.system("test")
    logged = audit.enrolment_entry(work, actor, "enrolment.submitted", row, before={}, after={})
    await stages.hand_in(row, await stages.plan(row), logged)


async def review(
    tools: Tools, home: str = trees.LOCAL, channel: str = "local", scheme_id: str = "sichuan-examiner"
) -> Review:
    """In review at its institution."""
    ids = await trees.sichuan(tools)
    async with tools.unit_of_work() as work:
        organisation = await work.session.get_one(Organisation, ids[home])
        row = await factories.enrolment(
            work,
            organisation=organisation,
            follower=await factories.follower(work, account="sichuan"),
            scheme_id=scheme_id,
            state=EnrolmentState.IN_REVIEW,
            channel=channel,
        )
        return Review(tools, ids, row.id)


async def test_local_people_go_to_their_city_and_are_trained_there_d2_d7(tools: Tools) -> None:
    one = await review(tools)
    assert await one.approve(trees.LOCAL, "条件符合，同意推荐") is EnrolmentState.IN_REVIEW
    assert await one.waits_at() == trees.CHENGDU
    async with tools.unit_of_work() as work:
        [told] = (await work.session.scalars(select(OutboxMessage))).all()
        assert (told.notice, told.facts["organisation"]) == ("passed_on", trees.CHENGDU)
        detail = await ReviewService(work).show(one.officer(trees.CHENGDU), one.enrolment_id)
        first, second = detail.chain
        assert (first.organisation, first.actor, first.reason) == (
            trees.LOCAL,
            f"{trees.LOCAL}的老师",
            "条件符合，同意推荐",
        )
        assert (first.decision, second.decision) == (StageDecision.APPROVED, None)
        assert detail.may_decide
        assert detail.organisation == trees.LOCAL
    assert await one.approve(trees.CHENGDU) is EnrolmentState.ADMITTED
    assert await one.waits_at() is None
    async with tools.unit_of_work() as work:
        row = await work.session.get_one(Enrolment, one.enrolment_id)
        assert row.trained_by == one.ids[trees.CHENGDU]


@pytest.mark.parametrize(("channel", "where"), [("local", trees.MIANYANG), ("provincial", trees.PROVINCE)])
async def test_a_provincial_institution_in_a_city_may_use_either_way_d2(
    tools: Tools, channel: str, where: str
) -> None:
    one = await review(tools, trees.PROVINCIAL, channel)
    await one.approve(trees.PROVINCIAL)
    assert await one.waits_at() == where


async def test_a_stage_is_seen_from_when_it_is_reached_and_decided_by_the_present_one_only_b9(
    tools: Tools,
) -> None:
    one = await review(tools)
    assert await one.reads(trees.LOCAL)
    assert not await one.reads(trees.CHENGDU)
    await one.approve(trees.LOCAL)
    assert await one.reads(trees.LOCAL)
    assert await one.reads(trees.CHENGDU)
    assert not await one.reads(trees.MIANYANG)
    assert not await one.reads(trees.PROVINCE)
    with pytest.raises(ForbiddenError, match=r"review\.elsewhere"):
        await one.approve(trees.LOCAL)
    with pytest.raises(NotFoundError):
        await one.approve(trees.MIANYANG)
    async with tools.unit_of_work() as work:
        service = ReviewService(work)
        for where, here, seen in (
            (trees.LOCAL, 0, 1),
            (trees.CHENGDU, 1, 1),
            (trees.MIANYANG, 0, 0),
            (trees.PROVINCE, 0, 0),
        ):
            assert (await service.queue(one.officer(where))).total == here, where
            assert (await service.queue(one.officer(where), scope=QueueScope.ALL)).total == seen, where
            assert (await OverviewService(work).todos(one.officer(where))).to_review == here
        with pytest.raises(ForbiddenError, match=r"access\.read_only"):
            await service.approve(one.officer(trees.CHENGDU, StaffRole.VIEWER), one.enrolment_id)


async def test_a_city_that_cannot_forwards_to_the_province_with_its_written_request_d2(tools: Tools) -> None:
    one = await review(tools)
    await one.approve(trees.LOCAL)
    async with tools.unit_of_work() as work:
        targets = await ReviewService(work).forward_targets(one.officer(trees.CHENGDU), one.enrolment_id)
        assert [target.name for target in targets] == [trees.PROVINCE, trees.MIANYANG]
        before = (await ReviewService(work).show(one.officer(trees.CHENGDU), one.enrolment_id)).revision
    for reason, to, code in (
        ("", trees.PROVINCE, r"review\.no_reason"),
        ("字" * 201, trees.PROVINCE, r"review\.reason_too_long"),
        ("请代办", trees.LOCAL, r"review\.forward_target"),
    ):
        with pytest.raises(ServiceError, match=code):
            await one.forward(trees.CHENGDU, to, reason)
    await one.forward(trees.CHENGDU, trees.PROVINCE, reference="成职鉴函〔2024〕3号")
    assert await one.waits_at() == trees.PROVINCE
    assert await one.reads(trees.CHENGDU)
    async with tools.unit_of_work() as work:
        detail = await ReviewService(work).show(one.officer(trees.PROVINCE), one.enrolment_id)
        assert detail.revision > before
        forwarded = detail.chain[1]
        assert (forwarded.decision, forwarded.reference) == (StageDecision.FORWARDED, "成职鉴函〔2024〕3号")
        assert detail.chain[2].label == forwarded.label
    assert await one.approve(trees.PROVINCE) is EnrolmentState.ADMITTED


async def test_a_correction_comes_back_to_whoever_sent_it_back_d7(tools: Tools) -> None:
    one = await review(tools)
    await one.approve(trees.LOCAL)
    await one.forward(trees.CHENGDU, trees.MIANYANG)
    async with tools.unit_of_work() as work:
        await ReviewService(work).return_for_correction(
            one.officer(trees.MIANYANG), one.enrolment_id, {"employer": "请填写全称"}
        )
    assert await one.waits_at() is None
    async with tools.unit_of_work() as work:
        row = await work.session.get_one(Enrolment, one.enrolment_id)
        await hand_in(work, row)
        row.state, row.returned = EnrolmentState.IN_REVIEW, {}
    assert await one.waits_at() == trees.MIANYANG
    async with tools.unit_of_work() as work:
        detail = await ReviewService(work).show(one.officer(trees.LOCAL), one.enrolment_id)
        assert [stage.round for stage in detail.chain] == [1, 1, 1, 2]
        assert detail.chain[2].items == {"工作单位": "请填写全称"}
        assert not detail.may_decide


async def test_a_correction_that_changes_the_way_enters_what_is_new_on_it_d7(tools: Tools) -> None:
    one = await review(tools, trees.PROVINCIAL)
    await one.approve(trees.PROVINCIAL)
    async with tools.unit_of_work() as work:
        await ReviewService(work).return_for_correction(
            one.officer(trees.MIANYANG), one.enrolment_id, {"channel": "请选择省职鉴中心"}
        )
        row = await work.session.get_one(Enrolment, one.enrolment_id)
        row.answers = {**row.answers, "channel": "provincial"}
        await hand_in(work, row)
        row.state = EnrolmentState.IN_REVIEW
    assert await one.waits_at() == trees.PROVINCE


async def test_a_local_institution_s_people_cannot_pass_over_their_city_d2(tools: Tools) -> None:
    one = await review(tools)
    async with tools.unit_of_work() as work:
        row = await work.session.get_one(Enrolment, one.enrolment_id)
        row.answers = {**row.answers, "channel": "provincial"}
        with pytest.raises(ConflictError, match=r"review\.not_direct") as refused:
            await Stages(work).plan(row)
        assert refused.value.facts["field"] == "channel"


async def test_a_rejection_ends_the_chain_and_a_withdrawal_leaves_nothing_waiting(tools: Tools) -> None:
    one = await review(tools)
    async with tools.unit_of_work() as work:
        await ReviewService(work).reject(one.officer(trees.LOCAL), one.enrolment_id, "材料不属于本人")
    async with tools.unit_of_work() as work:
        [stage] = (await ReviewService(work).show(one.officer(trees.LOCAL), one.enrolment_id)).chain
        assert (stage.decision, stage.reason) == (StageDecision.REJECTED, "材料不属于本人")
        other = await factories.enrolment(
            work,
            organisation=await work.session.get_one(Organisation, one.ids[trees.LOCAL]),
            follower=await factories.follower(work, account="sichuan"),
            scheme_id="sichuan-examiner",
            state=EnrolmentState.IN_REVIEW,
            identity_number=factories.identity_number(7),
        )
        await EnrolmentService(work).withdraw(
            other.id, follower_id=other.follower_id, actor=Actor.system("test")
        )
        await work.session.flush()
        assert await Stages(work).records.present(other.id) is None


async def test_nobody_there_for_the_next_stage_stops_the_approval_and_says_so(tools: Tools) -> None:
    one = await review(tools)
    async with tools.unit_of_work() as work:
        for city in (trees.CHENGDU, trees.MIANYANG):
            (await work.session.get_one(Organisation, one.ids[city])).status = "ended"
    with pytest.raises(ConflictError, match=r"review\.nobody"):
        await one.approve(trees.LOCAL)
    assert await one.waits_at() == trees.LOCAL


async def test_what_waits_stays_where_it_is_when_the_tree_changes(tools: Tools) -> None:
    one = await review(tools)
    await one.approve(trees.LOCAL)
    async with tools.unit_of_work() as work:
        await OrganisationTree(work).move(trees.SYSTEM, one.ids[trees.LOCAL], one.ids[trees.MIANYANG])
    assert await one.waits_at() == trees.CHENGDU


async def test_an_overdue_stage_is_listed_and_reminded_of_when_due_and_every_three_days_d7(
    tools: Tools, clock: FixedClock
) -> None:
    one = await review(tools)
    await one.approve(trees.LOCAL)
    [tick] = [item for item in TICKS if item.name == "remind_overdue_stages"]
    ran = iter(datetime(2027, 1, 1, tzinfo=UTC) + timedelta(hours=hours) for hours in range(99))

    async def reminders() -> int:
        await run_tick(tools, tick, next(ran))
        async with tools.unit_of_work() as work:
            detail = await ReviewService(work).show(one.officer(trees.CHENGDU), one.enrolment_id)
            return detail.chain[-1].reminders

    assert await reminders() == 0
    # Ten days after Saturday the 21st is Tuesday, 1 December.
    clock.moment = datetime(2026, 12, 1, 16, 0, tzinfo=UTC)
    assert await reminders() == 1
    assert await reminders() == 1
    clock.move(days=3)
    assert await reminders() == 2
    async with tools.unit_of_work() as work:
        told = (
            await work.session.scalars(select(OutboxMessage).where(OutboxMessage.notice == "overdue"))
        ).all()
        assert len(told) == 1
        officer = one.officer(trees.CHENGDU)
        assert (await OverviewService(work).todos(officer)).overdue == 1
        page = await ReviewService(work).queue(officer, scope=QueueScope.OVERDUE)
        assert [(line.overdue, line.waits_at) for line in page.items] == [(True, trees.CHENGDU)]
        assert (await OverviewService(work).todos(one.officer(trees.LOCAL))).overdue == 0


async def test_the_five_of_cqc_decide_one_after_the_other_and_each_reads_what_was_said_e5_e6(
    tools: Tools,
) -> None:
    ids = await trees.cqc(tools)
    chain = (trees.LABORATORY, trees.SUB_CENTRE, trees.TRAINING, trees.QUALITY, trees.BUSINESS)
    async with tools.unit_of_work() as work:
        row = await factories.enrolment(
            work,
            organisation=await work.session.get_one(Organisation, ids[trees.LABORATORY]),
            follower=await factories.follower(work, account="cqc"),
            scheme_id="cqc-liaison-officer",
            state=EnrolmentState.IN_REVIEW,
            laboratory=trees.LABORATORY,
            fields=several(["CCC"]),
        )
        one = Review(tools, ids, row.id)
        await CoverageService(work).set_business(
            one.officer(trees.LABORATORY), ids[trees.LABORATORY], ["CCC"]
        )
    for index, where in enumerate(chain):
        assert await one.waits_at() == where
        assert [name for name in chain if await one.reads(name)] == list(chain[: index + 1])
        if where == trees.SUB_CENTRE:
            async with tools.unit_of_work() as work:
                await register_account(
                    work,
                    one.officer(where),
                    one.enrolment_id,
                    login="",
                    origin=AccountOrigin.CREATED,
                    mailed_on=date(2026, 11, 20),
                )
        await one.approve(where, f"{where}同意")
    async with tools.unit_of_work() as work:
        detail = await ReviewService(work).show(one.officer(trees.LABORATORY), one.enrolment_id)
        assert [stage.reason for stage in detail.chain] == [f"{where}同意" for where in chain]
        assert detail.state is EnrolmentState.CONCLUDED


@pytest.mark.parametrize(
    ("scheme_id", "forwarded", "trainer"),
    [
        ("sichuan-examiner", False, trees.CHENGDU),
        ("sichuan-examiner", True, trees.PROVINCE),
        ("sichuan-senior-examiner", False, trees.PROVINCE),
    ],
)
async def test_who_trains_offers_the_class_and_makes_the_card_d2_d7(
    tools: Tools, scheme_id: str, forwarded: bool, trainer: str
) -> None:
    one = await review(tools, scheme_id=scheme_id)
    await one.approve(trees.LOCAL)
    if forwarded:
        await one.forward(trees.CHENGDU, trees.PROVINCE)
    await one.approve(trees.PROVINCE if forwarded else trees.CHENGDU)
    assert await one.reads(trainer)
    async with tools.unit_of_work() as work:
        for where in (trees.LOCAL, trees.CHENGDU, trees.PROVINCE):
            await factories.course_class(
                work,
                organisation=await work.session.get_one(Organisation, one.ids[where]),
                scheme_id=scheme_id,
                code=where,
            )
        offered = await ClassService(work).joinable(one.enrolment_id)
        assert [view.code for view in offered] == [trainer]
        await ClassService(work).enrol_in_class(one.enrolment_id, offered[0].id, one.officer(trainer))
        row = await work.session.get_one(Enrolment, one.enrolment_id)
        sitting = await certificate_rows.sitting(
            work, await work.session.get_one(Organisation, one.ids[trainer]), "S-1"
        )
        await certificate_rows.result(work, row, sitting, grade="合格")
        for where in (trees.LOCAL, trees.CHENGDU, trees.PROVINCE):
            waiting = await CardService(work).waiting(one.officer(where))
            assert [line.number for line in waiting] == ([row.number] if where == trainer else []), where
