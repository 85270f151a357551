"""Papers of several pictures, papers that may be left out, and other papers after a return (C6, D4, D6)."""

import pytest
from sqlalchemy import select

from services.enrolments.review import ReviewService
from services.enrolments.views import EnrolmentDetail
from services.models import Actor
from services.unit_of_work import Tools
from storage.tables import Enrolment, OutboxMessage
from tests import sub_centres, trees
from tests.chat import Follower
from tests.handlers.chat.conftest import Meter
from tests.handlers.chat.test_cost import Metered
from tests.handlers.chat.test_enrolling import check_pictures
from tests.handlers.chat.test_other_sources import IDENTITY, INTRODUCTION, answered, pictures

SYSTEM = Actor.system("test")


@pytest.fixture
async def special(tools: Tools) -> Follower:
    """专项职业能力考评员, applying by ten years of practice, before the first picture."""
    await trees.sichuan(tools)
    follower = Follower(tools, account="sichuan")
    await answered(follower, "报名", "3", "1", "1", "同意", "王小明", IDENTITY, "13800138000", "2")
    await answered(
        follower, "四川省成都市武侯区", "成都某某培训学校", "1", "12", "四川省成都市武侯区一环路南1号"
    )
    await answered(follower, "1", "1", "茶艺", INTRODUCTION, "4", "12")
    return follower


async def detail_of(tools: Tools) -> EnrolmentDetail:
    async with tools.unit_of_work() as work:
        enrolment = (await work.session.scalars(select(Enrolment))).one()
        return await ReviewService(work).show(SYSTEM, enrolment.id)


async def send_back(tools: Tools, reasons: dict[str, str], **files: set[int]) -> None:
    async with tools.unit_of_work() as work:
        enrolment = (await work.session.scalars(select(Enrolment))).one()
        await ReviewService(work).return_for_correction(SYSTEM, enrolment.id, reasons, files=files)


async def to_proof(special: Follower, tools: Tools) -> str:
    """Portrait, card, form; the certificate is left out, because nobody applies by it."""
    await pictures(special, tools, 4)
    asked = await special.say("完成")
    assert "【国家职业资格证书或专业技术职称证书】" in asked
    assert "没有的，回复：跳过" in asked
    return await special.say("跳过")


async def test_a_paper_that_is_not_needed_is_left_out_and_one_that_is_needed_is_not_d4_d6(
    special: Follower, tools: Tools
) -> None:
    assert "必须填写，不能跳过" in await special.say("跳过")
    asked = await to_proof(special, tools)
    assert "✓ 国家职业资格证书或专业技术职称证书：不填" in asked
    assert "【从业经历证明材料】" in asked
    assert "不能跳过" in await special.say("跳过")
    await answered(special, "修改 申报条件", "1、4", "修改 职称", "2", "助理工程师")
    asked = await special.say("继续")
    assert "【国家职业资格证书或专业技术职称证书】" in asked
    assert "跳过" not in asked


async def test_several_pictures_are_sent_for_one_paper_and_one_of_them_is_replaced_d6(
    special: Follower, tools: Tools
) -> None:
    asked = await to_proof(special, tools)
    assert "可以发1到5张，一张一张发，发完回复：完成" in asked
    assert "还没有合格的照片" in await special.say("完成")
    assert "第1张（最多5张）" in await special.show("media-a")
    assert "第2张（最多5张）" in await special.show("media-b")
    await check_pictures(tools)
    async with tools.unit_of_work() as work:
        said = [row.facts for row in (await work.session.scalars(select(OutboxMessage))).all()]
    assert any("没有了回复 完成" in str(facts) for facts in said)
    assert "从业经历证明材料：已上传2张" in await special.say("完成")
    asked = await special.say("修改 从业经历证明材料")
    assert "已收到2张（最多5张）" in asked
    assert "请发新的【从业经历证明材料】第1张" in await special.say("1")
    assert "第1张" in await special.show("media-c")
    await check_pictures(tools)
    assert "已上传2张" in await special.say("完成")
    assert "✓ 已提交" in await special.say("提交")
    labels = [document.label for document in (await detail_of(tools)).documents]
    assert "从业经历证明材料（第1张）" in labels
    assert "从业经历证明材料（第2张）" in labels


@pytest.mark.parametrize("late", [False, True])
async def test_pages_papers_of_several_pictures_and_what_is_told_early_stay_within_the_limits_d4_d5_d6(
    tools: Tools, meter: Meter, *, late: bool
) -> None:
    """Eight statements a message, 2,048 bytes a reply (`Metered` looks at the first)."""
    await trees.sichuan(tools)
    follower = Metered(tools, account="sichuan", meter=meter, late=late)
    typed = ["报名", "3", "1", "1", "同意", "王小明", IDENTITY, "13800138000", "10", "四川省成都市武侯区"]
    typed += ["成都某某培训学校", "1", "12", "四川省成都市武侯区一环路南1号", "1", "1", "茶艺"]
    typed += ["短", "还是短", INTRODUCTION, "1、2、3、4、5", "1", "2", "修改 申报条件", "4"]
    replies = [await follower.say(text) for text in typed]
    assert "/h5/forms/" in replies[typed.index("还是短")]
    assert "人工" in replies[typed.index("还是短")]
    assert any("不符合【专项职业能力考评员】的申报条件" in reply for reply in replies)
    for number in range(4):
        replies.append(await follower.show(f"media-{number}"))
    await check_pictures(tools)
    replies += [await follower.say(text) for text in ("完成", "跳过", "完成")]
    replies += [await follower.show("media-a"), await follower.show("media-b")]
    await check_pictures(tools)
    replies += [await follower.say(text) for text in ("完成", "修改 申报表", "1", "提交")]
    assert max(len(reply.encode()) for reply in replies) <= 2048
    assert "暂时不能提交" in replies[-1] or "现在还不能提交" in replies[-1]


async def test_there_is_no_room_for_a_sixth_picture_d6(special: Follower, tools: Tools) -> None:
    await to_proof(special, tools)
    for number in range(4):
        assert "再发一张" in await special.show(f"media-{number}")
    assert "5张都有了" in await special.show("media-5")
    assert "没有保存" in await special.show("media-6")
    await check_pictures(tools)
    assert "已上传5张" in await special.say("完成")


async def test_one_bad_picture_of_several_is_sent_again_or_left_out_d6(
    special: Follower, tools: Tools
) -> None:
    await to_proof(special, tools)
    await special.show("media-a")
    await check_pictures(tools)
    await special.show("media-b")
    await check_pictures(tools, {"practice_proof": b"no picture"})
    asked = await special.say("继续")
    assert "第2张不合格，请重发；这张不要了，回复：完成" in asked
    assert "从业经历证明材料：已上传\n" in await special.say("完成")


async def test_staff_send_one_of_several_back_and_the_others_stay_d6(special: Follower, tools: Tools) -> None:
    await to_proof(special, tools)
    await special.show("media-a")
    await special.show("media-b")
    await check_pictures(tools)
    await answered(special, "完成", "提交")
    await send_back(tools, {"practice_proof": "第2张看不清公章"}, practice_proof={2})
    asked = await special.say("继续")
    assert "需要补正：第2张看不清公章" in asked
    assert "第2张不合格，请重发" in asked
    assert "第2张" in await special.show("media-c")
    await check_pictures(tools)
    await special.say("完成")
    assert "✓ 已提交" in await special.say("提交")
    states = {document.label: document.state for document in (await detail_of(tools)).documents}
    assert states["从业经历证明材料（第1张）"] == "uploaded"
    assert states["从业经历证明材料（第2张）"] == "uploaded"


async def test_after_a_return_a_statement_of_loss_may_take_the_diploma_s_place_c6(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        await sub_centres.open_class(work, await sub_centres.authorised(work))
    candidate = Follower(tools, account="metrology")
    await answered(candidate, "报名", "4", "1", "1", "王小明", IDENTITY, "13800138000", "2")
    await answered(candidate, "贵州省贵阳市云岩区", "贵州某某计量院", "6")
    await pictures(candidate, tools, 6)
    assert "✓ 已提交" in await answered(candidate, "继续", "提交")
    await send_back(tools, {"diploma": "证书编号看不清"})
    asked = await candidate.say("继续")
    assert "需要补正：证书编号看不清" in asked
    assert "修改 学历遗失证明" in asked
    assert "【学历遗失证明】" in await candidate.say("修改 学历遗失证明")
    await candidate.show("media-loss")
    await check_pictures(tools)
    assert "学历遗失证明：已上传" in await candidate.say("继续")
    assert "✓ 已提交" in await candidate.say("提交")
    keys = {document.key for document in (await detail_of(tools)).documents}
    assert "loss_statement" in keys
    assert not keys & {"diploma", "diploma_check"}
