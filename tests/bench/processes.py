"""The processes that are measured: on a core of their own, ended when we end."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final

import psutil

from tests.bench.errors import BenchError
from tests.installation import free_port

#: Of the server, or the worker; and of load, stub and database.
MEASURED_CORE: Final = 0
LOAD_CORE: Final = 1
_START_SECONDS: Final = 60


def can_pin() -> bool:
    """Whether this machine has two cores that processes can be put on."""
    return hasattr(os, "sched_setaffinity") and (os.cpu_count() or 1) > LOAD_CORE


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """What is started inside runs on this core, as `taskset -c` would have it."""
    if not can_pin():
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


@asynccontextmanager
async def child(module: str, **told: Any) -> AsyncIterator[dict[str, Any]]:
    """`python -m module` on the measured core; gives the JSON line that it says when it is ready.

    It is `told` in JSON as its argument, and ends with its stdin.
    """
    with on_core(MEASURED_CORE):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            json.dumps(told),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
        )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        async with asyncio.timeout(_START_SECONDS):
            line = await process.stdout.readline()
        if not line:
            raise BenchError(f"{module} did not start")
        yield {**json.loads(line), "process": process.pid}
    finally:
        process.stdin.close()
        await _ended(process)


@asynccontextmanager
async def gunicorn(application: str, folder: Path, **environment: str) -> AsyncIterator[tuple[int, int]]:
    """One worker with threads and kept connections on the measured core; gives its port and process."""
    port = free_port()
    with on_core(MEASURED_CORE):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", "gunicorn", "--workers=1", "--worker-class=gthread", "--threads=8", "--keep-alive=60"),
            *("--backlog=4096", f"--worker-tmp-dir={folder}", "--log-level=error", "--no-control-socket"),
            f"--bind=127.0.0.1:{port}",
            application,
            env={**os.environ, **environment},
        )
    try:
        async with asyncio.timeout(_START_SECONDS):
            while not await _answers(port):
                if process.returncode is not None:
                    raise BenchError(f"{application} did not start")
                await asyncio.sleep(0.05)
        yield port, process.pid
    finally:
        if process.returncode is None:
            process.terminate()
        await _ended(process)


def cpu_seconds(process: int) -> float:
    """What a process and those that it started have used so far, of all cores."""
    first = psutil.Process(process)
    spent = [each.cpu_times() for each in (first, *first.children(recursive=True))]
    return sum(times.user + times.system for times in spent)


async def _answers(port: int) -> bool:
    """Whether it says anything to a request; the port is open before there is a worker behind it."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        return bool(await reader.read())
    except OSError:
        return False


async def _ended(process: asyncio.subprocess.Process) -> None:
    try:
        await asyncio.wait_for(process.wait(), 40)
    except TimeoutError:
        process.kill()
        await process.wait()
