"""The form page behind a one-time link, and the chat beside it: one draft (D5, D8, E3)."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from html import unescape
from urllib.parse import urlsplit

import pytest
from aiohttp import CookieJar, FormData, web
from aiohttp.test_utils import TestClient, TestServer

from handlers.public import mount
from services.unit_of_work import Tools
from tests import trees
from tests.chat import Follower
from tests.conftest import FixedClock
from tests.handlers.chat.test_other_sources import IDENTITY, INTRODUCTION, answered, to_introduction

from .conftest import Browser

SHORT = "从事电工培训。" * 10


@dataclass
class Phone:
    """A browser that keeps its cookies, on a phone."""

    client: Browser

    async def get(self, path: str) -> tuple[int, str]:
        answer = await self.client.get(path)
        return answer.status, unescape(await answer.text())

    async def press(self, path: str) -> tuple[int, str]:
        """The door's button."""
        answer = await self.client.post(f"{path}/open")
        return answer.status, unescape(await answer.text())

    async def send(self, path: str, page: str, wish: str = "save", **changes: str) -> tuple[int, str]:
        """Hand the form in as it stands on `page`, but for `changes` (`f__introduction` is the name `f.introduction`)."""
        changed = {name.replace("__", "."): value for name, value in changes.items()}
        form = [pair for pair in filled_in(page) if pair[0] not in changed]
        answer = await self.client.post(path, data=FormData([*form, *changed.items(), ("wish", wish)]))
        return answer.status, unescape(await answer.text())


def filled_in(page: str) -> list[tuple[str, str]]:
    """What a browser would send of this page without anybody touching it."""
    form: list[tuple[str, str]] = []
    for tag in re.findall(r"<input\b[^>]*>", page):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and ('type="checkbox"' not in tag or " checked" in tag):
            form.append((name[1], value[1] if value else ""))
    for name, inner in re.findall(
        r'<textarea\b[^>]*name="([^"]*)"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL
    ):
        form.append((name, inner))
    for name, inner in re.findall(r'<select\b[^>]*name="([^"]*)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="(\d+)" selected', inner)
        form.append((name, chosen[1] if chosen else ""))
    return form


def link_in(text: str) -> str:
    """The path of the form page that the chat offers."""
    found = re.search(r"http\S+/h5/forms/\S+", text)
    assert found is not None, text
    return urlsplit(found[0]).path


@pytest.fixture
async def app(tools: Tools) -> AsyncIterator[TestServer]:
    application = web.Application()
    mount(application, tools)
    server = TestServer(application)
    await server.start_server()
    yield server
    await server.close()


@pytest.fixture
async def phones(app: TestServer) -> AsyncIterator[list[Phone]]:
    """Two phones of two people."""
    clients = [TestClient(app, cookie_jar=CookieJar(unsafe=True)) for _ in range(2)]
    yield [Phone(client) for client in clients]
    for client in clients:
        await client.close()


@pytest.fixture
async def examiner(tools: Tools) -> Follower:
    await trees.sichuan(tools)
    return Follower(tools, account="sichuan")


async def opened(phone: Phone, path: str) -> str:
    await phone.get(path)
    status, page = await phone.press(path)
    assert status == 200
    return page


async def test_a_long_text_is_written_on_the_page_and_the_chat_goes_on_behind_it_d5(
    examiner: Follower, phones: list[Phone]
) -> None:
    path = link_in(await to_introduction(examiner))
    page = await opened(phones[0], path)
    assert "至少 200 字" in page
    assert IDENTITY not in page
    assert "510***********" in page
    status, page = await phones[0].send(path, page, "done", f__introduction=SHORT)
    assert status == 422
    assert "已写 70 字，至少 200 字，还差 130 字" in page
    assert SHORT in page
    status, page = await phones[0].send(path, page, "done", f__introduction=INTRODUCTION)
    assert status == 200
    assert "回到微信，回复 继续" in re.sub(r"</?strong>", "", page)
    assert (await phones[0].get(path))[0] == 410
    reply = await examiner.say("填好了")
    assert "✓ 工作简介：已写200字" in reply
    assert "没有记入" in reply
    assert "【照片】" in reply


async def test_fetching_a_link_does_not_use_it_up_and_only_the_first_browser_has_it(
    examiner: Follower, phones: list[Phone]
) -> None:
    mine, other = phones
    path = link_in(await to_introduction(examiner))
    for _ in range(3):
        status, door = await other.get(path)
        assert (status, "打开表格" in door, "考评员" in door) == (200, True, False)
    await opened(mine, path)
    await mine.press(path)
    assert (await mine.get(path))[0] == 200
    for answer in (await other.get(path), await other.press(path), await other.send(path, "", "done")):
        assert answer[0] == 410
        assert "这个链接不能用了" in answer[1]


@pytest.mark.parametrize("end", ["wrong", "expired", "left", "submitted"])
async def test_whatever_ended_a_link_its_page_says_the_same(
    examiner: Follower, phones: list[Phone], clock: FixedClock, end: str
) -> None:
    phone = phones[0]
    path = link_in(await to_introduction(examiner))
    if end == "wrong":
        path = path[:-1] + ("A" if path[-1] != "A" else "B")
    elif end == "expired":
        clock.move(hours=2)
    elif end == "left":
        assert "已退出" in (await phone.send(path, await opened(phone, path), "leave"))[1]
    else:
        await answered(examiner, "退出", "2")
    status, page = await phone.get(path)
    assert status == 410
    assert "这个链接不能用了" in page
    assert "考评员" not in page


async def test_what_changed_in_the_chat_meanwhile_is_shown_beside_what_was_typed(
    examiner: Follower, phones: list[Phone]
) -> None:
    phone = phones[0]
    path = link_in(await to_introduction(examiner))
    page = await opened(phone, path)
    await examiner.say("修改 单位")
    await examiner.say("成都某某技师学院")
    status, page = await phone.send(
        path, page, "save", f__employer="成都某某职业中学", f__introduction=INTRODUCTION
    )
    assert status == 422
    assert "微信里现在是" in page
    assert "成都某某技师学院" in page
    assert "成都某某职业中学" in page
    kept = await phone.send(path, page, "save", k__employer="1")
    assert kept[0] == 200
    assert "成都某某技师学院" in kept[1]
    status, page = await phone.send(path, kept[1], "save", f__employer="成都某某职业中学")
    assert status == 200
    assert "✓ 已保存：工作单位" in page


async def test_an_untouched_page_takes_nothing_back_that_the_chat_has_changed(
    examiner: Follower, phones: list[Phone]
) -> None:
    path = link_in(await to_introduction(examiner))
    page = await opened(phones[0], path)
    await answered(examiner, "修改 单位", "成都某某技师学院")
    status, page = await phones[0].send(path, page, "save", f__introduction=INTRODUCTION)
    assert status == 200
    assert "成都某某技师学院" in page


async def test_a_table_is_filled_in_as_a_whole_and_wrong_cells_are_named_e3(
    tools: Tools, phones: list[Phone]
) -> None:
    await trees.cqc(tools)
    officer = Follower(tools, account="cqc")
    await answered(officer, "报名", "1", "1", "王小明", IDENTITY, "1", "13800138000", "wang@example.com")
    await answered(officer, "北京市丰台区某某路1号", "3", "电气工程", "3", "1")
    path = link_in(await officer.say("1、5"))
    page = await opened(phones[0], path)
    assert "CB业务培训" in page
    cells = {f"t__training__{row}__trained_on": "2026-11-02" for row in range(1, 6)}
    cells |= {f"t__training__{row}__outcome": "合格，优秀" for row in range(1, 5)}
    status, page = await phones[0].send(
        path, page, "done", **cells | {"t__training__2__trained_on": "2026-13-02"}
    )
    assert status == 422
    assert "2026-13-02" in page
    assert "没有" in page
    assert "请填写考核结果" in page
    assert "例如：2026-11-02" in page
    status, page = await phones[0].send(path, page, "done", **cells | {"t__training__5__outcome": "合格"})
    assert status == 200
    reply = await officer.say("继续")
    assert "【认证联络员推荐表】" in reply


async def test_an_exact_list_is_a_list_on_the_page_and_an_abbreviation_in_the_chat_gets_the_item_d8(
    examiner: Follower, phones: list[Phone]
) -> None:
    await answered(examiner, "报名", "1", "1", "1", "同意", "王小明", IDENTITY, "13800138000")
    assert "您是不是要填：大学本科" in await examiner.say("本科")
    path = link_in(await examiner.say("本科"))
    page = await opened(phones[0], path)
    assert '<option value="2">大学本科</option>' in page
    status, page = await phones[0].send(path, page, "save", f__education="2")
    assert status == 200
    assert '<option value="2" selected>大学本科</option>' in page


async def test_the_page_brings_its_own_script_only_and_no_cache_keeps_it(
    examiner: Follower, phones: list[Phone]
) -> None:
    path = link_in(await to_introduction(examiner))
    answer = await phones[0].client.get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["Cache-Control"] == "no-store"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
