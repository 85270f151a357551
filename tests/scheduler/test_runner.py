"""Worker and scheduler together, as `serve --all` runs them."""

import asyncio
from uuid import uuid4

import asyncpg
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from scheduler.runner import run_scheduler, run_worker
from services.jobs import Task, defer
from services.unit_of_work import Tools
from storage.tables import TickRun
from tests.conftest import FixedClock
from tests.scheduler.conftest import TEMPLATES, Post, until
from tests.scheduler.messengers import RecordingMessenger


async def test_everything_runs_and_stops_and_survives_the_loss_of_every_connection(
    tools: Tools, post: Post, messenger: RecordingMessenger, clock: FixedClock, database_url: str
) -> None:
    stop = asyncio.Event()

    async def ticked() -> bool:
        async with tools.unit_of_work() as work:
            return bool((await work.session.scalars(select(TickRun.job))).all())

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(run_worker(tools, messenger, TEMPLATES, stop=stop))
        tasks.create_task(run_scheduler(tools, stop=stop))
        await post.queue(await post.follower(window=5))
        await until(lambda: len(messenger.sent) == 1)
        await until(ticked)
        await end_all_connections(database_url)
        await until(lambda: queued(tools, post))
        await until(lambda: no_jobs(tools))
        await until(lambda: len(messenger.sent) == 2)
        stop.set()


async def queued(tools: Tools, post: Post) -> bool:
    """Queue one more message and a job, once the database answers again."""
    try:
        await post.queue(await post.follower(window=5))
        async with tools.unit_of_work() as work:
            await defer(work, Task.TAKE_PICTURE, document_id=str(uuid4()), account="main")
    except DBAPIError:
        return False
    return True


async def no_jobs(tools: Tools) -> bool:
    async with tools.unit_of_work() as work:
        return not await work.session.scalar(text("SELECT count(*) FROM procrastinate_jobs"))


async def end_all_connections(url: str) -> None:
    """As a restart of the database does."""
    connection = await asyncpg.connect(url)
    await connection.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await connection.close()
