"""Changing one's data in the chat after the review: at once, or by a request (E8)."""

import pytest
from sqlalchemy import select

from services.changes import ChangeDesk
from services.models import EnrolmentState
from services.unit_of_work import Tools
from storage.tables import Enrolment
from storage.tables import Follower as FollowerRow
from tests import certificate_rows, factories
from tests.chat import Follower
from tests.handlers.chat.conftest import Meter


async def person(
    tools: Tools, state: EnrolmentState = EnrolmentState.ADMITTED, *, also: bool = False
) -> tuple[Follower, Enrolment]:
    """Somebody who speaks from their own phone."""
    async with tools.unit_of_work() as work:
        home = await factories.organisation(work)
        row = await factories.follower(work, "oPerson")
        enrolment = await factories.enrolment(work, organisation=home, follower=row, state=state)
        if also:
            await factories.enrolment(
                work, organisation=home, follower=row, scheme_id="quality-safety-director"
            )
    return Follower(tools, openid="oPerson"), enrolment


async def test_a_phone_number_is_changed_at_once_in_every_enrolment_and_echoed_masked_e8(
    tools: Tools,
    meter: Meter,
) -> None:
    follower, _ = await person(tools, also=True)
    asked = await follower.say("修改 手机号")
    assert "现在是：138****8000" in asked
    assert "立即生效" in asked
    assert "11位" in await follower.say("138001380")
    assert "一样" in await follower.say("13800138000")
    meter.clear()
    said = await follower.say("13900139000")
    assert "✓ 联系电话已改为：139****9000" in said
    assert "同时更新了" in said
    assert "13900139000" not in said
    assert meter.commits == 1
    assert "现在是：139****9000" in await follower.say("修改 手机号")


async def test_one_field_of_one_enrolment_costs_at_most_eight_statements_e8(
    tools: Tools,
    meter: Meter,
) -> None:
    follower, _ = await person(tools)
    spent = {}
    for typed in (
        "资料变更",
        "手机号",
        "13900139000",
        "资料变更",
        "姓名",
        "王晓明",
        "户籍登记已更正",
        "进度",
    ):
        meter.clear()
        await follower.say(typed)
        spent[typed] = len(meter.statements), meter.commits
    await follower.say("资料变更")
    assert {typed: paid for typed, paid in spent.items() if paid > (8, 1)} == {}


async def test_a_name_is_asked_for_with_reason_and_proof_and_followed_in_progress_e8(
    tools: Tools,
    meter: Meter,
) -> None:
    follower, enrolment = await person(tools)
    listed = await follower.say("资料变更")
    assert "姓名（需审核）" in listed
    assert "联系电话（立即生效）" in listed
    assert "现在是：王小明" in await follower.say("姓名")
    assert "写明变更原因" in await follower.say("王晓明")
    assert "证明照片" in await follower.say("更正姓名")
    assert "还没有收到证明照片" in await follower.say("提交")
    meter.clear()
    assert "第1张证明照片" in await follower.show("media-1")
    assert (len(meter.statements) <= 8, meter.commits) == (True, 1), meter.statements
    meter.clear()
    filed = await follower.say("提交")
    assert (len(meter.statements) <= 8, meter.commits) == (True, 1), meter.statements
    assert "王小明 → 王晓明" in filed
    told = await follower.say("进度")
    assert "【资料变更】" in told
    assert "姓名（变更号 1001）：审核中，促进会审核" in told
    await follower.say("资料变更")
    await follower.say("姓名")
    assert "已有一个变更申请在审核（变更号 1001）" in await follower.say("王小鸣")
    assert "1 姓名（变更号 1001" in await follower.say("撤回变更")
    assert "✓ 已撤回变更申请（变更号 1001）" in await follower.say("1")
    assert "没有正在审核" in await follower.say("撤回变更")
    async with tools.unit_of_work() as work:
        officer = factories.staff_actor(enrolment.organisation_id)
        assert (await ChangeDesk(work).queue(officer)).items == ()


@pytest.mark.parametrize(
    ("state", "part"),
    [
        (EnrolmentState.IN_REVIEW, "工作人员会退回补正，到时回复 修改 即可"),
        (EnrolmentState.REJECTED, "已经结束"),
    ],
)
async def test_while_it_is_in_review_it_is_said_how_data_are_changed_e8(
    tools: Tools, state: EnrolmentState, part: str
) -> None:
    follower, _ = await person(tools, state)
    assert part in await follower.say("修改 姓名")
    assert part in await follower.say("资料变更")


async def test_after_a_new_name_the_certificate_is_replaced_in_the_chat_e8(tools: Tools) -> None:
    from services.certificates import CertificateService
    from tests.services.test_changes import begun

    async with tools.unit_of_work() as work:
        enrolment, officer = await certificate_rows.passed(work)
        certificate = await CertificateService(work).issue(officer, enrolment.id)
        openid = (
            await work.session.scalars(
                select(FollowerRow.openid).where(FollowerRow.id == enrolment.follower_id)
            )
        ).one()
        request_id = await begun(work, enrolment, "name", "王晓明")
    follower = Follower(tools, openid=openid)
    assert "没有需要换发的证书" in await follower.say("换证")
    async with tools.unit_of_work() as work:
        await ChangeDesk(work).approve(officer, request_id)
    offered = await follower.say("换证")
    assert f"{certificate.number}（证书上：王小明）" in offered
    assert "旧证书作废" in offered
    done = await follower.say("1")
    assert "✓ 已换发，新编号：" in done
    assert "王晓明" in done
    listed = await follower.say("证书")
    assert "已换发" in listed
    assert "没有需要换发的证书" in await follower.say("换证")


async def test_a_change_that_was_left_is_said_kept_and_gone_on_with_e8(tools: Tools, meter: Meter) -> None:
    follower, _ = await person(tools)
    await follower.say("资料变更")
    await follower.say("姓名")
    await follower.say("王晓明")
    assert "原因太短了" in await follower.say("1")
    assert "原因太短了" in await follower.say("改改改改")
    assert "资料变更还没有提交，已为您保存" in await follower.say("菜单")
    assert "还没有提交，回复 资料变更 接着办理" in await follower.say("进度")
    assert "姓名　王小明 → 王晓明" in await follower.say("继续")
    await follower.say("身份证姓名已更正")
    assert "资料变更还没有提交" in await follower.say("菜单")
    meter.clear()
    shown = await follower.show("media-1")
    assert (len(meter.statements) <= 8, meter.commits) == (True, 1), meter.statements
    assert "这张当作【姓名】变更的证明照片" in shown
    assert "第1张证明照片" in shown
    await follower.say("菜单")
    asked = await follower.say("资料变更")
    assert "原因：身份证姓名已更正；证明照片1张" in asked
    assert "没有了请回复 提交" in await follower.say("1")
    assert "✓ 变更申请已提交" in await follower.say("提交")
    await follower.say("资料变更")
    await follower.say("毕业院校")
    await follower.say("贵州医科大学")
    await follower.say("菜单")
    await follower.say("资料变更")
    assert "要变更哪一项" in await follower.say("2")
    assert "没有正在填写的报名" in await follower.say("继续")
