"""Messages that leave: from the outbox, claimed and committed, over HTTP to a stub of the platform, and finished."""

import itertools
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import mean

import asyncpg
import psutil

from tests.bench.bare import PATH
from tests.bench.errors import BenchError
from tests.bench.platform import platform_stub
from tests.bench.processes import child, cpu_seconds
from tests.bench.rows import fetch
from tests.bench.sizes import Sizes
from tests.bench.wire import Asked, Load, closed_loop

#: Part of the messages by which worker and database warm up.
WARM_UP = 0.2
_BARE = Asked(f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 4\r\n\r\nbody".encode(), "success")


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What the messages after the warm-up came to."""

    per_second: float
    #: Seconds of CPU for one, of the worker and of the database.
    worker: float
    database: float

    @property
    def cost(self) -> float:
        """Of both."""
        return self.worker + self.database


async def beside_bare(database_url: str, folder: Path, count: int, sizes: Sizes) -> tuple[Sent, float]:
    """`deliver`, and what bare aiohttp answered in a second before and after it."""

    async def bare_load(port: int) -> Load:
        return await closed_loop(
            port, itertools.repeat(_BARE), connections=sizes.connections, seconds=sizes.seconds
        )

    async with child("tests.bench.bare") as bare:
        before = await bare_load(bare["bare"])
        sent = await deliver(database_url, folder, count)
        after = await bare_load(bare["bare"])
    return sent, mean((before.per_second, after.per_second))


async def deliver(database_url: str, folder: Path, count: int) -> Sent:
    """Let a worker send until `count` messages have come, and look that each left once and was finished."""
    async with AsyncExitStack() as stack:
        stub = await stack.enter_async_context(platform_stub())
        first = max(1, int(count * WARM_UP))
        worker = await stack.enter_async_context(
            child(
                "tests.bench.worker",
                database_url=database_url,
                folder=str(folder),
                api_url=f"http://127.0.0.1:{stub.port}",
            )
        )
        database = await _postmaster(database_url)
        await stub.taken(first)
        began, spent = stub.messages, (cpu_seconds(worker["process"]), cpu_seconds(database))
        await stub.taken(count)
        ended, now = stub.messages, (cpu_seconds(worker["process"]), cpu_seconds(database))
        measured = ended - began
        seconds = stub.times[ended - 1] - stub.times[began - 1]
    finished = await fetch(
        database_url, "SELECT count(*) FROM outbox WHERE state IN ('accepted', 'delivered')"
    )
    under_way = await fetch(database_url, "SELECT count(*) FROM outbox WHERE state = 'sending'")
    if finished != stub.messages or under_way:
        raise BenchError(f"{stub.messages} messages came, {finished} are finished, {under_way} under way")
    return Sent(
        per_second=measured / seconds,
        worker=(now[0] - spent[0]) / measured,
        database=(now[1] - spent[1]) / measured,
    )


async def _postmaster(database_url: str) -> int:
    connection = await asyncpg.connect(database_url)
    try:
        backend = psutil.Process(await connection.fetchval("SELECT pg_backend_pid()"))
        return backend.ppid()
    finally:
        await connection.close()
