"""C5, C6: a candidate picks a sub-centre's class notice, is told its fees, and pays exactly these."""

import pytest
from sqlalchemy import select

from services.authorisation import changes
from services.enrolments.review import ReviewService
from services.models import EnrolmentState
from services.unit_of_work import Tools
from storage.tables import Enrolment
from tests import factories, sub_centres
from tests.chat import Follower
from tests.handlers.chat.conftest import Meter
from tests.handlers.chat.test_cost import Metered
from tests.sub_centres import SubCentre


@pytest.fixture
async def sub_centre(tools: Tools) -> SubCentre:
    async with tools.unit_of_work() as work:
        made = await sub_centres.authorised(work)
        await sub_centres.open_class(work, made)
        return made


@pytest.mark.parametrize("late", [False, True])
async def test_the_notice_is_chosen_with_its_fees_and_these_are_charged_c5_c6(
    tools: Tools, sub_centre: SubCentre, meter: Meter, late: bool
) -> None:
    candidate = Metered(tools, account="metrology", meter=meter, late=late)
    await candidate.say("报名")
    await candidate.say("4")
    offered = await candidate.say("1")
    assert "1 贵州计量分中心" in offered
    assert "收费：培训费 1800元/人；评价费 360元/人次" in offered
    assert "1 贵州计量分中心" in await candidate.say("哪个好")
    chosen = await candidate.say("1")
    assert "监督电话：0851-85000000" in chosen
    assert "/classes/CD4-2026-12" in chosen
    assert "【姓名】" in chosen
    async with tools.unit_of_work() as work:
        row = (await work.session.scalars(select(Enrolment))).one()
        assert row.organisation_id == sub_centre.id
        row.person_id = (await factories.person(work, name="王小明", number=factories.IDENTITY_NUMBER)).id
        row.state, row.submitted_at = EnrolmentState.IN_REVIEW, work.now
        await factories.waiting_stage(work, row)
        await work.session.flush()
        await ReviewService(work).approve(sub_centre.officer, row.id)
    paying = await candidate.say("缴费")
    assert "【培训费】¥1,800.00" in paying
    # The notice names no account: whoever is in the class already is not told to choose one.
    assert "开班通知没有公布收款账号，缴费方式请向办班机构咨询，电话：0851-85000000" in paying
    assert "请先回复 学时" not in paying
    assert "打款事由必须写：培训费" in paying
    assert "收费依据：黔价费〔2026〕1号" in paying
    assert "收费范围：参加评价考试的学员" in paying
    assert "监督电话：0851-85000000" in paying


async def test_where_nobody_may_enrol_there_is_no_notice_to_choose_c14(
    tools: Tools, sub_centre: SubCentre
) -> None:
    candidate = Follower(tools, account="metrology")
    await candidate.say("报名")
    await candidate.say("4")
    await candidate.say("1")
    async with tools.unit_of_work() as work:
        await changes.suspend(
            work, sub_centre.society_officer, sub_centre.authorisation_id, "税务部门介入调查"
        )
    assert "目前没有可以报名的培训通知" in await candidate.say("1")
