"""Our delivery loop as a process that is measured.

`python -m tests.bench.worker '{"database_url": …, "folder": …, "api_url": …}'`. What holds it back in production, the
account's tokens and the receipts that are awaited, does not here: the question is what it could.
"""

import asyncio
import json
import sys
from pathlib import Path

from bot import logs
from bot.app import program
from bot.cli.serving import run_until_told
from scheduler.delivery import DeliveryLoop
from scheduler.runner import owner
from services.rules.pacing import Limits
from tests.bench.bare import until_let_go
from tests.bench.settings import bench_settings

NO_LIMITS = Limits(sends_per_second=1_000_000, outstanding=1_000_000_000)


async def work(database_url: str, folder: str, api_url: str) -> None:
    """Until stdin ends; then what was claimed is sent."""
    settings, stop = bench_settings(database_url, Path(folder), api_url), asyncio.Event()
    async with program(settings, database_url) as running:
        loop = DeliveryLoop(running.tools, running.messenger, running.templates, owner(), limits=NO_LIMITS)
        worker = asyncio.create_task(loop.run(stop))
        await until_let_go()
        stop.set()
        await worker


if __name__ == "__main__":
    logs.configure("warning")
    run_until_told(work(**json.loads(sys.argv[1])))
