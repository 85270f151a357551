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
from tests.bench.figures import Figure
from tests.bench.platform import platform_stub
from tests.bench.processes import child, cpu_seconds
from tests.bench.rows import fetch, seeding
from tests.bench.sizes import Sizes
from tests.bench.wire import Asked, closed_loop

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


async def measure(database_url: str, folder: Path, sizes: Sizes) -> dict[str, Figure]:
    """Everything that is queued for as many followers leaves."""
    async with seeding(database_url, folder) as rows:
        await rows.followers("oTo", sizes.sends)
        await rows.queued("oTo", sizes.sends, sizes.sends)
    beside = [await bare_rate(sizes)]
    sent = await deliver(database_url, folder, sizes.sends)
    beside.append(await bare_rate(sizes))
    figure = Figure(
        value=sent.per_second,
        unit="req/s",
        ratio=sent.per_second / mean(beside),
        facts={"cpu_us": 1e6 * sent.worker, "database_cpu_us": 1e6 * sent.database, "messages": sizes.sends},
    )
    return {"durable_sends": figure}


async def bare_rate(sizes: Sizes) -> float:
    """What bare aiohttp answers in a second, now."""
    async with child("tests.bench.bare") as bare:
        load = await closed_loop(
            bare["bare"], itertools.repeat(_BARE), connections=sizes.connections, seconds=sizes.seconds
        )
    return load.per_second


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
