"""Broadcasts in the console: from an empty list to a report, with a second person between (issue 4, point 3)."""

import io
import re
from collections.abc import Awaitable, Callable

import pytest
from aiohttp import FormData

from services.models import StaffRole
from services.spreadsheets import Column, read_table
from services.unit_of_work import Tools
from tests.handlers.console.conftest import Browser, FakeSceneCodes
from tests.services.broadcast_stories import TEXT, Office, office

FORM = {
    "title": "考试地点变更",
    "account": "main",
    "kind": "mass",
    "content": "text",
    "text": TEXT,
    "rest_days": "3",
}


@pytest.fixture
async def here(tools: Tools) -> Office:
    return await office(tools, "群发的协会")


async def test_from_an_empty_list_to_a_report_with_a_second_person_and_a_second_look(
    tools: Tools, here: Office, browsers: Callable[..., Awaitable[Browser]], scene_codes: FakeSceneCodes
) -> None:
    await here.people(3)
    author = await browsers(StaffRole.OFFICER, here.organisation.id)
    approver = await browsers(StaffRole.OFFICER, here.organisation.id)
    assert "还没有群发" in await author.open("/broadcasts")
    assert "约 680 个汉字" in await author.send("/broadcasts/new", {**FORM, "text": "字" * 700}, status=422)
    counted = await author.send("/broadcasts/count", {**FORM, "state": "rejected"})
    assert ("<strong>0</strong>" in counted, "符合条件 0 人" in counted) == (True, True)
    page = await author.send("/broadcasts/new", FORM)
    assert all(part in page for part in ("草稿已保存", "<strong>3</strong> 人会收到", TEXT, "绑定我的微信"))
    found = re.search(r"/console/broadcasts/([0-9a-f-]{36})/edit", page)
    assert found is not None
    one = f"/broadcasts/{found[1]}"

    assert "<svg" in await author.open(f"{one}/wechat")
    ((account, scene, seconds),) = scene_codes.asked
    assert (account, scene.startswith("staff:"), seconds) == ("main", True, 600)

    assert "请另一位工作人员核对" in await author.send(f"{one}/submit", {})
    assert "群发待审批" in await approver.open("/")
    page = await approver.open(one)
    fingerprint = re.search(r'name="fingerprint" value="([0-9a-f]{64})"', page)
    assert fingerprint is not None
    agreed = {"fingerprint": fingerprint[1]}
    assert "不能自己审批" in await author.send(f"{one}/approve", agreed, status=422)
    assert "已审批" in await approver.send(f"{one}/approve", agreed)
    day = {"day": "2026-11-22", "time": "09:00"}
    assert "2026年11月22日（周日）09:00" in await author.send(f"{one}/schedule", day)
    assert "定时要晚于现在" in await author.send(f"{one}/schedule", {**day, "day": "2026-11-20"}, status=422)
    assert "不能收回" in await author.open(f"{one}/start")
    assert "已开始发送" in await author.send(f"{one}/start", {})
    await here.run(2)
    page = await author.open(one)
    assert all(part in page for part in ("已完成", "3 / 3", "下载报告"))
    response = await author.client.get(f"/console{one}/report.xlsx")
    book = await response.read()
    assert response.status == 200
    assert len(here.messenger.reached) == 3
    people = read_table(
        "r.xlsx", _second_sheet_first(book), (Column(key="a", label="结果"), Column(key="b", label="姓名"))
    )
    assert [row.cells["a"] for row in people.rows] == ["微信已接收"] * 3


def _second_sheet_first(book: bytes) -> bytes:
    """The sheet 收件人 alone: `read_table` reads the first."""
    import xlsxwriter
    from python_calamine import CalamineWorkbook

    rows = CalamineWorkbook.from_filelike(io.BytesIO(book)).get_sheet_by_name("收件人").to_python()
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as copy:
        sheet = copy.add_worksheet()
        for line, row in enumerate(rows):
            sheet.write_row(line, 0, row)
    return out.getvalue()


async def test_a_change_voids_the_approval_and_a_cancel_needs_a_reason(
    here: Office, browsers: Callable[..., Awaitable[Browser]]
) -> None:
    await here.people(2)
    broadcast_id = await here.approved()
    author = await browsers(StaffRole.OFFICER, here.organisation.id)
    viewer = await browsers(StaffRole.VIEWER, here.organisation.id)
    one = f"/broadcasts/{broadcast_id}"
    assert "只有查看权限" in await viewer.send(f"{one}/start", {}, status=422)
    assert "审批作废" in await author.open(f"{one}/edit")
    page = await author.send(f"{one}/edit", {**FORM, "text": "地点不变"})
    assert "草稿" in page
    assert "不能做这个操作" in await author.send(f"{one}/start", {}, status=422)
    form = FormData()
    form.add_field("file", "报名号\n99999\n".encode(), filename="名单.csv", content_type="text/csv")
    assert "第 2 行：没有找到这个人" in await author.send(f"{one}/names", form)
    assert "请写明原因" in await author.send(f"{one}/cancel", {"reason": " "}, status=422)
    assert "写错了" in await author.send(f"{one}/cancel", {"reason": "写错了"})
    assert "标签已加上" in await author.send(f"{one}/label", {"tag": "测试"})
    assert "标签已去掉" in await author.send("/broadcasts/tags/drop", {"tag": "测试"})
