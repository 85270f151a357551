"""kill -9 of the server in the middle of a story: it ends right, and nothing happens twice."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from services.enrolments.review import ReviewService
from services.pictures import specimen
from storage.tables import AuditEntry, Document, Enrolment
from tests.installation import Installation, Phone, Server, mortal_site
from tests.journeys import story


@pytest.fixture
async def mortal(database_url: str, tmp_path: Path) -> AsyncIterator[tuple[Installation, Server]]:
    async with mortal_site(database_url, tmp_path) as both:
        yield both


async def killed_while(server: Server, phone: Phone, content: str) -> str:
    """Say something, kill the server at once, start it again; the reply that comes after all."""
    saying = asyncio.create_task(phone.say(content))
    await asyncio.sleep(0.005)
    await server.kill()
    await server.start()
    return await saying


async def test_the_story_ends_right_and_nothing_happens_twice(mortal: tuple[Installation, Server]) -> None:
    site, server = mortal
    phone = await site.phone()
    await phone.wait_for("欢迎使用证途")
    await phone.say("报名")
    await phone.say("1")
    await phone.say("1")
    assert "【姓名】" in await killed_while(server, phone, "同意")
    assert "✓ 姓名：王小明" in await killed_while(server, phone, story.NAME)
    for typed in (story.identity_number(), "13800138000", "贵州贵阳云岩区", "2", "贵州大学", "1", "1"):
        await phone.say(typed)
    # Killed while a picture is being fetched and checked: the job is taken up again.
    await phone.show(specimen.portrait())
    await server.kill()
    await server.start()
    await phone.wait_for("请继续发送【身份证人像面】", seconds=90)
    for picture in (specimen.id_card_front(), specimen.id_card_back(), specimen.diploma()):
        await phone.show(picture)
    await phone.wait_for("照片都齐了")
    await phone.say("继续")
    assert "已提交" in await killed_while(server, phone, "提交")

    async with site.work() as work:
        (enrolment,) = (await work.session.scalars(select(Enrolment))).all()
        documents = (
            await work.session.scalars(select(Document).where(Document.superseded_at.is_(None)))
        ).all()
        actions = Counter((await work.session.scalars(select(AuditEntry.action))).all())
    assert enrolment.state == "in_review"
    assert sorted(document.state for document in documents) == ["uploaded"] * 4
    assert actions["enrolment.submitted"] == actions["enrolment.consented"] == actions["enrolment.begun"] == 1
    officer = await site.officer()
    async with site.work() as work:
        await ReviewService(work).approve(officer, enrolment.id)
    await phone.wait_for("审核已通过")
    received = [item.get("content", "") for item in await phone.inbox()]
    assert len([text for text in received if "审核已通过" in text]) == 1
    assert len([text for text in received if "照片都齐了" in text]) == 1


async def test_after_a_restart_the_conversation_goes_on_where_it_was(
    mortal: tuple[Installation, Server],
) -> None:
    site, server = mortal
    phone = await site.phone()
    await phone.say("报名")
    await phone.say("1")
    await phone.say("1")
    await phone.say("同意")
    await phone.say(story.NAME)
    await server.stop()
    await server.start()
    assert "✓ 身份证号：520***********" in await phone.say(story.identity_number())
