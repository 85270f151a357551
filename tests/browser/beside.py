"""A site in a thread of its own, on a database of its own: the thread of the test belongs to the browser."""

import asyncio
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import TypeVar

import asyncpg
from sqlalchemy import make_url

from storage.migrations import migrate

Site = TypeVar("Site")


@contextmanager
def beside(
    cluster_url: str, serve: Callable[[str], AbstractAsyncContextManager[Site]]
) -> Iterator[tuple[asyncio.AbstractEventLoop, Site]]:
    """What `serve` makes of the address of a new, migrated database, and the loop that it runs in, until the test is over."""
    ready, over, found = threading.Event(), asyncio.Event(), list[Site]()
    loop = asyncio.new_event_loop()

    async def live() -> None:
        name = f"test_{uuid.uuid4().hex[:12]}"
        connection = await asyncpg.connect(cluster_url)
        await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        url = make_url(cluster_url).set(database=name).render_as_string(hide_password=False)
        await migrate(url)
        async with serve(url) as site:
            found.append(site)
            ready.set()
            await over.wait()
        await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await connection.close()

    thread = threading.Thread(target=lambda: loop.run_until_complete(live()), daemon=True)
    thread.start()
    assert ready.wait(60)
    yield loop, found[0]
    loop.call_soon_threadsafe(over.set)
    thread.join(30)
    loop.close()
