"""A console on loopback with two organisations' staff, and a browser's manners in a few lines."""

import re
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import pytest
from aiohttp import ClientResponse, FormData, web
from aiohttp.test_utils import TestClient, TestServer

from handlers.console import mount
from services import organisations
from services.models import StaffRole
from services.ports import SceneCodeUnavailableError
from services.staff import StaffService
from services.unit_of_work import Tools

PASSWORD = "correct-horse-9"

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@dataclass
class Browser:
    """One who sits before the console."""

    client: TestClient[web.Request, web.Application]
    organisation_id: uuid.UUID

    async def open(self, path: str, *, status: int = 200) -> str:
        """The page at this path under /console."""
        response = await self.client.get(f"/console{path}")
        page = await response.text()
        assert response.status == status, page
        return page

    async def token(self) -> str:
        """The CSRF token of this browser's forms."""
        found = TOKEN.search(await self.open("/password"))
        assert found is not None
        return found[1]

    async def send(
        self, path: str, data: dict[str, str] | list[tuple[str, str]] | FormData, *, status: int = 200
    ) -> str:
        """Send a form of this browser; the page after it."""
        form = data if isinstance(data, FormData) else FormData(data)
        form.add_field("csrf_token", await self.token())
        response = await self.client.post(f"/console{path}", data=form)
        page = await response.text()
        assert response.status == status, page
        return page

    async def sign_in(self, login: str, password: str = PASSWORD, **more: str) -> ClientResponse:
        """Fill the login form; the answer without following it."""
        found = TOKEN.search(await self.open("/login"))
        assert found is not None
        return await self.client.post(
            "/console/login",
            data={"csrf_token": found[1], "login": login, "password": password, **more},
            allow_redirects=False,
        )


@pytest.fixture
async def home(tools: Tools) -> uuid.UUID:
    """The organisation that the staff below work in."""
    async with tools.unit_of_work() as work:
        return await organisations.ensure(work, "贵州省 ISO9000 质量促进会", "association")


class FakeSceneCodes:
    """Gives a code at once, unless WeChat is away."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, int]] = []
        self.away = False

    async def address(self, account: str, scene: str, *, seconds: int) -> str:
        if self.away:
            raise SceneCodeUnavailableError(account)
        self.asked.append((account, scene, seconds))
        return f"http://weixin.qq.com/q/{scene}"


@pytest.fixture
def scene_codes() -> FakeSceneCodes:
    return FakeSceneCodes()


@pytest.fixture
async def console(tools: Tools, scene_codes: FakeSceneCodes) -> AsyncIterator[TestServer]:
    app = web.Application()
    mount(app, tools, secure_cookies=False, scene_codes=scene_codes)
    server = TestServer(app)
    await server.start_server()
    yield server
    await server.close()


@pytest.fixture
async def stranger(console: TestServer, home: uuid.UUID) -> AsyncIterator[Browser]:
    """A browser that is not signed in."""
    async with TestClient(console) as client:
        yield Browser(client, home)


@pytest.fixture
async def browsers(tools: Tools, console: TestServer) -> AsyncIterator[Callable[..., Awaitable[Browser]]]:
    """Makes signed-in browsers: `await browsers(StaffRole.OFFICER, organisation_id)`."""
    clients: list[TestClient[web.Request, web.Application]] = []

    async def make(role: StaffRole, organisation_id: uuid.UUID) -> Browser:
        login = f"staff-{len(clients)}"
        async with tools.unit_of_work() as work:
            await StaffService(work).add(
                None,
                login=login,
                name="谢老师",
                password=PASSWORD,
                role=role,
                organisation_id=organisation_id,
            )
        client = TestClient(console)
        clients.append(client)
        browser = Browser(client, organisation_id)
        assert (await browser.sign_in(login)).status == 303
        return browser

    yield make
    for client in clients:
        await client.close()


@pytest.fixture
async def officer(browsers: Callable[..., Awaitable[Browser]], home: uuid.UUID) -> Browser:
    return await browsers(StaffRole.OFFICER, home)


@pytest.fixture
async def viewer(browsers: Callable[..., Awaitable[Browser]], home: uuid.UUID) -> Browser:
    return await browsers(StaffRole.VIEWER, home)
