"""Card holders in the chat: the card under 证书 (D7), 派遣 and saying that one cannot come (D9)."""

from sqlalchemy import select, text

from services.assignments.planning import PlanningService
from services.cards import CardRegister, CardService, CopyCause, CopyService
from services.models import EnrolmentState
from services.unit_of_work import Tools
from storage.card_states import ExaminerState
from storage.tables import AssignmentExaminer, Enrolment
from storage.tables import Follower as FollowerRow
from tests.chat import Follower
from tests.conftest import FixedClock
from tests.handlers.chat.conftest import Meter
from tests.services import card_stories
from tests.services import sichuan_stories as stories
from tests.services.test_assignments import planned


async def test_a_holder_sees_the_card_and_declines_an_assignment_with_a_reason_d7_d9(tools: Tools) -> None:
    holder = Follower(tools, account="sichuan")
    await holder.say("你好")
    assert "没有派给您的评价工作" in await holder.say("派遣")
    async with tools.unit_of_work() as work:
        at = await stories.centres(work)
        card = await card_stories.numbered(work, at, employer="单位甲")
        follower = (
            await work.session.scalars(select(FollowerRow).where(FollowerRow.openid == holder.openid))
        ).one()
        enrolment = (
            await work.session.scalars(select(Enrolment).where(Enrolment.state == EnrolmentState.CONCLUDED))
        ).one()
        enrolment.follower_id = follower.id
        await work.session.flush()
        plan = await planned(work, at, wanted=1)
        await PlanningService(work).draw(at.city_officer, plan.id)
    shown = await holder.say("证书")
    assert f"《考评员证卡》考评员（有效）\n编号：{card.number}\n职业（工种）：电工、焊工" in shown
    assert "有效期至：2029年11月20日" in shown
    listed = await holder.say("派遣")
    assert "1 2026年11月28日 08:30　电工" in listed
    assert "写明原因" in await holder.say("1")
    assert "已记录" in await holder.say("那天单位派我出差，去不了")
    assert "没有派给您的评价工作" in await holder.say("派遣")
    async with tools.unit_of_work() as work:
        (examiner,) = (await work.session.scalars(select(AssignmentExaminer))).all()
        jobs = await work.session.execute(
            text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'draw_again'")
        )
        assert jobs.scalar_one() == 1
    assert (examiner.state, examiner.reason) == (ExaminerState.DECLINED, "那天单位派我出差，去不了")


async def test_who_changes_their_mind_stays_drawn_d9(tools: Tools) -> None:
    holder = Follower(tools, account="sichuan")
    await holder.say("你好")
    async with tools.unit_of_work() as work:
        at = await stories.centres(work)
        await card_stories.numbered(work, at, employer="单位甲")
        follower = (
            await work.session.scalars(select(FollowerRow).where(FollowerRow.openid == holder.openid))
        ).one()
        (await work.session.scalars(select(Enrolment))).one().follower_id = follower.id
        await work.session.flush()
        plan = await planned(work, at, wanted=1)
        await PlanningService(work).draw(at.city_officer, plan.id)
    await holder.say("不能参加")
    await holder.say("1")
    assert "请回复数字" in await holder.say("返回")
    assert "1 2026年11月28日" in await holder.say("派遣")


async def test_a_holder_asks_for_a_new_copy_and_for_another_term_d9(
    tools: Tools, meter: Meter, clock: FixedClock
) -> None:
    holder = Follower(tools, account="sichuan")
    await holder.say("你好")
    assert "现在没有可以补办的证卡" in await holder.say("补办")
    async with tools.unit_of_work() as work:
        at = await stories.centres(work)
        card = await card_stories.numbered(work, at)
        await CardService(work).make(at.city_officer, [card.id])
        follower = (
            await work.session.scalars(select(FollowerRow).where(FollowerRow.openid == holder.openid))
        ).one()
        (await work.session.scalars(select(Enrolment))).one().follower_id = follower.id
    clock.move(days=1050)

    async def say(text: str) -> str:
        meter.clear()
        reply = await holder.say(text)
        assert (len(meter.statements) <= 8, meter.commits) == (True, 1), meter.statements
        return reply

    listed = await say("证卡丢了")
    assert f"1 《考评员证卡》{card.number} 遗失补办" in listed
    assert "3 《考评员证卡》" in listed
    assert "资格复核（延长有效期，有效期至2029年11月20日）" in listed
    assert "请回复 1 到 4 的数字" in await say("好的吧")
    assert "没有办理" in await say("4")
    await say("补办")
    assert "已转成都市职业技能鉴定指导中心办理" in await say("1")
    # What is asked already is not asked twice.
    assert "现在没有可以补办的证卡" in await say("补办")
    async with tools.unit_of_work() as work:
        seen = await CardRegister(work).show(at.city_officer, card.id)
        assert (seen.wanted_cause, seen.wanted_reason) == ("lost", "本人在公众号里申请")
        await CopyService(work).issue(at.city_officer, card.id, CopyCause.LOST, "身份证已核对")
    # Not made yet: only another term can be asked for.
    assert "1 《考评员证卡》" in await say("补办")
    assert "请按通知参加复核" in await say("1")
    async with tools.unit_of_work() as work:
        renewed = await CopyService(work).renew(at.city_officer, card.id, "复核合格")
        assert (renewed.copy, renewed.wanted_cause) == (3, "")
