"""Requests to delete one's own data in the console, and what is restricted by them (C11)."""

import re
import uuid
from collections.abc import Awaitable, Callable

from sqlalchemy import select

from services.models import StaffRole
from services.unit_of_work import Tools
from storage.tables import AuditEntry, Document, Organisation, Payment
from tests import factories
from tests.conftest import FixedClock
from tests.handlers.console.conftest import Browser
from tests.services import erasure_stories


async def test_what_must_be_kept_is_in_no_list_and_opens_for_a_logged_reason_only_c11(
    tools: Tools, clock: FixedClock, home: uuid.UUID, officer: Browser, viewer: Browser
) -> None:
    async with tools.unit_of_work() as work:
        who = (await factories.follower(work)).id
        row = await erasure_stories.refused(work, await work.session.get_one(Organisation, home), who)
        picture = await work.session.scalar(select(Document).where(Document.enrolment_id == row.id))
        assert picture is not None
        picture.media_type, document = "image/jpeg", picture.id
        payment = uuid.uuid4()
        work.session.add(
            Payment(
                id=payment,
                enrolment_id=row.id,
                fee_key="verification",
                amount_fen=58_000,
                state="confirmed",
                voucher_key="vouchers/one",
                created_at=work.now,
            )
        )
    listed = "/enrolments?state=all&at=all"
    assert str(row.number) in await officer.open(listed)
    await erasure_stories.asks(tools, who)
    assert str(row.number) not in await officer.open(listed)
    assert "删除申请待办理" in await officer.open("/")
    await officer.open(f"/documents/{document}/picture", status=403)
    await officer.open(f"/payments/{payment}/voucher", status=403)
    path = f"/enrolments/{row.id}"
    assert "写明理由才能打开" in await officer.open(path, status=403)
    assert "请填写“理由”" in await officer.send(f"{path}/open", {"reason": " "}, status=422)
    await viewer.send(f"{path}/open", {"reason": "看看"}, status=403)
    assert "30 分钟内可以查看" in await officer.send(f"{path}/open", {"reason": "处理本人的申诉"})
    assert "王小明" in await officer.open(path)
    # For whoever said why, and for a while.
    await viewer.open(path, status=403)
    clock.move(minutes=31)
    await officer.open(path, status=403)
    async with tools.unit_of_work() as work:
        told = await work.session.scalar(select(AuditEntry).where(AuditEntry.action == "enrolment.opened"))
        assert told is not None
        assert (told.reason, told.subject_id) == ("处理本人的申诉", str(row.id))


async def test_an_officer_closes_what_must_be_kept_and_two_administrators_delete_the_rest_c11(
    tools: Tools, home: uuid.UUID, browsers: Callable[..., Awaitable[Browser]], officer: Browser
) -> None:
    async with tools.unit_of_work() as work:
        organisation = await work.session.get_one(Organisation, home)
        kept, erased = [(await factories.follower(work)).id for _ in range(2)]
        await erasure_stories.refused(work, organisation, kept)
        await erasure_stories.in_review(work, organisation, erased)
    paths = []
    for who in (kept, erased):
        await erasure_stories.asks(tools, who)
        async with tools.unit_of_work() as work:
            paths.append(f"/erasures/{(await erasure_stories.request_of(work, who)).id}")
    assert re.search(r"<strong>2</strong>\s*<span>删除申请待办理", await officer.open("/"))
    page = await officer.open(paths[0])
    assert "报名审核材料和考务档案要保存至少10年（主办方规定）" in page
    assert "王*明" in page
    assert "已办结，本人会收到说明" in await officer.send(f"{paths[0]}/close", {})
    first, second = await browsers(StaffRole.ADMIN, home), await browsers(StaffRole.ADMIN, home)
    assert "不能直接办结" in await officer.send(f"{paths[1]}/close", {}, status=422)
    assert "只有管理员" in await officer.send(f"{paths[1]}/propose", {"reason": "本人要求"}, status=422)
    assert "请另一位管理员核对" in await first.send(f"{paths[1]}/propose", {"reason": "本人要求"})
    assert "不能是同一个人" in await first.send(f"{paths[1]}/confirm", {"files": "1"}, status=422)
    assert "现在是 1 张" in await second.send(f"{paths[1]}/confirm", {"files": "3"}, status=422)
    assert "正在删除" in await second.send(f"{paths[1]}/confirm", {"files": "1"})
    await erasure_stories.run_jobs(tools)
    page = await officer.open("/erasures")
    assert page.count("已办结") == 2
    assert "已删除" in await officer.open(paths[1])
    assert "删除申请待办理" not in await officer.open("/")


async def test_a_refusal_puts_everything_back_and_tells_the_person_why_c11(
    tools: Tools, home: uuid.UUID, browsers: Callable[..., Awaitable[Browser]]
) -> None:
    async with tools.unit_of_work() as work:
        who = (await factories.follower(work)).id
        row = await erasure_stories.refused(work, await work.session.get_one(Organisation, home), who)
    await erasure_stories.asks(tools, who)
    async with tools.unit_of_work() as work:
        path = f"/erasures/{(await erasure_stories.request_of(work, who)).id}"
    admin = await browsers(StaffRole.ADMIN, home)
    assert "恢复照常使用" in await admin.send(f"{path}/refuse", {"reason": "电话核实，不是本人提出"})
    assert "王小明" in await admin.open(f"/enrolments/{row.id}")
