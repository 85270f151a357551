"""The sending half of WeChat's platform, on loopback, in the test's process: it counts what reached whom.

On a bad day it answers a part of the sends badly, before or after it has shown the message.

It keeps what the platform promises: a template message with a `client_msg_id` that the same person got within the last
ten minutes is answered like the first and not shown again; customer-service messages have no such id. Its clock is one
that the test can put forward.
"""

import json
import random
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from aiohttp import web

_NUMBER = re.compile(r"第(\d+)号")
_DEDUPE = timedelta(minutes=10)
_LAST_MINUTES = timedelta(minutes=5)
#: Two hours on the real one; here a token runs out every few kills.
_TOKEN_LIVES = timedelta(minutes=15)


@dataclass
class CountingPlatform:
    """What was shown on people's phones, by the number that stands in each message."""

    url: str = ""
    ahead: timedelta = timedelta(0)
    shown: Counter[int] = field(default_factory=Counter)
    #: The number of each message in the order in which each person got them.
    lines: dict[str, list[int]] = field(default_factory=dict)
    #: Repeats of a template message that were told by their id.
    dropped: int = 0
    #: Openid and msgid of each template message whose receipt has still to come.
    receipts: list[tuple[str, str]] = field(default_factory=list)
    #: Each token that was given out, and until when it serves.
    tokens: dict[str, datetime] = field(default_factory=dict)
    #: The part of the sends that goes wrong, and what chooses them.
    trouble: float = 0
    chance: random.Random = field(default_factory=random.Random)
    #: What went wrong how often; `lost` answers of customer-service messages, which nobody can ask for again.
    faults: Counter[str] = field(default_factory=Counter)
    _ids: dict[tuple[str, str], tuple[datetime, int]] = field(default_factory=dict)
    _msgids: int = 0

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def revoke(self) -> None:
        """No token that is out serves any longer; who asks gets another."""
        self.tokens = dict.fromkeys(self.tokens, self.now())

    def serves_for(self) -> timedelta:
        """How long the newest token will."""
        return max([until - self.now() for until in self.tokens.values()], default=timedelta())

    async def stable_token(self, request: web.Request) -> web.Response:
        asked = await request.json()
        if asked["force_refresh"]:
            self.revoke()
        newest = max(self.tokens, key=lambda token: self.tokens[token], default="")
        if not newest or self.tokens[newest] - self.now() <= _LAST_MINUTES:
            newest = f"token-{len(self.tokens) + 1}"
            self.tokens[newest] = self.now() + _TOKEN_LIVES
        seconds = int((self.tokens[newest] - self.now()).total_seconds())
        return web.json_response({"access_token": newest, "expires_in": seconds})

    async def template(self, request: web.Request) -> web.StreamResponse:
        asked = json.loads(await request.read())
        if not self._serves(request):
            return web.json_response({"errcode": 40001, "errmsg": "invalid credential"})
        if refused := self._refuse():
            return refused
        key = (asked["touser"], asked["client_msg_id"])
        first = self._ids.get(key)
        if first and self.now() - first[0] < _DEDUPE:
            self.dropped += 1
            msgid = first[1]
        else:
            msgid = self._show(asked["touser"], json.dumps(asked["data"], ensure_ascii=False))
            self._ids[key] = (self.now(), msgid)
            self.receipts.append((asked["touser"], str(msgid)))
        return await self._lose(request) or web.json_response({"errcode": 0, "errmsg": "ok", "msgid": msgid})

    async def custom(self, request: web.Request) -> web.StreamResponse:
        asked = json.loads(await request.read())
        if not self._serves(request):
            return web.json_response({"errcode": 40001, "errmsg": "invalid credential"})
        if refused := self._refuse():
            return refused
        self._show(asked["touser"], asked["text"]["content"])
        if lost := await self._lose(request):
            self.faults["lost"] += 1
            return lost
        return web.json_response({"errcode": 0, "errmsg": "ok"})

    def _refuse(self) -> web.Response | None:
        """Nothing is shown, and the answer says so."""
        if self.chance.random() >= self.trouble:
            return None
        match self.chance.choice(["503", "-1", "45011"]):
            case "503":
                self.faults["503"] += 1
                return web.Response(status=503, text="busy")
            case errcode:
                self.faults[errcode] += 1
                return web.json_response({"errcode": int(errcode), "errmsg": "system busy"})

    async def _lose(self, request: web.Request) -> web.StreamResponse | None:
        """The message was shown, and its answer does not say so."""
        if self.chance.random() >= self.trouble:
            return None
        match self.chance.choice(["502", "garbage", "cut"]):
            case "502":
                self.faults["502"] += 1
                return web.Response(status=502, text="bad gateway")
            case "garbage":
                self.faults["garbage"] += 1
                return web.Response(body=b"\x00<html>", content_type="application/json")
            case _:
                self.faults["cut"] += 1
                assert request.transport is not None
                request.transport.abort()
                return web.Response()

    def _serves(self, request: web.Request) -> bool:
        return self.tokens.get(request.query.get("access_token", ""), self.now()) > self.now()

    def _show(self, openid: str, words: str) -> int:
        found = _NUMBER.search(words)
        assert found, words
        self.shown[int(found[1])] += 1
        self.lines.setdefault(openid, []).append(int(found[1]))
        self._msgids += 1
        return self._msgids


@asynccontextmanager
async def counting_platform() -> AsyncIterator[CountingPlatform]:
    """One that listens."""
    platform = CountingPlatform()
    app = web.Application()
    app.router.add_post("/cgi-bin/stable_token", platform.stable_token)
    app.router.add_post("/cgi-bin/message/template/send", platform.template)
    app.router.add_post("/cgi-bin/message/custom/send", platform.custom)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, backlog=1024).start()
        host, port = runner.addresses[0][:2]
        platform.url = f"http://{host}:{port}"
        yield platform
    finally:
        await runner.cleanup()
