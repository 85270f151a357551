"""An institution or a centre is suspended, resumed and ended; who is under way there is moved or sent back (D2, D7, E5)."""

from uuid import UUID

import pytest
from sqlalchemy import func, select

from services.enrolments import through
from services.enrolments.review import ReviewService
from services.errors import ConflictError, ForbiddenError, NotFoundError
from services.models import Actor, EnrolmentState, OrganisationStatus, StaffRole
from services.notices.catalogue import NOTICES, render_text
from services.organisations import OrganisationTree
from services.organisations.handing_over import HandingOverService
from services.organisations.standing import StandingService
from services.staff import StaffService
from services.unit_of_work import Tools, Work
from storage.review_states import StageDecision
from storage.tables import AuditEntry, Enrolment, OutboxMessage, StageRecord
from tests import factories, sub_centres
from tests.services import sichuan_stories as stories
from tests.services.sichuan_stories import Centres

WHY = "备案被撤销"
PASSWORD = "correct-horse-9"


def admin(at: Centres, name: str = "省管理员") -> Actor:
    return factories.staff_actor(at.province.id, StaffRole.ADMIN, name=name)


async def waiting(work: Work, at: Centres, organisation_id: UUID | None = None) -> Enrolment:
    """One in review, before its institution or another."""
    row = await stories.applicant(work, at.institution)
    record = (await work.session.scalars(select(StageRecord).where(StageRecord.enrolment_id == row.id))).one()
    record.organisation_id = organisation_id or at.institution.id
    await work.session.flush()
    return row


async def another(work: Work, at: Centres, name: str = "成都另一评价机构") -> UUID:
    row = await factories.organisation(work, name, "institution")
    row.parent_id = at.city.id
    await work.session.flush()
    return row.id


async def told(work: Work, notice: str) -> list[str]:
    rows = await work.session.scalars(
        select(OutboxMessage).where(OutboxMessage.notice == notice, OutboxMessage.state == "queued")
    )
    return [render_text(NOTICES[notice], row.facts) for row in rows]


async def test_a_suspended_institution_enrols_nobody_and_approves_nothing_until_it_is_resumed_d7(
    tools: Tools,
) -> None:
    async with tools.unit_of_work() as work:
        at = await stories.centres(work)
        row, scheme = await waiting(work, at), tools.schemes.current("sichuan-examiner")
        standing, who = StandingService(work), admin(at)
        for stranger, error in (
            (at.institution_officer, ForbiddenError),
            (at.province_officer, ForbiddenError),
            (factories.staff_actor((await another_city(work)), StaffRole.ADMIN), NotFoundError),
        ):
            with pytest.raises(error):
                await standing.suspend(stranger, at.institution.id, WHY)
        await standing.suspend(who, at.institution.id, WHY)
        assert not (await through.offered(work, scheme)).options
        with pytest.raises(NotFoundError):
            await through.chosen_path(work, scheme, at.institution.id)
        with pytest.raises(ConflictError, match=r"review\.stopped"):
            await ReviewService(work).approve(at.institution_officer, row.id)
        (said,) = await told(work, "organisation_suspended")
        assert "已交的材料都保留" in said
        assert WHY not in said
        with pytest.raises(ConflictError, match=r"standing\.wrong_state"):
            await standing.suspend(who, at.institution.id, WHY)
        await standing.resume(who, at.institution.id, "已整改")
        assert [one.name for one in (await through.offered(work, scheme)).options] == [at.institution.name]
        assert not await told(work, "organisation_suspended")
        assert await told(work, "organisation_resumed")
        logged = await work.session.scalars(
            select(AuditEntry.reason)
            .where(AuditEntry.subject_id == str(at.institution.id))
            .order_by(AuditEntry.id)
        )
        assert list(logged) == [WHY, "已整改"]


async def another_city(work: Work) -> UUID:
    return (await factories.organisation(work, "绵阳市职鉴中心", "city_centre")).id


async def test_an_ending_takes_a_second_person_and_its_staff_cannot_log_in_any_more_d7(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        at = await stories.centres(work)
        staff = StaffService(work)
        await staff.add(
            None, login="inside", name="评老师", password=PASSWORD, role=StaffRole.OFFICER,
            organisation_id=at.institution.id,
        )  # fmt: skip
        signed_in = await staff.sign_in("inside", PASSWORD)
        assert signed_in is not None
        standing, first = StandingService(work), admin(at)
        with pytest.raises(ConflictError, match=r"standing\.not_proposed"):
            await standing.confirm_end(first, at.institution.id)
        await standing.propose_end(first, at.institution.id, WHY)
        with pytest.raises(ConflictError, match=r"standing\.proposed"):
            await standing.propose_end(admin(at, "另一位"), at.institution.id, WHY)
        with pytest.raises(ForbiddenError, match=r"standing\.same_person"):
            await standing.confirm_end(first, at.institution.id)
        assert await staff.find(signed_in.cookie_token) is not None
        await standing.confirm_end(admin(at, "另一位"), at.institution.id)
        assert await staff.find(signed_in.cookie_token) is None
        assert await staff.sign_in("inside", PASSWORD) is None
        node = await OrganisationTree(work).show(first, at.institution.id)
        assert (node.status, node.status_reason) == (OrganisationStatus.ENDED, WHY)
        with pytest.raises(ConflictError, match=r"standing\.wrong_state"):
            await standing.resume(first, at.institution.id, "再来")


async def test_who_is_under_way_is_handed_over_and_the_new_one_decides_d7_b9(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        at = await stories.centres(work)
        row, who = await waiting(work, at), admin(at)
        other = await another(work, at)
        people = HandingOverService(work)
        (line,) = await people.under_way(who, at.institution.id)
        assert (line.number, line.waits, line.name_masked) == (row.number, True, "王*明")
        with pytest.raises(ConflictError, match=r"standing\.active"):
            await people.hand_over(who, at.institution.id, [row.id], other, WHY)
        await StandingService(work).suspend(who, at.institution.id, WHY)
        with pytest.raises(ConflictError, match=r"standing\.no_target"):
            await people.hand_over(who, at.institution.id, [row.id], at.city.id, WHY)
        await people.hand_over(who, at.institution.id, [row.id], other, WHY)
        assert row.organisation_id == other
        new = factories.staff_actor(other, name="接手老师")
        assert await ReviewService(work).approve(new, row.id) is EnrolmentState.IN_REVIEW
        decisions = await work.session.scalars(
            select(StageRecord.decision)
            .where(StageRecord.enrolment_id == row.id)
            .order_by(StageRecord.decided_at)
        )
        assert set(decisions) == {StageDecision.FORWARDED, StageDecision.APPROVED, ""}
        (said,) = await told(work, "organisation_handed_over")
        assert "现改由成都另一评价机构继续办理，您不用重新提交" in said
        assert not await people.under_way(who, at.institution.id)


async def test_a_centre_that_ends_hands_over_what_waits_before_it_d2(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        at = await stories.centres(work)
        row = await waiting(work, at, at.city.id)
        other = await another_city(work)
        (await work.session.get_one(type(at.city), other)).parent_id = at.province.id
        await work.session.flush()
        await StandingService(work).suspend(admin(at), at.city.id, WHY)
        await HandingOverService(work).hand_over(admin(at), at.city.id, [row.id], other, WHY)
        present = await work.session.scalar(
            select(StageRecord.organisation_id).where(
                StageRecord.enrolment_id == row.id, StageRecord.decided_at.is_(None)
            )
        )
        # Whom they enrolled through stays.
        assert (present, row.organisation_id) == (other, at.institution.id)


async def test_sent_back_is_the_draft_again_and_goes_through_another_from_the_first_stage_d7(
    tools: Tools,
) -> None:
    async with tools.unit_of_work() as work:
        at = await stories.centres(work)
        row, who = await waiting(work, at), admin(at)
        people = HandingOverService(work)
        await StandingService(work).suspend(who, at.institution.id, WHY)
        answers = dict(row.answers)
        await people.send_back(who, at.institution.id, [row.id], WHY)
        assert (row.state, row.answers) == (EnrolmentState.DRAFT, answers)
        (said,) = await told(work, "organisation_sent_back")
        assert "请先回复 修改 评价机构，另选一家，再回复 提交" in said
        with pytest.raises(ConflictError, match=r"standing\.admitted"):
            await people.send_back(who, at.institution.id, [row.id], WHY)
        open_ones = await work.session.scalar(
            select(func.count()).where(StageRecord.enrolment_id == row.id, StageRecord.decided_at.is_(None))
        )
        assert open_ones == 0


async def test_a_sub_centre_is_left_to_its_authorisation_c14(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        made = await sub_centres.authorised(work)
        with pytest.raises(ConflictError, match=r"standing\.by_authorisation"):
            await StandingService(work).suspend(made.society_admin, made.id, WHY)
