"""The form page in a phone's browser: it counts while somebody types, and everybody can read it (D5)."""

import asyncio
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.sync_api import BrowserContext, Page, expect
from sqlalchemy import make_url

from handlers.public import mount
from services.schemes.loader import load_catalogue
from services.unit_of_work import Tools
from storage.crypto import Keyring
from storage.database import Database
from storage.files import open_files
from storage.migrations import migrate
from tests import trees
from tests.browser.test_whole_journey import keep
from tests.chat import Follower
from tests.conftest import SECRET
from tests.handlers.chat.test_other_sources import to_introduction
from tests.handlers.public.test_forms import link_in


@pytest.fixture
def address(cluster_url: str, tmp_path: Path) -> Iterator[str]:
    """Where the page for somebody's 工作简介 is, served from another thread: the browser has this one."""
    ready, over, found = threading.Event(), asyncio.Event(), list[str]()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        name = f"test_{uuid.uuid4().hex[:12]}"
        connection = await asyncpg.connect(cluster_url)
        await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        url = make_url(cluster_url).set(database=name).render_as_string(hide_password=False)
        await migrate(url)
        database, keyring = Database(url), Keyring([SECRET])
        tools = Tools(
            database=database,
            keyring=keyring,
            files=open_files(str(tmp_path / "files"), keyring),
            schemes=load_catalogue(),
            public_url="http://127.0.0.1",
            accounts=("sichuan",),
        )
        app = web.Application()
        mount(app, tools)
        server = TestServer(app)
        await server.start_server()
        await trees.sichuan(tools)
        path = link_in(await to_introduction(Follower(tools, account="sichuan")))
        found.append(str(server.make_url(urlsplit(path).path)))
        ready.set()
        await over.wait()
        await server.close()
        await database.close()
        await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await connection.close()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    assert ready.wait(60)
    yield found[0]
    loop.call_soon_threadsafe(over.set)
    thread.join(30)
    loop.close()


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
