"""A simulator on a free port, and a small account behind its callback."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from simulator import AccountConfig, RunningSimulator, SimulatorConfig, TemplateConfig, crypto, start, xml
from simulator.clock import PLATFORM_ZONE

AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
SECRET = "the-secret-of-the-account"

ADMITTED = TemplateConfig(
    template_id="ADMITTED",
    title="报名审核通过",
    content="报名项目：{{thing1.DATA}}\n通过时间：{{time2.DATA}}",
)


def account(**changes: Any) -> AccountConfig:
    """The account of these tests, with changes."""
    facts: dict[str, Any] = {
        "app_id": "wx1234567890abcdef",
        "app_secret": SECRET,
        "token": "AAAAA",
        "aes_key": AES_KEY,
        "callback_url": "http://127.0.0.1:9/",
        "templates": (ADMITTED,),
    }
    return AccountConfig(**(facts | changes))


@dataclass
class StubAccount:
    """The program behind the callback: notes what it receives and answers what the test says."""

    config: AccountConfig
    #: Plain XML received, read.
    received: list[dict[str, Any]] = field(default_factory=list)
    queries: list[dict[str, str]] = field(default_factory=list)
    bodies: list[str] = field(default_factory=list)
    arrival: asyncio.Condition = field(default_factory=asyncio.Condition)
    #: From the message received to the body to answer with.
    respond: Callable[[dict[str, Any]], Awaitable[str | web.Response]] | None = None

    def text(self, message: dict[str, Any], content: str) -> str:
        """A passive text reply, encrypted in safe mode."""
        fields = {"Content": content}
        return self.reply(message, "text", fields)

    def reply(self, message: dict[str, Any], kind: str, fields: dict[str, Any]) -> str:
        """A passive reply of any type."""
        head = {"ToUserName": message["FromUserName"], "FromUserName": message["ToUserName"]}
        return self.seal(xml.write(head | {"CreateTime": 1700000000, "MsgType": kind} | fields))

    def seal(self, plain: str) -> str:
        """Encrypt in safe mode."""
        if self.config.mode == "plain":
            return plain
        sealed = crypto.encrypt(plain, aes_key=self.config.aes_key, app_id=self.config.app_id)
        signed = crypto.signature(self.config.token, "1700000000", "42", sealed)
        parts = {"Encrypt": sealed, "MsgSignature": signed, "TimeStamp": "1700000000", "Nonce": "42"}
        return xml.write(parts)

    async def handle(self, request: web.Request) -> web.Response:
        """The callback."""
        if request.method == "GET":
            return web.Response(text=request.query["echostr"])
        query, body = dict(request.query), await request.text()
        timestamp, nonce = query["timestamp"], query["nonce"]
        self.queries.append(query)
        self.bodies.append(body)
        if not crypto.signature_matches(query["signature"], self.config.token, timestamp, nonce):
            return web.Response(status=403)
        if self.config.mode == "safe":
            encrypted = xml.read(body).get("Encrypt")
            if encrypted is None:
                return web.Response(status=403)
            given = query["msg_signature"]
            if not crypto.signature_matches(given, self.config.token, timestamp, nonce, encrypted):
                return web.Response(status=403)
            try:
                body = crypto.decrypt(encrypted, aes_key=self.config.aes_key, app_id=self.config.app_id)
            except crypto.CryptoError:
                return web.Response(status=403)
        message = xml.read(body)
        async with self.arrival:
            self.received.append(message)
            self.arrival.notify_all()
        answer = await self.respond(message) if self.respond else "success"
        return answer if isinstance(answer, web.Response) else web.Response(text=answer)

    def events(self, name: str) -> list[dict[str, Any]]:
        """The events of that name received so far."""
        return [message for message in self.received if message.get("Event") == name]


@dataclass
class Bench:
    """A running simulator, the stub behind it, and a client that speaks to both sides."""

    simulator: RunningSimulator
    stub: StubAccount
    http: aiohttp.ClientSession
    token: str = ""

    async def sim(self, method: str, path: str, body: Any = None, *, status: int = 0) -> dict[str, Any]:
        """A control request; its JSON answer."""
        async with self.http.request(method, f"{self.simulator.url}/sim{path}", json=body) as response:
            data: dict[str, Any] = await response.json()
            if status:
                assert response.status == status, data
            else:
                assert response.status < 300, data
            return data

    async def api(self, path: str, body: Any = None, **query: str) -> dict[str, Any]:
        """A platform call with an access token; POST when there is a body."""
        if not self.token:
            self.token = (await self.stable_token())["access_token"]
        params = {"access_token": self.token} | query
        method = "GET" if body is None else "POST"
        url = f"{self.simulator.url}/cgi-bin/{path}"
        data = None if body is None else json.dumps(body, ensure_ascii=False)
        async with self.http.request(method, url, data=data, params=params) as response:
            answer: dict[str, Any] = await response.json(content_type=None)
            return answer

    async def stable_token(self, **changes: Any) -> dict[str, Any]:
        """What /cgi-bin/stable_token answers."""
        config = self.stub.config
        body = {"grant_type": "client_credential", "appid": config.app_id, "secret": config.app_secret}
        url = f"{self.simulator.url}/cgi-bin/stable_token"
        async with self.http.post(url, json=body | changes) as response:
            data: dict[str, Any] = await response.json()
            return data

    async def follower(self, openid: str = "oLi", *, follow: bool = True) -> str:
        """A follower; its openid."""
        await self.sim("POST", "/followers", {"openid": openid, "nickname": "小李", "follow": follow})
        return openid

    async def say(self, openid: str, content: str, **options: Any) -> dict[str, Any]:
        """The follower writes a text."""
        return await self.sim(
            "POST", "/send", {"openid": openid, "type": "text", "content": content} | options
        )

    async def inbox(self, openid: str, after: int = 0, wait: float = 0) -> list[dict[str, Any]]:
        """What the follower received."""
        answer = await self.sim("GET", f"/inbox/{openid}?after={after}&wait={wait}")
        items: list[dict[str, Any]] = answer["items"]
        return items

    async def received(self, event: str) -> dict[str, Any]:
        """The first event of that name, once it has arrived."""
        async with asyncio.timeout(5), self.stub.arrival:
            await self.stub.arrival.wait_for(lambda: self.stub.events(event))
        return self.stub.events(event)[0]


def _next_morning() -> datetime:
    """Nine o'clock tomorrow: a day's quota does not end while a test counts it, whenever the test runs."""
    nine = datetime.now(PLATFORM_ZONE).replace(hour=9, minute=0, second=0, microsecond=0)
    return nine + timedelta(days=1)


class Lab:
    """Starts benches and stops them all."""

    def __init__(self) -> None:
        self._ends: list[Callable[[], Awaitable[None]]] = []

    async def bench(
        self, *, mode: str = "safe", others: tuple[AccountConfig, ...] = (), **config: Any
    ) -> Bench:
        """A simulator whose one account answers on a free port."""
        stub = StubAccount(account(mode=mode))
        app = web.Application()
        app.router.add_route("*", "/wechat/main", stub.handle)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        stub.config = account(mode=mode, callback_url=f"http://127.0.0.1:{port}/wechat/main")
        settings = {
            "accounts": (stub.config, *others),
            "callback_timeout": 0.3,
            "connect_pause": 0.02,
        } | config
        simulator = await start(SimulatorConfig(**settings), host="127.0.0.1", port=0)
        http = aiohttp.ClientSession()
        self._ends += [http.close, simulator.stop, runner.cleanup]
        bench = Bench(simulator, stub, http)
        await bench.sim("POST", "/clock", {"at": _next_morning().isoformat()})
        return bench

    async def close(self) -> None:
        """Stop everything."""
        for end in self._ends:
            await end()


@pytest.fixture
async def lab() -> AsyncIterator[Lab]:
    """A place to start simulators in."""
    lab = Lab()
    yield lab
    await lab.close()


@pytest.fixture
async def bench(lab: Lab) -> Bench:
    """A simulator in safe mode with an account behind it."""
    return await lab.bench()
