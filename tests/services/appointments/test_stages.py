"""What the five stages of CQC's chain carry out: recommendation, account, appointment, login (E1, E4, E5, E6)."""

import pytest
from sqlalchemy import select

from services.appointments import AppointmentService
from services.enrolments.review import ReviewService
from services.enrolments.service import EnrolmentService
from services.errors import ConflictError, ForbiddenError
from services.models import AccountOrigin, Actor, AppointmentState, EnrolmentState, LoginRight
from services.unit_of_work import Tools
from storage.states import OrganisationStatus
from storage.tables import AppointmentNumber, AuditEntry, BusinessAccount, Enrolment, Organisation
from tests import factories
from tests.appointment_stories import OTHER_LABORATORY, open_house, said


async def test_five_stages_lead_from_the_recommendation_to_the_login_e1_e5(tools: Tools) -> None:
    house = await open_house(tools)
    enrolment_id = await house.applicant("CCC", "CB")
    await house.approve(enrolment_id)
    with pytest.raises(ConflictError, match=r"account\.missing"):
        await house.approve(enrolment_id)
    await house.account(enrolment_id, mailed_on=None)
    with pytest.raises(ConflictError, match=r"account\.password_not_mailed"):
        await house.approve(enrolment_id)
    await house.account(enrolment_id)
    await house.approve(enrolment_id)
    await house.approve(enrolment_id)
    async with tools.unit_of_work() as work:
        [line] = (await AppointmentService(work).list_lines(house.officer("training"))).items
        assert (line.number, line.fields, line.state) == ("CQC000001", ("CCC", "CB"), AppointmentState.ACTIVE)
        assert line.right is LoginRight.NONE
        [told] = await said(work, "appointed")
        assert "聘用号：CQC000001" in told
        assert "认证领域：CCC、CB" in told
        [mailed] = await said(work, "account_ready")
        assert "w***@example.com" in mailed
    assert await house.approve(enrolment_id, 2) is EnrolmentState.CONCLUDED
    async with tools.unit_of_work() as work:
        [line] = (await AppointmentService(work).list_lines(house.officer("business"))).items
        assert (line.right, line.right_to_apply) == (LoginRight.GRANTED, False)
        assert "可以登录《CQC 产品认证业务管理系统》" in (await said(work, "login_granted"))[0]
        # Nothing is to be paid or learnt after it.
        assert await said(work, "admitted") == []


async def test_a_first_timer_s_login_is_the_identity_number_and_never_lies_open_e5(tools: Tools) -> None:
    house = await open_house(tools)
    enrolment_id = await house.applicant("CCC")
    await house.approve(enrolment_id)
    await house.account(enrolment_id)
    number = factories.identity_number(1)
    async with tools.unit_of_work() as work:
        [account] = (await work.session.scalars(select(BusinessAccount))).all()
        assert number.encode() not in account.login_cipher
        for entry in await work.session.scalars(select(AuditEntry)):
            assert number not in f"{entry.before}{entry.after}{entry.reason}"
    await house.approve(enrolment_id, 2)
    async with tools.unit_of_work() as work:
        service, officer = AppointmentService(work), house.officer("business")
        [line] = (await service.list_lines(officer)).items
        shown = await service.show(officer, line.id)
        assert shown.account is not None
        assert shown.account.login_masked == f"{number[:3]}***********{number[-4:]}"
        assert await service.reveal_login(officer, line.id) == number
    async with tools.unit_of_work() as work:
        # A look is logged, and is nothing that became of the appointment.
        assert "login.revealed" in list(await work.session.scalars(select(AuditEntry.action)))
        history = (await AppointmentService(work).show(officer, line.id)).history
        assert "login.revealed" not in [item.action for item in history]


async def test_who_has_a_qualification_already_reuses_account_and_number_e5(tools: Tools) -> None:
    house = await open_house(tools)
    enrolment_id = await house.applicant("CCC")
    await house.approve(enrolment_id)
    await house.account(
        enrolment_id, login="wangxm", origin=AccountOrigin.EXISTING, mailed_on=None, number="2009-1-0815"
    )
    await house.approve(enrolment_id, 2)
    async with tools.unit_of_work() as work:
        [line] = (await AppointmentService(work).list_lines(house.officer("training"))).items
        assert line.number == "2009-1-0815"
        assert await said(work, "account_ready") == []


async def test_one_person_has_one_number_for_ever_whatever_ends_and_comes_again_e5(tools: Tools) -> None:
    house = await open_house(tools)
    first = await house.appointed("CCC")
    other = await house.appointed("CCC", name="李红", serial=2)
    async with tools.unit_of_work() as work:
        service, officer = AppointmentService(work), house.officer("training")
        assert (await service.show(officer, other)).line.number == "CQC000002"
        await service.end(officer, first, "离职", uncovers=())
    again = await house.applicant("CCC", "CB", laboratory=OTHER_LABORATORY)
    await house.approve(again, 5)
    async with tools.unit_of_work() as work:
        lines = (await AppointmentService(work).list_lines(officer, query="王小明")).items
        assert {(line.number, line.state) for line in lines} == {
            ("CQC000001", AppointmentState.ENDED),
            ("CQC000001", AppointmentState.ACTIVE),
        }
        assert len((await work.session.scalars(select(AppointmentNumber))).all()) == 2
        found = await AppointmentService(work).find_by_number(officer, "cqc000001")
        assert (await AppointmentService(work).show(officer, found)).line.state is AppointmentState.ACTIVE


async def test_a_second_application_adds_fields_to_the_appointment_that_stands_e4_e5(tools: Tools) -> None:
    house = await open_house(tools)
    first = await house.appointed("CCC")
    again = await house.applicant("CB", "PSE")
    await house.approve(again, 5)
    async with tools.unit_of_work() as work:
        [line] = (await AppointmentService(work).list_lines(house.officer("training"))).items
        assert (line.id, line.fields) == (first, ("CCC", "CB", "PSE"))
        # The login was there already; nobody is told twice.
        assert len(await said(work, "login_granted")) == 1


async def test_a_laboratory_recommends_when_all_who_apply_cover_its_business_together_e4(
    tools: Tools,
) -> None:
    house = await open_house(tools)
    await house.business("laboratory", "CCC", "CB", "PSE")
    first = await house.applicant("CCC")
    with pytest.raises(ConflictError) as refused:
        await house.approve(first)
    assert (refused.value.code, refused.value.facts["fields"]) == ("appointment.coverage_gap", "CB、PSE")
    await house.applicant("CB", "PSE", name="李红", serial=2)
    await house.approve(first)


async def test_a_laboratory_that_is_closed_or_did_not_say_what_it_does_recommends_nobody_e4(
    tools: Tools,
) -> None:
    house = await open_house(tools)
    closed = await house.applicant(laboratory=OTHER_LABORATORY)
    async with tools.unit_of_work() as work:
        (await work.session.get_one(Organisation, house.ids["other"])).status = OrganisationStatus.ENDED
    with pytest.raises(ConflictError, match=r"appointment\.no_laboratory"):
        await house.approve(closed)
    async with tools.unit_of_work() as work:
        await factories.organisation(work, "新来的实验室", "laboratory")
    with pytest.raises(ConflictError, match=r"appointment\.business_missing"):
        await house.approve(await house.applicant(name="李红", serial=2, laboratory="新来的实验室"))


async def test_only_who_is_appointed_gets_a_login_e1(tools: Tools) -> None:
    house = await open_house(tools)
    appointment_id = await house.appointed("CCC", "CB", stages=4)
    async with tools.unit_of_work() as work:
        await AppointmentService(work).suspend(
            house.officer("training"), appointment_id, "核查中", uncovers=("CCC",)
        )
        enrolment_id = await work.session.scalar(select(Enrolment.id))
    assert enrolment_id is not None
    with pytest.raises(ConflictError, match=r"login\.not_appointed"):
        await house.approve(enrolment_id)


async def test_an_approval_that_cannot_be_carried_out_approves_nothing_e1(tools: Tools) -> None:
    house = await open_house(tools)
    enrolment_id = await house.applicant("CCC")
    await house.approve(enrolment_id)
    with pytest.raises(ConflictError):
        await house.approve(enrolment_id)
    async with tools.unit_of_work() as work:
        row = await work.session.get_one(Enrolment, enrolment_id)
        assert (row.stage, row.state) == (1, EnrolmentState.IN_REVIEW)


async def test_a_login_that_somebody_else_has_is_refused_e5(tools: Tools) -> None:
    house = await open_house(tools)
    await house.appointed("CCC")
    second = await house.applicant("CCC", name="李红", serial=2)
    await house.approve(second)
    with pytest.raises(ConflictError, match=r"account\.login_taken"):
        await house.account(second, login=factories.identity_number(1))
    third = await house.applicant("CCC", name="赵明", serial=3)
    with pytest.raises(ConflictError, match=r"account\.not_now"):
        await house.account(third)


async def test_a_login_that_is_refused_leaves_the_appointment_and_can_be_asked_for_again_e6(
    tools: Tools,
) -> None:
    house = await open_house(tools)
    appointment_id = await house.appointed("CCC", stages=3)
    async with tools.unit_of_work() as work:
        enrolment_id = (
            await AppointmentService(work).show(house.officer("training"), appointment_id)
        ).enrolment_id
    quality = house.officer("quality")
    async with tools.unit_of_work() as work:
        with pytest.raises(ConflictError, match=r"review\.appointed_already"):
            await ReviewService(work).return_for_correction(
                quality, enrolment_id, {"major": "与学历证明不一致"}
            )
        row = await work.session.get_one(Enrolment, enrolment_id)
        with pytest.raises(ConflictError, match=r"enrolment\.closed"):
            await EnrolmentService(work).withdraw(
                enrolment_id, follower_id=row.follower_id, actor=Actor.system("test")
            )
        state = await ReviewService(work).reject(quality, enrolment_id, "工位尚未备案")
        assert state is EnrolmentState.CONCLUDED
        told = (await said(work, "login_refused"))[0]
        assert "聘用仍然有效。\n原因：工位尚未备案" in told
        assert await said(work, "rejected") == []
        shown = await AppointmentService(work).show(house.officer("laboratory"), appointment_id)
        assert (shown.line.state, shown.line.right) == (AppointmentState.ACTIVE, LoginRight.NONE)
        assert shown.may.request_login
        assert (shown.history[0].action, shown.history[0].reason) == ("login.refused", "工位尚未备案")
        await AppointmentService(work).request_login(house.officer("laboratory"), appointment_id)
        # 质量技术部 takes the request, 综合业务部 grants.
        assert not (await AppointmentService(work).show(quality, appointment_id)).may.grant_login
        with pytest.raises(ForbiddenError):
            await AppointmentService(work).grant_login(quality, appointment_id)
        await AppointmentService(work).grant_login(house.officer("business"), appointment_id)
        shown = await AppointmentService(work).show(house.officer("laboratory"), appointment_id)
        assert shown.line.right is LoginRight.GRANTED
        # Nobody reads of the refusal any more, but in the stages and the history.
        detail = await ReviewService(work).show(quality, enrolment_id)
        assert (detail.decision_reason, detail.chain[3].reason) == ("", "工位尚未备案")
