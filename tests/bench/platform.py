"""A stub of the platform on loopback: it gives a token, and takes every message under a msgid of its own."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import perf_counter
from typing import cast

_HEAD_ENDS = b"\r\n\r\n"
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_TOKEN = b"/cgi-bin/stable_token"


class Stub:
    """What it has taken so far."""

    def __init__(self) -> None:
        self.port = 0
        self.messages = 0
        #: When each of them came (`perf_counter`).
        self.times: list[float] = []
        self._waiting: list[tuple[int, asyncio.Event]] = []

    async def taken(self, messages: int) -> None:
        """Wait until so many have come."""
        event = asyncio.Event()
        self._waiting.append((messages, event))
        if self.messages < messages:
            await event.wait()

    def answer(self, path: bytes) -> bytes:
        """The JSON for one request."""
        if path.startswith(_TOKEN):
            return json.dumps({"access_token": "bench-token", "expires_in": 7200}).encode()
        self.messages += 1
        self.times.append(perf_counter())
        for wanted, event in self._waiting:
            if self.messages >= wanted:
                event.set()
        return b'{"errcode":0,"errmsg":"ok","msgid":%d}' % self.messages


class _Connection(asyncio.Protocol):
    def __init__(self, stub: Stub) -> None:
        self._stub = stub
        self._buffer = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        self._buffer += data
        while (end := self._buffer.find(_HEAD_ENDS)) >= 0:
            head = self._buffer[:end]
            found = _LENGTH.search(head)
            whole = end + len(_HEAD_ENDS) + (int(found[1]) if found else 0)
            if len(self._buffer) < whole:
                return
            self._buffer = self._buffer[whole:]
            body = self._stub.answer(head.split(b" ", 2)[1])
            self._transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
                + body
            )


@asynccontextmanager
async def platform_stub() -> AsyncIterator[Stub]:
    """Listens on a port of its own until it is left."""
    stub = Stub()
    server = await asyncio.get_running_loop().create_server(
        lambda: _Connection(stub), "127.0.0.1", 0, backlog=4096
    )
    stub.port = server.sockets[0].getsockname()[1]
    try:
        yield stub
    finally:
        server.close()
