"""A portrait whose ratio is a little off: a crop is offered, and taken with 裁剪 (A11)."""

from io import BytesIO

import pytest
from PIL import Image
from sqlalchemy import select

from services.notices.catalogue import NOTICES, render_text
from services.pictures import specimen
from services.unit_of_work import Tools
from storage.tables import AuditEntry, Document, Enrolment, OutboxMessage
from tests.chat import Follower
from tests.handlers.chat.conftest import Meter
from tests.handlers.chat.test_enrolling import answer_all, check_pictures

#: A little too wide for 413 × 579.
WIDE = specimen.portrait(480, 600)


@pytest.fixture
async def offered(follower: Follower, tools: Tools) -> OutboxMessage:
    """What is told of a portrait that is too wide."""
    await answer_all(follower)
    await follower.show("media-portrait")
    await check_pictures(tools, {"portrait": WIDE})
    async with tools.unit_of_work() as work:
        return (await work.session.scalars(select(OutboxMessage))).one()


async def portraits(tools: Tools) -> list[Document]:
    """The newest first; superseded ones too."""
    async with tools.unit_of_work() as work:
        rows = await work.session.scalars(
            select(Document)
            .where(Document.material_key == "portrait")
            .order_by(Document.superseded_at.desc().nulls_first())
        )
        return list(rows)


def size(content: bytes) -> tuple[int, int]:
    with Image.open(BytesIO(content)) as image:
        return image.size


async def test_the_crop_is_shown_and_what_is_cut_and_what_can_be_answered(
    tools: Tools, offered: OutboxMessage
) -> None:
    notice = NOTICES[offered.notice]
    said = render_text(notice, offered.facts)
    assert "左右两边一共裁掉约11%" in said
    assert "用裁好的，请回复 裁剪" in said
    assert "修改 蓝底二寸照片" in said
    assert "请继续发送【身份证人像面】" in said
    assert size(await tools.files.get(offered.facts[notice.picture_fact])) == (428, 600)


async def test_the_crop_takes_the_picture_s_place_and_the_picture_stays_on_record(
    follower: Follower, tools: Tools, offered: OutboxMessage, meter: Meter
) -> None:
    meter.clear()
    assert "已换成裁好的照片" in await follower.say("裁剪")
    assert len(meter.statements) <= 8
    current, before = await portraits(tools)
    assert (current.width, current.height, current.warnings) == (428, 600, {})
    assert current.file_key is not None
    assert size(await tools.files.get(current.file_key)) == (428, 600)
    assert before.file_key is not None
    assert size(await tools.files.get(before.file_key)) == (480, 600)
    async with tools.unit_of_work() as work:
        entry = await work.session.scalar(select(AuditEntry).where(AuditEntry.action == "document.cropped"))
    assert entry is not None
    assert (entry.actor_kind, entry.before["width"], entry.after["width"]) == ("applicant", 480, 428)
    # Once only: nothing is offered any more.
    assert "已换成" not in await follower.say("裁剪")


async def test_another_portrait_may_be_sent_or_the_first_one_left_as_it_is(
    follower: Follower, tools: Tools, offered: OutboxMessage
) -> None:
    assert "【蓝底二寸照片】" in await follower.say("修改 蓝底二寸照片")
    await follower.show("media-better")
    await check_pictures(tools)
    assert "已换成" not in await follower.say("裁剪")
    current, before = await portraits(tools)
    assert (current.width, current.warnings, "ratio_off" in before.warnings) == (413, {}, True)


async def test_after_submission_the_picture_stays_as_it_was_sent(
    follower: Follower, tools: Tools, offered: OutboxMessage
) -> None:
    async with tools.unit_of_work() as work:
        (await work.session.scalars(select(Enrolment))).one().state = "in_review"
    assert "已换成" not in await follower.say("裁剪")
    assert "已换成" not in await Follower(tools, openid="oStranger").say("裁剪")
    assert len(await portraits(tools)) == 1
