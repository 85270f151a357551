"""Accounts, a scripted WeChat server on loopback, and the tokens' real database."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import delete, make_url, text
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

from bot.wechat.account import WeChatAccount
from bot.wechat.client import AccountClient
from bot.wechat.tokens import TokenStore
from bot.wechat.transport import Transport
from storage.crypto import Keyring
from storage.database import Database, asyncpg_url
from storage.tables.tokens import AccessTokenRow
from tests.bot.wechat.sealing import AES_KEY, APP_ID, OLD_AES_KEY, ORIGINAL_ID, TOKEN
from tests.conftest import SECRET, FixedClock

Answer = dict[str, Any] | Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Asked:
    """A request as it reached WeChat."""

    path: str
    query: dict[str, str]
    body: bytes
    content_type: str


@dataclass
class Platform:
    """Answers as told, path by path: the queued ones first, then `{"errcode": 0}`; gives tokens that it counts."""

    url: str = ""
    asked: list[Asked] = field(default_factory=list)
    queued: dict[str, list[Answer]] = field(default_factory=dict)
    tokens_given: int = 0
    #: Set by a test to hold stable_token's answers back.
    gate: asyncio.Event | None = None
    arrival: asyncio.Condition = field(default_factory=asyncio.Condition)

    def answer(self, path: str, *answers: Answer) -> None:
        self.queued.setdefault(path, []).extend(answers)

    def to(self, path: str) -> list[Asked]:
        return [request for request in self.asked if request.path == path]

    async def reached(self, path: str, *, times: int) -> None:
        """Wait until so many requests have come."""
        async with asyncio.timeout(10), self.arrival:
            await self.arrival.wait_for(lambda: len(self.to(path)) >= times)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        async with self.arrival:
            self.asked.append(Asked(request.path, dict(request.query), body, request.content_type))
            self.arrival.notify_all()
        if queue := self.queued.get(request.path):
            answer = queue.pop(0)
            return web.json_response(answer) if isinstance(answer, dict) else await answer(request)
        if request.path == "/cgi-bin/stable_token":
            if self.gate:
                await self.gate.wait()
            self.tokens_given += 1
            return web.json_response({"access_token": f"token-{self.tokens_given}", "expires_in": 7200})
        return web.json_response({"errcode": 0, "errmsg": "ok"})


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    platform = Platform()
    app = web.Application(client_max_size=16 * 1024 * 1024)
    app.router.add_route("*", "/{path:.*}", platform.handle)
    async with TestServer(app) as server:
        platform.url = str(server.make_url("")).rstrip("/")
        yield platform


def make_account(**changes: Any) -> WeChatAccount:
    values: dict[str, Any] = {
        "name": "main",
        "app_id": APP_ID,
        "app_secret": "secret",
        "token": TOKEN,
        "aes_keys": (AES_KEY, OLD_AES_KEY),
        "original_id": ORIGINAL_ID,
    }
    return WeChatAccount(**values | changes)


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    async with Transport() as transport:
        yield transport


@pytest.fixture(scope="session")
def tokens_database_url(cluster_url: str, template_database: str) -> str:
    """One database for all tests of the tokens: a copy for each of the hundred would take longer than they do."""
    name = f"tokens_{uuid.uuid4().hex[:12]}"

    async def make() -> None:
        engine = create_async_engine(asyncpg_url(cluster_url), isolation_level="AUTOCOMMIT")
        async with engine.connect() as connection:
            await connection.execute(
                text(f'CREATE DATABASE "{name}" TEMPLATE "{template_database}" STRATEGY file_copy')
            )
        await engine.dispose()

    asyncio.run(make())
    return make_url(cluster_url).set(database=name).render_as_string(hide_password=False)


@pytest.fixture
async def tokens_database(tokens_database_url: str) -> AsyncIterator[Database]:
    """It, with no tokens yet."""
    database = Database(tokens_database_url, pool_size=5, max_overflow=10)
    async with database.transaction() as session:
        await session.execute(delete(AccessTokenRow))
    yield database
    await database.close()


@pytest.fixture
def token_sessions(tokens_database: Database) -> async_sessionmaker[AsyncSession]:
    return tokens_database.sessions


@pytest.fixture
def account(platform: Platform) -> WeChatAccount:
    return make_account(api_url=platform.url)


@pytest.fixture
def tokens(
    account: WeChatAccount,
    token_sessions: async_sessionmaker[AsyncSession],
    transport: Transport,
    clock: FixedClock,
) -> TokenStore:
    return TokenStore({"main": account}, token_sessions, Keyring([SECRET]), transport, clock)


@pytest.fixture
def client(account: WeChatAccount, transport: Transport, tokens: TokenStore) -> AccountClient:
    return AccountClient(account, transport, tokens)
