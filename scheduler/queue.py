"""The job queue: Procrastinate on the same database, through psycopg, with a small pool of its own."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from procrastinate import App, PsycopgConnector

from scheduler.tasks import JobTasks
from services.ports import Messenger
from services.unit_of_work import Tools
from storage.database import psycopg_url

#: One connection listens, one beats, the others fetch and finish.
POOL_SIZE = 4


@asynccontextmanager
async def open_queue(tools: Tools, messenger: Messenger) -> AsyncIterator[App]:
    """The queue with every task of `services.jobs.Task`, connected for the length of the block."""
    # It would tell of every job twice; failures are errors and still told.
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    connector = PsycopgConnector(
        conninfo=psycopg_url(tools.database.url), min_size=1, max_size=POOL_SIZE, timeout=10
    )
    app = App(connector=connector)
    JobTasks(tools, messenger).register(app)
    async with app.open_async():
        yield app
