"""A broadcast in a browser, from draft to report: two of the staff, a real worker, the platform and three phones."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, expect
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from services.models import StaffRole
from services.staff import StaffService
from storage.tables import Follower
from tests import factories
from tests.browser.beside import beside
from tests.browser.test_whole_journey import keep
from tests.installation import Installation, Phone, installation

PASSWORD = "correct-horse-9"
TEXT = "各位学员：\n考试地点改为实验楼 302，请提前 30 分钟到场。"


@dataclass
class Site:
    """An installation in another thread: the browser has this one."""

    loop: asyncio.AbstractEventLoop
    at: Installation
    phones: list[Phone]

    def do(self, work: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(30)


@pytest.fixture
def site(cluster_url: str, tmp_path: Path) -> Iterator[Site]:
    """Three candidates who follow, and two of the staff."""

    @asynccontextmanager
    async def serve(url: str) -> AsyncIterator[tuple[Installation, list[Phone]]]:
        async with installation(url, tmp_path) as at:
            phones = [await at.phone(f"oFollower{number}") for number in range(4)]
            await _people(at, phones[1:])
            yield at, phones

    with beside(cluster_url, serve) as (loop, (at, phones)):
        yield Site(loop=loop, at=at, phones=phones)


async def _people(at: Installation, phones: list[Phone]) -> None:
    for phone in phones:
        await phone.say("菜单")
    async with at.work() as work:
        home = await factories.organisation(work)
        for number, phone in enumerate(phones, start=1):
            follower = await work.session.scalar(select(Follower).where(Follower.openid == phone.openid))
            assert follower is not None
            await factories.enrolment(
                work, organisation=home, follower=follower, identity_number=factories.identity_number(number)
            )
        for login, name in (("xie", "谢老师"), ("zhou", "周老师")):
            await StaffService(work).add(
                None,
                login=login,
                name=name,
                password=PASSWORD,
                role=StaffRole.OFFICER,
                organisation_id=home.id,
            )


def test_from_draft_to_report_two_people_send_what_the_phones_then_show(
    desk: BrowserContext, browser: Browser, site: Site, accessible: Callable[[Page], None], tmp_path: Path
) -> None:
    page = _signed_in(desk, site, "xie")
    page.get_by_role("link", name="群发").click()
    expect(page.get_by_text("还没有群发")).to_be_visible()
    page.get_by_role("button", name="新建群发").click()
    expect(page.locator("#count strong")).to_have_text("3")
    page.get_by_label("填写中").check()
    expect(page.locator("#count strong")).to_have_text("0")
    page.get_by_label("填写中").uncheck()
    expect(page.locator("#count strong")).to_have_text("3")
    page.get_by_role("textbox", name="名称").fill("考试地点变更")
    page.get_by_role("textbox", name="正文").fill(TEXT)
    accessible(page)
    keep(page, "broadcast-form")
    page.get_by_role("button", name="保存草稿").click()

    # To oneself first: whose WeChat it is shows a scan, and the code is read as a camera reads it.
    page.get_by_role("button", name="绑定我的微信").click()
    code = Image.open(io.BytesIO(page.locator(".scan svg").screenshot()))
    (read,) = zxingcpp.read_barcodes(code)
    assert "谢老师" in site.do(site.phones[0].scan(read.text))
    accessible(page)
    page.get_by_role("button", name="扫好了，返回").click()
    page.get_by_role("button", name="发给自己看看").click()
    assert site.do(site.phones[0].wait_for("实验楼 302"))["via"] == "preview"
    page.get_by_role("button", name="提交审批").click()
    expect(page.get_by_text("3 人，名单已锁定")).to_be_visible()
    keep(page, "broadcast-submitted")
    address = page.url.split("?")[0]

    with browser.new_context(viewport={"width": 390, "height": 844}, locale="zh-CN") as pocket:
        other = _signed_in(pocket, site, "zhou")
        other.goto(address)
        other.get_by_label("内容和收件人（3 人）已核对").check()
        keep(other, "broadcast-approving-phone")
        assert other.evaluate("document.documentElement.scrollWidth") <= 390
        accessible(other)
        other.get_by_role("button", name="审批通过").click()
        expect(other.get_by_text("已审批。")).to_be_visible()

    page.goto(address)
    page.get_by_role("button", name="现在开始").click()
    expect(page.get_by_text("不能收回")).to_be_visible()
    accessible(page)
    page.get_by_role("button", name="确认，开始发送").click()
    # It moves without a touch.
    expect(page.get_by_text("3 / 3")).to_be_visible(timeout=10_000)
    expect(page.locator("h1").get_by_text("已完成")).to_be_visible()
    for phone in site.phones[1:]:
        assert site.do(phone.wait_for("实验楼 302"))["via"] == "mass"
    page.goto(address)
    expect(page.locator(".counts div", has_text="其中已送达").locator("strong")).to_have_text("3")
    accessible(page)
    keep(page, "broadcast-report")
    with page.expect_download() as loading:
        page.get_by_role("link", name="下载报告").click()
    loading.value.save_as(tmp_path / "report.xlsx")
    people = CalamineWorkbook.from_path(tmp_path / "report.xlsx").get_sheet_by_name("收件人").to_python()
    assert [row[2] for row in people[1:]] == ["已送达"] * 3


def _signed_in(context: BrowserContext, site: Site, login: str) -> Page:
    page = context.new_page()
    page.goto(f"{site.at.server}/console/login")
    page.get_by_label("账号").fill(login)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("heading", name="今日待办")).to_be_visible()
    return page
