"""删除我的数据 in the chat: what goes, what stays and why, a second look, and what came of it (C11)."""

from sqlalchemy import select, text

from services.certificates import CertificateService
from services.certificates.verification import VerificationService
from services.erasure import ErasureService, carry_out_again
from services.models import EnrolmentState, StaffRole
from services.notices.catalogue import NOTICES, render_text
from services.unit_of_work import Tools
from storage.files import FileMissingError
from storage.tables import Document, Enrolment, OutboxMessage, Person
from storage.tables import Follower as FollowerRow
from tests import certificate_rows, factories
from tests.chat import Follower
from tests.handlers.chat.conftest import Meter
from tests.handlers.chat.test_cost import Metered
from tests.services import erasure_stories


async def is_gone(tools: Tools, key: str) -> bool:
    try:
        await tools.files.get(key)
    except FileMissingError:
        return True
    return False


async def test_who_asks_reads_what_goes_and_what_is_kept_and_only_then_it_happens_c11(
    tools: Tools, meter: Meter
) -> None:
    who = Metered(tools, meter=meter)
    assert "没有可以删除的" in await who.say("删除我的数据")
    async with tools.unit_of_work() as work:
        follower_id = await work.session.scalar(select(FollowerRow.id))
        assert follower_id is not None
        home = await factories.organisation(work)
        draft = await erasure_stories.with_draft(work, home, follower_id)
        waiting = await erasure_stories.in_review(work, home, follower_id)
        kept = await erasure_stories.refused(work, home, follower_id)
        keys = {row.id: await erasure_stories.key_of(work, row.id) for row in (draft, waiting, kept)}
        ids = [draft.id, waiting.id, kept.id]
        numbers = [waiting.number, kept.number]
    told = await who.say("请删除我的数据")
    assert "【马上删除，不能恢复】\n· 首席质量官，没有提交的报名：填写的内容和照片 1 张" in told
    assert f"· 质量安全员（报名号 {numbers[0]}）：没有审核过" in told
    assert f"· 质量安全总监（报名号 {numbers[1]}）：报名审核材料和考务档案要保存至少10年" in told
    assert "保存到2036年11月21日" in told
    assert "还在审核的报名会撤回" in told
    assert "要删除请回复 确认删除" in await who.say("好像是吧")
    assert "什么也没有删除" in await who.say("0")
    async with tools.unit_of_work() as work:
        assert (await work.session.get_one(Enrolment, waiting.id)).state == EnrolmentState.IN_REVIEW
    await who.say("删除我的数据")
    answer = await who.say("确认删除")
    assert "删除申请编号 1" in answer
    assert "正在删除，几分钟内完成" in answer
    # Before the job ran the draft is not shown any more.
    assert "首席质量官" not in await who.say("进度")
    assert "没有正在填写的报名" in await who.say("继续")
    await erasure_stories.run_jobs(tools)
    # The draft is gone at once, with its file; what nobody looked at waits for two people, and is withdrawn.
    assert [await is_gone(tools, keys[one]) for one in ids] == [True, False, False]
    async with tools.unit_of_work() as work:
        assert await work.session.get(Enrolment, draft.id) is None
        assert (await work.session.get_one(Enrolment, waiting.id)).state == EnrolmentState.WITHDRAWN
        request = await erasure_stories.request_of(work, follower_id)
        first, second = (factories.staff_actor(home.id, StaffRole.ADMIN, name=name) for name in "甲乙")
        detail = await ErasureService(work).propose(first, request.id, "本人要求，没有审核过")
        assert (detail.to_erase, detail.files) == (1, 1)
        await ErasureService(work).confirm(second, request.id, files=1)
    assert "删除申请 1：正在办理" in await who.say("删除我的数据")
    await erasure_stories.run_jobs(tools)
    assert [await is_gone(tools, keys[one]) for one in ids] == [True, True, False]
    async with tools.unit_of_work() as work:
        erased = await work.session.get_one(Enrolment, waiting.id)
        assert (erased.answers, erased.person_id) == ({}, None)
        message = await work.session.scalar(
            select(OutboxMessage).where(OutboxMessage.notice == "erasure_done")
        )
        assert message is not None
        outcome = render_text(NOTICES["erasure_done"], message.facts)
    assert "已删除：1 份报名的填写内容和1 张照片" in outcome
    assert f"（报名号 {numbers[1]}）" in outcome
    assert "保存到2036年11月21日" in outcome
    # Asked again, the chat says what is still here.
    remains = await who.say("删除我的数据")
    assert "删除申请 1：已办结" in remains
    assert "现在还保存着、已停止使用" in remains
    assert str(numbers[0]) not in remains


async def test_a_certificate_verifies_after_its_holder_asked_for_deletion_c11(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        enrolment, officer = await certificate_rows.passed(work)
        enrolment.state = EnrolmentState.CONCLUDED
        issued = await CertificateService(work).issue(officer, enrolment.id)
        token = (await CertificateService(work).link(issued.id)).rpartition("/")[2]
    await erasure_stories.asks(tools, enrolment.follower_id)
    async with tools.unit_of_work() as work:
        request = await erasure_stories.request_of(work, enrolment.follower_id)
        await ErasureService(work).close(officer, request.id)
    await erasure_stories.run_jobs(tools)
    async with tools.unit_of_work() as work:
        verdict = await VerificationService(work).by_token(token)
        assert verdict is not None
        assert (verdict.status, verdict.name_masked) == ("valid", "王*明")
        # Out of the list, but found by whoever has the paper in their hand.
        assert (await CertificateService(work).list_lines(officer)).items == ()
        (found,) = (await CertificateService(work).list_lines(officer, query=issued.number)).items
        assert found.id == issued.id
        message = await work.session.scalar(
            select(OutboxMessage).where(OutboxMessage.notice == "erasure_done")
        )
        assert message is not None
        assert "证书仍有效，查验要用" in render_text(NOTICES["erasure_done"], message.facts)


async def test_a_person_whom_nothing_names_any_more_is_forgotten_c11(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        who = (await factories.follower(work)).id
        home = await factories.organisation(work)
        await erasure_stories.in_review(work, home, who)
    await erasure_stories.asks(tools, who)
    async with tools.unit_of_work() as work:
        request = await erasure_stories.request_of(work, who)
        first, second = (factories.staff_actor(home.id, StaffRole.ADMIN, name=name) for name in "甲乙")
        await ErasureService(work).propose(first, request.id, "本人要求")
        await ErasureService(work).confirm(second, request.id, files=1)
    await erasure_stories.run_jobs(tools)
    async with tools.unit_of_work() as work:
        assert (await work.session.scalars(select(Person))).all() == []
        assert (await work.session.scalars(select(Document.file_key))).all() == [None]
        assert await work.session.scalar(text("SELECT count(*) FROM doomed_files")) == 0


async def test_what_changed_since_the_first_look_is_shown_again_and_what_was_admitted_goes_on_c11(
    tools: Tools, meter: Meter
) -> None:
    who = Metered(tools, meter=meter)
    await who.follow()
    async with tools.unit_of_work() as work:
        follower_id = await work.session.scalar(select(FollowerRow.id))
        assert follower_id is not None
        home = await factories.organisation(work)
        row = await erasure_stories.in_review(work, home, follower_id)
        draft = await erasure_stories.with_draft(work, home, follower_id)
    await who.say("删除我的数据")
    async with tools.unit_of_work() as work:
        enrolment = await work.session.get_one(Enrolment, row.id)
        enrolment.state = EnrolmentState.REJECTED
        enrolment.decided_at = work.now
    shown = await who.say("确认删除")
    assert "刚才的情况有变化" in shown
    assert "【按规定必须保存，停止使用】" in shown
    await who.say("确认删除")
    async with tools.unit_of_work() as work:
        # The job is lost; and by mistake, or at that very moment, somebody admits the person.
        await work.session.execute(text("DELETE FROM procrastinate_jobs"))
        (await work.session.get_one(Enrolment, row.id)).state = EnrolmentState.ADMITTED
    async with tools.unit_of_work() as work:
        assert await carry_out_again(work) == 1
    await erasure_stories.run_jobs(tools)
    async with tools.unit_of_work() as work:
        assert await work.session.get(Enrolment, draft.id) is None
        assert (await work.session.get_one(Enrolment, row.id)).restricted_at is None
        assert await carry_out_again(work) == 0


async def test_whoever_is_admitted_reads_what_is_kept_why_and_how_to_withdraw_c11(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        home = await factories.organisation(work)
        row = await factories.follower(work, "oPerson")
        await factories.enrolment(work, organisation=home, follower=row, state=EnrolmentState.ADMITTED)
    told = await Follower(tools, openid="oPerson").say("删除我的数据")
    for words in (
        "已录取",
        "培训、考试和发证要用，办结前都要保存",
        "至少10年",
        "回复 人工 联系主办单位退出，办好后再回复 删除我的数据",
    ):
        assert words in told, words
