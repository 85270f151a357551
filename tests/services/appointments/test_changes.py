"""Suspending, restoring, ending (E4, E6), evaluating (E7), changing what somebody is appointed for (E8), and who sees it (B9)."""

import pytest

from services.appointments import AppointmentService
from services.appointments.changes import amend
from services.appointments.coverage import CoverageService
from services.errors import ConflictError, ForbiddenError, NotFoundError, ServiceError
from services.models import AppointmentState, Decision, LoginRight, StaffRole
from services.unit_of_work import Tools
from tests import factories
from tests.appointment_stories import House, open_house, said

#: What nobody covers once the only one of a laboratory goes, as whoever decides has seen.
SEEN = ("CCC",)


async def test_the_login_follows_at_once_what_happens_to_the_appointment_e6(tools: Tools) -> None:
    house = await open_house(tools)
    appointment_id = await house.appointed("CCC")
    officer = house.officer("training")
    async with tools.unit_of_work() as work:
        service = AppointmentService(work)
        suspended = await service.suspend(officer, appointment_id, "投诉核查", uncovers=SEEN)
        assert (suspended.state, suspended.right) == (AppointmentState.SUSPENDED, LoginRight.SUSPENDED)
        # The business system has still to be told.
        assert suspended.right_to_apply
        await service.confirm_right(house.officer("business"), appointment_id)
        restored = await service.restore(officer, appointment_id, "核查无误")
        assert (restored.state, restored.right) == (AppointmentState.ACTIVE, LoginRight.GRANTED)
        ended = await service.end(officer, appointment_id, "退休", uncovers=SEEN)
        assert (ended.state, ended.right) == (AppointmentState.ENDED, LoginRight.REVOKED)
        with pytest.raises(ConflictError, match=r"appointment\.wrong_state"):
            await service.restore(officer, appointment_id, "再来")
        told = "".join(await said(work, "appointment_changed"))
        assert "已暂停，登录权限同时暂停。\n原因：投诉核查" in told
        assert "已终止，登录权限同时取消。\n原因：退休" in told
        history = [line.action for line in (await service.show(officer, appointment_id)).history]
        assert history == [
            "appointment.ended", "appointment.restored", "login.applied", "appointment.suspended",
            "login.granted", "appointment.made",
        ]  # fmt: skip


async def test_whoever_leaves_a_field_uncovered_goes_only_after_a_second_look_e4(tools: Tools) -> None:
    house = await open_house(tools)
    await house.business("laboratory", "CCC", "CB")
    # Both apply before either is recommended, or the laboratory's business is not covered.
    first, second = await house.applicant("CCC", "CB"), await house.applicant("CCC", name="李红", serial=2)
    for enrolment_id in (first, second):
        await house.approve(enrolment_id)
        await house.account(enrolment_id)
        await house.approve(enrolment_id, 2)
    officer = house.officer("training")
    async with tools.unit_of_work() as work:
        service = AppointmentService(work)
        ids = {line.name: line.id for line in (await service.list_lines(officer)).items}
        assert (await service.show(officer, ids["王小明"])).would_uncover == ("CB",)
        assert (await service.show(officer, ids["李红"])).would_uncover == ()
        with pytest.raises(ConflictError) as refused:
            await service.suspend(officer, ids["王小明"], "出国进修")
        assert (refused.value.code, refused.value.facts["fields"]) == ("appointment.uncovers", "CB")
        await service.suspend(officer, ids["王小明"], "出国进修", uncovers=("CB",))
        seen = await CoverageService(work).show(house.officer("laboratory"), house.ids["laboratory"])
        assert (seen.gaps, [line.name for line in seen.people]) == (("CB",), ["李红"])


async def test_a_change_needs_a_reason_and_an_officer_of_the_training_centre(tools: Tools) -> None:
    house = await open_house(tools)
    appointment_id = await house.appointed("CCC")
    async with tools.unit_of_work() as work:
        service = AppointmentService(work)
        for reason, code in (("  ", r"appointment\.no_reason"), ("长" * 201, r"reason_too_long")):
            with pytest.raises(ServiceError, match=code):
                await service.end(house.officer("training"), appointment_id, reason)
        for where in ("laboratory", "sub_centre", "business", "product"):
            with pytest.raises(NotFoundError):
                await service.end(house.officer(where), appointment_id, "试")
        with pytest.raises(ForbiddenError):
            await service.end(house.officer("training", StaffRole.VIEWER), appointment_id, "试")


async def test_everybody_sees_the_people_that_are_theirs_and_no_others_b9(tools: Tools) -> None:
    house = await open_house(tools)
    mine = await house.appointed("CCC")
    await house.appointed("CCC", name="李红", serial=2, laboratory="另一家电器检测中心")
    seen = {
        "laboratory": ["王小明"], "other": ["李红"], "sub_centre": ["李红", "王小明"], "training": ["李红", "王小明"],
        "quality": ["李红", "王小明"], "product": ["李红", "王小明"],
    }  # fmt: skip
    async with tools.unit_of_work() as work:
        service = AppointmentService(work)
        for where, names in seen.items():
            lines = (await service.list_lines(house.officer(where))).items
            assert sorted(line.name for line in lines) == sorted(names), where
        with pytest.raises(NotFoundError):
            await service.show(house.officer("other"), mine)
        elsewhere = await factories.organisation(work, "CQC 浙江分中心", "cqc_sub_centre")
        assert (await service.list_lines(factories.staff_actor(elsewhere.id))).total == 0
        laboratories = await CoverageService(work).list_lines(house.officer("sub_centre"))
        assert len(laboratories) == 2
        assert len(await CoverageService(work).list_lines(house.officer("laboratory"))) == 1
        with pytest.raises(ForbiddenError):
            await CoverageService(work).set_business(
                house.officer("training"), house.ids["laboratory"], ["CCC"]
            )
        with pytest.raises(ServiceError, match=r"unknown_field"):
            await CoverageService(work).set_business(
                house.officer("sub_centre"), house.ids["laboratory"], ["XYZ"]
            )


async def evaluated(house: House, *where: str) -> None:
    async with house.tools.unit_of_work() as work:
        service = AppointmentService(work)
        [line] = (await service.list_lines(house.officer("training"))).items
        for one in where:
            await service.evaluate(
                house.officer(one), line.id, period="2026年度", mark="需改进", remark="材料常有缺项"
            )


async def test_departments_and_the_sub_centre_evaluate_and_the_training_centre_decides_e7(
    tools: Tools,
) -> None:
    house = await open_house(tools)
    appointment_id = await house.appointed("CCC")
    officer = house.officer("training")
    async with tools.unit_of_work() as work:
        with pytest.raises(ConflictError, match=r"evaluation\.none"):
            await AppointmentService(work).decide(
                officer, appointment_id, Decision.KEEP, "合格", period="2026年度"
            )
    await evaluated(house, "product", "sub_centre")
    with pytest.raises(ConflictError, match=r"evaluation\.given"):
        await evaluated(house, "product")
    for where in ("laboratory", "training", "quality"):
        with pytest.raises(ForbiddenError):
            await evaluated(house, where)
    async with tools.unit_of_work() as work:
        service = AppointmentService(work)
        with pytest.raises(ServiceError, match=r"evaluation\.mark"):
            await service.evaluate(
                house.officer("business"), appointment_id, period="2026年度", mark="好", remark=""
            )
        await service.decide(officer, appointment_id, Decision.KEEP, "限期改进", period="2026年度")
        assert "2026年度的持续评价已完成" in (await said(work, "appointment_kept"))[0]
        shown = await service.show(officer, appointment_id)
        assert {one.organisation for one in shown.evaluations} == {"CQC 产品一部", "CQC 广东分中心"}
        assert [one.decision for one in shown.decisions] == [Decision.KEEP]


async def test_a_bad_evaluation_can_end_the_appointment_and_with_it_the_login_e7_e6(tools: Tools) -> None:
    house = await open_house(tools)
    appointment_id = await house.appointed("CCC")
    await evaluated(house, "business")
    async with tools.unit_of_work() as work:
        service, officer = AppointmentService(work), house.officer("training")
        await service.decide(
            officer, appointment_id, Decision.END, "多次违反规定", period="2026年度", uncovers=SEEN
        )
        line = (await service.show(officer, appointment_id)).line
        assert (line.state, line.right) == (AppointmentState.ENDED, LoginRight.REVOKED)
    with pytest.raises(ConflictError, match=r"evaluation\.decided"):
        async with tools.unit_of_work() as work:
            await AppointmentService(work).decide(
                officer, appointment_id, Decision.KEEP, "再议", period="2026年度"
            )


async def test_a_change_of_the_qualification_is_told_and_keeps_the_number_e8(tools: Tools) -> None:
    house = await open_house(tools)
    appointment_id = await house.appointed("CCC")
    officer = house.officer("training")
    async with tools.unit_of_work() as work:
        await amend(
            work, officer, appointment_id,
            fields=["PSE", "CB"], laboratory_id=house.ids["other"], reason="调动",
        )  # fmt: skip
        await work.session.flush()
        line = (await AppointmentService(work).show(officer, appointment_id)).line
        assert (line.number, line.fields, line.laboratory) == (
            "CQC000001",
            ("CB", "PSE"),
            "另一家电器检测中心",
        )
        assert "认证领域：CB、PSE" in (await said(work, "appointment_amended"))[0]


async def test_a_login_is_requested_by_the_laboratory_and_granted_by_the_business_department_e6(
    tools: Tools,
) -> None:
    house = await open_house(tools)
    appointment_id = await house.appointed("CCC", stages=3)
    async with tools.unit_of_work() as work:
        service = AppointmentService(work)
        await service.request_login(house.officer("laboratory"), appointment_id)
        assert (await service.show(house.officer("quality"), appointment_id)).line.login_requested
        for where in ("laboratory", "product"):
            with pytest.raises(ForbiddenError):
                await service.grant_login(house.officer(where), appointment_id)
        await service.grant_login(house.officer("business"), appointment_id)
        line = (await service.show(house.officer("laboratory"), appointment_id)).line
        assert (line.right, line.login_requested) == (LoginRight.GRANTED, False)
        with pytest.raises(ConflictError, match=r"login\.granted"):
            await service.request_login(house.officer("laboratory"), appointment_id)
