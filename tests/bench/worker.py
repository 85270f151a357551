"""Our worker as a process that is measured: `python -m tests.bench.worker '{"database_url": …, "folder": …, …}'`."""

import asyncio
import json
import sys
from pathlib import Path

from bot import logs
from bot.app import program
from bot.cli.serving import run_until_told
from scheduler.runner import run_worker
from tests.bench.bare import until_let_go
from tests.bench.settings import bench_settings


async def work(database_url: str, folder: str, api_url: str) -> None:
    """Until stdin ends; then what was claimed is sent."""
    settings, stop = bench_settings(database_url, Path(folder), api_url), asyncio.Event()
    async with program(settings, database_url) as running:
        worker = asyncio.create_task(
            run_worker(running.tools, running.messenger, running.templates, stop=stop)
        )
        await until_let_go()
        stop.set()
        await worker


if __name__ == "__main__":
    logs.configure("warning")
    run_until_told(work(**json.loads(sys.argv[1])))
