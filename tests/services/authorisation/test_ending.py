"""C3, C4, C13, C14: findings, proposals, suspension and ending."""

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from services.authorisation import attempts, changes
from services.authorisation.findings import FindingService
from services.authorisation.proposals import ProposalService
from services.authorisation.registry import RegistryService
from services.authorisation.standing import NotAuthorisedError
from services.errors import ConflictError, ForbiddenError, NotFoundError, ServiceError
from services.models import ClassState
from services.study.class_notices import ClassNoticeService
from services.unit_of_work import Tools, Work
from storage.authorisation_states import AuthorisationState, EndingCause, FindingKind
from storage.tables import AuditEntry, RefusedAttempt
from tests import sub_centres
from tests.sub_centres import SubCentre

DAY = date(2026, 11, 20)


async def found(work: Work, sub_centre: SubCentre, text: str) -> None:
    await FindingService(work).record(
        sub_centre.society_officer,
        sub_centre.authorisation_id,
        kind=FindingKind.OUT_OF_SCOPE,
        found_on=DAY,
        text=text,
    )


async def test_the_third_finding_proposes_the_ending_and_a_person_decides_c3(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        sub_centre = await sub_centres.authorised(work)
        service = ProposalService(work)
        for text in ("开设未授权的热工班", "再次开设未授权的热工班"):
            await found(work, sub_centre, text)
        assert not await service.open_ones(sub_centre.society_officer)
        await found(work, sub_centre, "第三次开设未授权的热工班")
        (proposal,) = await service.open_ones(sub_centre.society_officer)
        assert (proposal.cause, proposal.facts["findings"]) == (EndingCause.OUT_OF_SCOPE, 3)
        view = await RegistryService(work).show(sub_centre.society_officer, sub_centre.authorisation_id)
        assert view.state is AuthorisationState.ACTIVE
        with pytest.raises(ForbiddenError):
            await service.end(sub_centre.society_officer, proposal.id, "三次超范围")
        await service.end(sub_centre.society_admin, proposal.id, "三次超范围")
        with pytest.raises(ConflictError):
            await service.keep(sub_centre.society_admin, proposal.id, "特殊情况")
        ended = await RegistryService(work).show(sub_centre.society_officer, sub_centre.authorisation_id)
        assert (ended.state, ended.cause) == (AuthorisationState.ENDED, "out_of_scope")


async def test_a_special_case_is_kept_with_its_reason_c13(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        sub_centre = await sub_centres.authorised(work)
        for text in "一二三":
            await found(work, sub_centre, text)
        service = ProposalService(work)
        (proposal,) = await service.open_ones(sub_centre.society_officer)
        with pytest.raises(ServiceError):
            await service.keep(sub_centre.society_admin, proposal.id, " ")
        await service.keep(sub_centre.society_admin, proposal.id, "疫情防控期间")
        assert not await service.open_ones(sub_centre.society_officer)
        assert await sub_centres.open_class(work, sub_centre)


async def test_ending_stops_all_at_once_and_the_agreement_ends_with_it_c4_c13(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        for cause in (
            EndingCause.AGENTS,
            EndingCause.LEAKED_PAPERS,
            EndingCause.LAX_INVIGILATION,
            EndingCause.UNTRAINED,
        ):
            sub_centre = await sub_centres.authorised(work, f"分中心 {cause}", plaque=f"FZX-{cause}")
            identity, admin = sub_centre.authorisation_id, sub_centre.society_admin
            course = await sub_centres.open_class(work, sub_centre, code=f"CD4-{cause}")
            with pytest.raises(ForbiddenError):
                await changes.end(work, sub_centre.society_officer, identity, cause, "查实")
            with pytest.raises(NotFoundError):
                await changes.end(work, sub_centre.officer, identity, cause, "查实")
            await changes.end(work, admin, identity, cause, "查实")
            own = await RegistryService(work).own(sub_centre.officer)
            assert own is not None
            assert (own.state, own.cause) == (AuthorisationState.ENDED, cause)
            assert own.agreed_until == own.ended_on == date(2026, 11, 21)
            assert (await ClassNoticeService(work).by_code(course.code)).state is ClassState.CLOSED
            with pytest.raises(NotAuthorisedError):
                await sub_centres.open_class(work, sub_centre, code="CD4-2026-13")
        entries = await work.session.scalars(
            select(AuditEntry).where(AuditEntry.action == "authorisation.ended").order_by(AuditEntry.id)
        )
        told = [(entry.actor_name, entry.reason, entry.after["cause"]) for entry in entries]
        assert told[0] == ("学会王主任", "查实", "agents")
        assert len(told) == 4


async def test_an_investigation_suspends_until_it_is_lifted_or_ends_c14(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        sub_centre = await sub_centres.authorised(work)
        course = await sub_centres.open_class(work, sub_centre)
        identity, admin = sub_centre.authorisation_id, sub_centre.society_admin
        with pytest.raises(ConflictError) as uninvestigated:
            await changes.end(work, admin, identity, EndingCause.INVESTIGATION, "存在问题")
        assert uninvestigated.value.code == "authorisation.not_investigated"
        await changes.suspend(work, sub_centre.society_officer, identity, "税务部门介入调查")
        await work.session.flush()
        assert not await ClassNoticeService(work).list_open()
        with pytest.raises(NotAuthorisedError) as refused:
            await sub_centres.open_class(work, sub_centre, code="CD4-2026-13")
        assert refused.value.facts["reason"] == "税务部门介入调查"
        await changes.lift(work, sub_centre.society_officer, identity, "调查结束，没有问题")
        await work.session.flush()
        assert [one.code for one in await ClassNoticeService(work).list_open()] == [course.code]
        await changes.suspend(work, admin, identity, "市场监管部门介入调查")
        ended = await changes.end(work, admin, identity, EndingCause.INVESTIGATION, "存在问题")
        assert ended.state == AuthorisationState.ENDED


async def test_a_refused_attempt_is_kept_and_taken_up_as_a_finding_once_c3(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        sub_centre = await sub_centres.authorised(work)
    with pytest.raises(NotAuthorisedError) as refused:
        async with tools.unit_of_work() as work:
            await sub_centres.open_class(work, sub_centre, scheme_id="metrology-thermal-4")
    await attempts.note(tools, sub_centre.officer, refused.value)
    async with tools.unit_of_work() as work:
        registry = RegistryService(work)
        seen = await registry.show(sub_centre.society_officer, sub_centre.authorisation_id)
        assert [(one.scheme, one.staff) for one in seen.attempts] == [
            ("热工计量员四级/中级工", "分中心李老师")
        ]
        assert not (await registry.show(sub_centre.officer, sub_centre.authorisation_id)).attempts
        for again in (False, True):
            taking = FindingService(work).record(
                sub_centre.society_officer,
                sub_centre.authorisation_id,
                kind=FindingKind.OUT_OF_SCOPE,
                found_on=DAY,
                text="试图开设未授权的班",
                attempt_id=seen.attempts[0].id,
            )
            if again:
                with pytest.raises(ConflictError):
                    await taking
            else:
                await taking
        assert not (await registry.show(sub_centre.society_officer, sub_centre.authorisation_id)).attempts


async def test_what_was_refused_before_the_authorisation_is_no_attempt_to_take_up_c3(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        sub_centre = await sub_centres.authorised(work)
        early = RefusedAttempt(
            organisation_id=sub_centre.id,
            scheme_id="metrology-thermal-4",
            act="open_class",
            code="authorisation.none",
            staff_id=sub_centre.officer.id,
            staff_name="分中心李老师",
            created_at=work.now - timedelta(days=30),
        )
        work.session.add(early)
    async with tools.unit_of_work() as work:
        seen = await RegistryService(work).show(sub_centre.society_officer, sub_centre.authorisation_id)
        assert not seen.attempts
        with pytest.raises(ConflictError):
            await FindingService(work).record(
                sub_centre.society_officer,
                sub_centre.authorisation_id,
                kind=FindingKind.OUT_OF_SCOPE,
                found_on=DAY,
                text="试图开设未授权的班",
                attempt_id=early.id,
            )
