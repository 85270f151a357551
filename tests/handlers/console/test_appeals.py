"""Appeals on the console: disclosed, answered, marked again, decided by another; and at the command line (B7)."""

import uuid
from collections.abc import Awaitable, Callable

from services.models import StaffRole
from services.unit_of_work import Tools
from tests.conftest import FixedClock
from tests.handlers.console.conftest import Browser
from tests.services.appeal_stories import WHY, published


async def test_an_appeal_goes_through_the_console_from_the_queue_to_its_end_b7(
    tools: Tools, clock: FixedClock, browsers: Callable[..., Awaitable[Browser]]
) -> None:
    hearing = await published(tools, clock, "58", version="2024.4")
    own = await hearing.lodge()
    first = await browsers(StaffRole.OFFICER, hearing.house.organisation.id)
    assert "成绩申诉待处理" in await first.open("/")
    assert f"/console/appeals/{own.id}" in await first.open("/appeals")
    page = await first.open(f"/appeals/{own.id}")
    assert WHY in page
    assert "得分率 58%，不合格" in page
    assert "请先把原始成绩" in page
    at = f"/appeals/{own.id}"
    assert "已提供" in await first.send(f"{at}/disclose", {})
    assert "身份证号" in await first.send(f"{at}/answer", {"answer": "号码 11010519491231002X"}, status=422)
    assert "答复已发给本人" in await first.send(f"{at}/answer", {"answer": "第12题已核对"})
    assert "0 到 100" in await first.send(f"{at}/remark", {"score": "101", "note": "漏计"}, status=422)
    marked = await first.send(f"{at}/remark", {"score": "60", "note": "漏计2分"})
    assert "复核得分已录入" in marked
    assert "不能是同一个人" in marked
    refused = await first.send(f"{at}/decide", {"outcome": "changed", "reason": "漏计"}, status=422)
    assert "不能是同一个人" in refused
    second = await browsers(StaffRole.OFFICER, hearing.house.organisation.id)
    assert "不合格（58）→ 合格（60）" in await second.open(at)
    ended = await second.send(f"{at}/decide", {"outcome": "changed", "reason": "第12题漏计2分"})
    assert "更正为 合格" in ended
    assert "没有办理中的申诉" in await second.open("/appeals")
    assert f"{own.number}" in await second.open("/appeals?state=decided")
    response = await second.client.get(f"/console{at}/pack.pdf")
    assert (await response.read()).startswith(b"%PDF")


async def test_a_viewer_reads_an_appeal_and_decides_nothing_b9(
    tools: Tools, clock: FixedClock, browsers: Callable[..., Awaitable[Browser]]
) -> None:
    hearing = await published(tools, clock, "58", version="2024.4")
    own = await hearing.disclosed()
    viewer = await browsers(StaffRole.VIEWER, hearing.house.organisation.id)
    page = await viewer.open(f"/appeals/{own.id}")
    assert WHY in page
    assert "/remark" not in page
    await viewer.send(f"/appeals/{own.id}/answer", {"answer": "好"}, status=422)
    await viewer.open(f"/appeals/{uuid.uuid4()}", status=404)
