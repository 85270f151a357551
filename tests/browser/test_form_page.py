"""The form page in a phone's browser: it counts while somebody types, and everybody can read it (D5)."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.sync_api import BrowserContext, Page, expect

from handlers.public import mount
from services.unit_of_work import SystemClock
from storage.database import Database
from tests import trees
from tests.browser.beside import beside
from tests.browser.test_whole_journey import keep
from tests.chat import Follower
from tests.conftest import real_tools
from tests.handlers.chat.test_other_sources import to_introduction
from tests.handlers.public.test_forms import link_in


@pytest.fixture
def address(cluster_url: str, tmp_path: Path) -> Iterator[str]:
    """Where the page for somebody's 工作简介 is."""

    @asynccontextmanager
    async def serve(url: str) -> AsyncIterator[str]:
        database = Database(url)
        tools = replace(real_tools(database, SystemClock(), tmp_path), accounts=("sichuan",))
        app = web.Application()
        mount(app, tools)
        server = TestServer(app)
        await server.start_server()
        await trees.sichuan(tools)
        path = link_in(await to_introduction(Follower(tools, account="sichuan")))
        yield str(server.make_url(urlsplit(path).path))
        await server.close()
        await database.close()

    with beside(cluster_url, serve) as (_, found):
        yield found


def test_a_long_text_is_counted_while_it_is_typed_and_the_page_is_readable_d5(
    pocket: BrowserContext, address: str, accessible: Callable[[Page], None]
) -> None:
    page = pocket.new_page()
    page.goto(address)
    accessible(page)
    page.get_by_role("button", name="打开表格").click()
    area = page.get_by_label("工作简介", exact=True)
    expect(page.get_by_text("已写 0 字，至少 200 字")).to_be_visible()
    area.fill("从事 电工\n培训" * 10)
    expect(page.get_by_text("已写 60 字，至少 200 字")).to_be_visible()
    page.get_by_role("button", name="完成，回微信").click()
    expect(page.get_by_text("还差 140 字")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_text("已经填好的").click()
    accessible(page)
    keep(page, "form-page")
    # What was typed and not saved is there again after a reload, and gone once it is saved.
    area.fill("从事电工培训和评价工作" * 20)
    page.once("dialog", lambda dialog: dialog.accept())
    page.goto(address)
    expect(page.get_by_text("已恢复您上次没有保存的内容")).to_be_visible()
    expect(area).to_have_value("从事电工培训和评价工作" * 20)
    names = "Object.keys(localStorage).map((key) => key.split('.').slice(3).join('.'))"
    assert page.evaluate(names) == ["f.introduction"]
    page.get_by_role("button", name="完成，回微信").click()
    expect(page.get_by_text("回到微信，回复")).to_be_visible()
    assert page.evaluate("localStorage.length") == 0
    accessible(page)
