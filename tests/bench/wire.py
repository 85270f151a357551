"""Load over HTTP/1.1 with kept connections, cheap enough that the server, not the load, is measured.

Closed loop: each connection asks again as soon as it is answered, which gives the most that a server can do. Open
loop: requests leave by the clock, whether the server keeps up or not, and a request's time counts from the moment at
which it was due, so that a stall is not hidden by asking less.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from time import perf_counter
from typing import cast

from tests.bench.errors import BenchError

#: Every so manieth answer is kept and read afterwards.
SAMPLE_EVERY = 10
_DRAIN_SECONDS = 30.0
_PACE_SECONDS = 0.001
_HEAD_ENDS = b"\r\n\r\n"
_LENGTH = b"content-length:"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it goes out, and what its answer has to say."""

    wire: bytes
    expects: str = ""


@dataclass(kw_only=True)
class Load:
    """What came of one load."""

    #: Answered within `seconds`, and in all.
    answered: int = 0
    total: int = 0
    seconds: float = 0.0
    #: Seconds of each, from the moment at which it was due.
    times: list[float] = field(default_factory=list)
    samples: list[tuple[Asked, bytes]] = field(default_factory=list)

    @property
    def per_second(self) -> float:
        """Answers in a second."""
        return self.answered / self.seconds

    def quantile(self, share: float) -> float:
        """Seconds within which this share (0 to 1) was answered."""
        ordered = sorted(self.times)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class _Connection(asyncio.Protocol):
    """One kept connection with at most one request under way."""

    def __init__(self, answered: Callable[["_Connection", bytes, bytes], None]) -> None:
        self._answered = answered
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self.asked: Asked | None = None
        self.due = 0.0
        self.lost = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclass of asyncio's.
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self.lost = True

    def ask(self, asked: Asked, due: float) -> None:
        """Send it; `due` is when it had to leave."""
        assert self._transport is not None
        self.asked, self.due = asked, due
        self._transport.write(asked.wire)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(_HEAD_ENDS)
        if end < 0:
            return
        head = self._buffer[:end].lower()
        place = head.find(_LENGTH)
        if place < 0:
            raise BenchError(f"an answer without a length: {head!r}")
        length = int(head[place + len(_LENGTH) :].split(b"\r\n", 1)[0])
        whole = end + len(_HEAD_ENDS) + length
        if len(self._buffer) < whole:
            return
        body, self._buffer = self._buffer[end + len(_HEAD_ENDS) : whole], self._buffer[whole:]
        self._answered(self, head, body)

    def close(self) -> None:
        """Give it up."""
        if self._transport is not None:
            self._transport.close()


class _Loop:
    """What both kinds of load have in common: connections, counting, waiting for the last answers."""

    def __init__(self) -> None:
        self.load = Load()
        self.connections: list[_Connection] = []
        self.until = 0.0
        self.broken: list[str] = []

    async def open(self, port: int, connections: int) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(connections):
            _, connection = await loop.create_connection(lambda: _Connection(self._take), "127.0.0.1", port)
            self.connections.append(connection)

    def _take(self, connection: _Connection, head: bytes, body: bytes) -> None:
        now, asked = perf_counter(), connection.asked
        connection.asked = None
        if asked is None or not head.startswith(b"http/1.1 200"):
            self.broken.append(f"{head[:80]!r} {body[:200]!r}")
            return
        load = self.load
        load.total += 1
        if now <= self.until:
            load.answered += 1
        load.times.append(now - connection.due)
        if load.total % SAMPLE_EVERY == 1:
            load.samples.append((asked, body))
        self.freed(connection)

    def freed(self, connection: _Connection) -> None:
        """What the connection does next."""
        raise NotImplementedError

    @property
    def under_way(self) -> bool:
        """Something was asked, or waits for its turn, and is not answered."""
        return any(connection.asked for connection in self.connections)

    async def drain(self) -> None:
        """Wait for what is under way; nothing may be left without its answer."""
        deadline = perf_counter() + _DRAIN_SECONDS
        while self.under_way and not self.broken:
            if any(connection.lost and connection.asked for connection in self.connections):
                self.broken.append("the server hung up before it answered")
            elif perf_counter() > deadline:
                self.broken.append(f"no answer within {_DRAIN_SECONDS:.0f} s")
            await asyncio.sleep(0.002)
        for connection in self.connections:
            connection.close()
        if self.broken:
            raise BenchError(self.broken[0])


class _Closed(_Loop):
    def __init__(self, requests: Iterator[Asked]) -> None:
        super().__init__()
        self.requests = requests

    def freed(self, connection: _Connection) -> None:
        now = perf_counter()
        if now < self.until:
            connection.ask(next(self.requests), now)


class _Open(_Loop):
    def __init__(self) -> None:
        super().__init__()
        self.idle: deque[_Connection] = deque()
        self.waiting: deque[tuple[Asked, float]] = deque()

    def freed(self, connection: _Connection) -> None:
        if self.waiting:
            connection.ask(*self.waiting.popleft())
        else:
            self.idle.append(connection)

    @property
    def under_way(self) -> bool:
        return bool(self.waiting) or super().under_way

    def due(self, asked: Asked, moment: float) -> None:
        if self.idle:
            self.idle.popleft().ask(asked, moment)
        else:
            self.waiting.append((asked, moment))


async def closed_loop(port: int, requests: Iterator[Asked], *, connections: int, seconds: float) -> Load:
    """Ask on all connections for so long, and wait for the last answers. Raises BenchError for any but a 200."""
    loop = _Closed(requests)
    await loop.open(port, connections)
    began = perf_counter()
    loop.until = began + seconds
    loop.load.seconds = seconds
    for connection in loop.connections:
        loop.freed(connection)
    await asyncio.sleep(seconds)
    await loop.drain()
    return loop.load


async def open_loop(port: int, requests: list[Asked], *, connections: int, per_second: float) -> Load:
    """Ask by the clock until all requests are answered. Raises BenchError for any but a 200."""
    loop = _Open()
    await loop.open(port, connections)
    loop.idle.extend(loop.connections)
    began = perf_counter()
    loop.until = float("inf")
    sent = 0
    while sent < len(requests):
        due = min(len(requests), int((perf_counter() - began) * per_second))
        while sent < due:
            loop.due(requests[sent], began + sent / per_second)
            sent += 1
        await asyncio.sleep(_PACE_SECONDS)
    await loop.drain()
    loop.load.seconds = perf_counter() - began
    return loop.load
