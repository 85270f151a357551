"""What a worker process runs, and what a scheduler process runs; `serve --all` runs both in the server's."""

import asyncio
import os
import secrets
import socket
from contextlib import suppress
from typing import Final

import psycopg
import structlog
from procrastinate import App
from procrastinate.exceptions import ProcrastinateException
from procrastinate.worker import Worker
from sqlalchemy.exc import DBAPIError, InterfaceError

from scheduler.broadcasts import BroadcastLoop
from scheduler.delivery import DeliveryLoop
from scheduler.leader import Leadership
from scheduler.queue import open_queue
from scheduler.ticks import run_ticks
from services import housekeeping
from services.delivery.service import TemplateIds
from services.ports import Messenger
from services.unit_of_work import Tools

log = structlog.get_logger(__name__)

#: A worker's sign of life; silent for `housekeeping.SILENCE`, it is taken for dead and its jobs are run again.
HEARTBEAT_SECONDS: Final = 2.0
#: Jobs come by notification; this is how long one waits when a notification was lost, or when its retry is due.
FETCH_SECONDS: Final = 1.0
#: How long a stop waits for the jobs that are under way.
DRAIN_SECONDS: Final = 25.0
JOB_CONCURRENCY: Final = 4
_AGAIN_SECONDS: Final = 1.0

_AWAY = (OSError, TimeoutError, InterfaceError, DBAPIError, ProcrastinateException, psycopg.Error)


async def run_worker(
    tools: Tools, messenger: Messenger, templates: TemplateIds, *, stop: asyncio.Event
) -> None:
    """Deliver messages and run jobs until `stop`; what is under way then is finished. Any number of them may run."""
    loop = DeliveryLoop(tools, messenger, templates, owner())
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(loop.run(stop))
        tasks.create_task(BroadcastLoop(tools, messenger, owner()).run(stop))
        tasks.create_task(run_jobs(tools, messenger, stop=stop))


async def run_scheduler(tools: Tools, *, stop: asyncio.Event) -> None:
    """Run the ticks until `stop`, while this process leads; any number of them may run, one leads."""
    leadership = Leadership(tools.database.url)
    await leadership.hold(stop, lambda over: run_ticks(tools, over))


async def run_jobs(tools: Tools, messenger: Messenger, *, stop: asyncio.Event) -> None:
    """Run jobs until `stop`, through losses of the database."""
    while not stop.is_set():
        try:
            async with open_queue(tools, messenger) as app:
                await _run_jobs_once(tools, app, stop)
        except _AWAY as error:
            log.error("jobs.database_away", error=type(error).__name__)
        except Exception:
            log.exception("jobs.broken")
        with suppress(TimeoutError):
            async with asyncio.timeout(_AGAIN_SECONDS):
                await stop.wait()


async def _run_jobs_once(tools: Tools, app: App, stop: asyncio.Event) -> None:
    worker = Worker(
        app,
        concurrency=JOB_CONCURRENCY,
        install_signal_handlers=False,
        fetch_job_polling_interval=FETCH_SECONDS,
        update_heartbeat_interval=HEARTBEAT_SECONDS,
        stalled_worker_timeout=housekeeping.SILENCE.total_seconds(),
        shutdown_graceful_timeout=DRAIN_SECONDS,
        delete_jobs="successful",
    )
    work = asyncio.create_task(worker.run())  # type: ignore[no-untyped-call]
    watch = asyncio.create_task(_watch(tools, worker, stop))
    try:
        await asyncio.wait({work, watch}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        watch.cancel()
        worker.stop()  # type: ignore[no-untyped-call]
        await work


async def _watch(tools: Tools, worker: Worker, stop: asyncio.Event) -> None:
    """Ends at `stop`, or when the worker gives no more signs of life, which its own monitor may not notice."""
    while not stop.is_set():
        with suppress(TimeoutError):
            async with asyncio.timeout(housekeeping.SILENCE.total_seconds()):
                await stop.wait()
        if stop.is_set() or worker.worker_id is None:
            continue
        with suppress(*_AWAY):
            async with tools.unit_of_work() as work:
                if not await housekeeping.is_alive(work, worker.worker_id):
                    log.error("jobs.worker_silent", worker=worker.worker_id)
                    return


def owner() -> str:
    """A name for this process's claims, never given twice."""
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
