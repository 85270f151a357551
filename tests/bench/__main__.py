"""`make bench`, or `python -m tests.bench [--quick] [--only callbacks] [--out var/bench.json]`."""

import argparse
import asyncio
import os
import platform
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter

import asyncpg
import uvloop

from bot import logs
from bot.embedded import EmbeddedPostgres
from storage.migrations import migrate
from tests.bench import figures
from tests.bench.measurements import MEASUREMENTS, measure
from tests.bench.processes import LOAD_CORE, can_pin, on_core
from tests.bench.sizes import FULL, QUICK
from tests.bench.targets import verdicts

_TEMPLATE = "bench_template"


def main(arguments: Sequence[str]) -> None:
    """Measure, show, write."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="in 40 s, for a look")
    parser.add_argument("--only", choices=list(MEASUREMENTS), action="append")
    parser.add_argument("--out", type=Path, default=Path("var/bench.json"))
    given = parser.parse_args(arguments)
    logs.configure("warning")
    began = perf_counter()
    with on_core(LOAD_CORE), asyncio.Runner(loop_factory=uvloop.new_event_loop) as loop:
        found = loop.run(_measured(given.only or list(MEASUREMENTS), quick=given.quick))
    sys.stdout.write(
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {perf_counter() - began:.0f} s; Python"
        f" {platform.python_version()}, {os.cpu_count()} cores,"
        f" load of the machine {os.getloadavg()[0]:.1f};"
        f" {'the server on a core of its own' if can_pin() else 'processes NOT pinned to cores'}\n"
    )
    figures.show(found, verdicts(found))
    figures.write(found, given.out)
    sys.stdout.write(f"{given.out}\n")


async def _measured(names: Sequence[str], *, quick: bool) -> dict[str, figures.Figure]:
    with tempfile.TemporaryDirectory(prefix="zhengtu-bench-", ignore_cleanup_errors=True) as folder:
        async with _cluster(Path(folder) / "postgres") as url:
            return await measure(url, _TEMPLATE, Path(folder), QUICK if quick else FULL, names)


@asynccontextmanager
async def _cluster(folder: Path) -> AsyncIterator[str]:
    """A PostgreSQL of its own on disk, with fsync, and a migrated database to copy."""
    server = EmbeddedPostgres(folder)
    try:
        await migrate(server.url(_TEMPLATE))
        url = server.url("postgres")
        connection = await asyncpg.connect(url)
        if await connection.fetchval("SHOW fsync") != "on":
            raise SystemExit("fsync is off")
        await connection.close()
        yield url
    finally:
        server.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
