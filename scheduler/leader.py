"""Leadership: of all replicas one runs the ticks, the one that holds a PostgreSQL session advisory lock.

The lock lives and dies with a connection of its own. When the leader is killed, its connection closes, the lock falls
free, and whoever asks next has it: within `RETRY_SECONDS`. A leader that loses its connection stops leading.
"""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Final

import asyncpg
import structlog

from services.operations import LEADER_KEY

log = structlog.get_logger(__name__)

RETRY_SECONDS: Final = 2.0
#: How often a leader looks whether its connection still lives, and how long the answer may take.
PROOF_SECONDS: Final = 2.0
ANSWER_SECONDS: Final = 5.0

#: The lock's holder is seen by name. PostgreSQL notices within seconds that a leader's whole machine is gone; on a unix
#: socket, where that cannot be, it ignores the three.
_SERVER_SETTINGS: Final = {
    "application_name": f"{LEADER_KEY} {socket.gethostname()[:40]}:{os.getpid()}"[:63],
    "tcp_keepalives_idle": "1",
    "tcp_keepalives_interval": "1",
    "tcp_keepalives_count": "2",
}
_AWAY = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError)


class Leadership:
    """A candidate for leadership on one database."""

    def __init__(self, database_url: str) -> None:
        self._database_url = database_url
        #: Set while this process leads.
        self.leading = asyncio.Event()

    async def hold(self, stop: asyncio.Event, reign: Callable[[asyncio.Event], Awaitable[None]]) -> None:
        """Until `stop`: ask for the lock, and run `reign` while it is held.

        `reign` gets an event that is set when it must end, because of `stop` or because the lock is lost; it may be
        called again later.
        """
        while not stop.is_set():
            try:
                await self._candidate(stop, reign)
            except _AWAY as error:
                log.warning("leader.database_away", error=type(error).__name__)
            await _wait(stop, RETRY_SECONDS)

    async def _candidate(
        self, stop: asyncio.Event, reign: Callable[[asyncio.Event], Awaitable[None]]
    ) -> None:
        connection = await asyncpg.connect(
            self._database_url, timeout=ANSWER_SECONDS, server_settings=_SERVER_SETTINGS
        )
        try:
            while not await self._acquired(connection):
                await _wait(stop, RETRY_SECONDS)
                if stop.is_set():
                    return
            await self._lead(connection, stop, reign)
        finally:
            self.leading.clear()
            with suppress(*_AWAY):
                await connection.close(timeout=ANSWER_SECONDS)

    async def _acquired(self, connection: asyncpg.Connection) -> bool:
        return bool(
            await connection.fetchval(
                "SELECT pg_try_advisory_lock(hashtextextended($1, 0))", LEADER_KEY, timeout=ANSWER_SECONDS
            )
        )

    async def _lead(
        self,
        connection: asyncpg.Connection,
        stop: asyncio.Event,
        reign: Callable[[asyncio.Event], Awaitable[None]],
    ) -> None:
        over = asyncio.Event()
        connection.add_termination_listener(lambda _: over.set())
        log.info("leader.leading")
        self.leading.set()
        watch = asyncio.create_task(self._watch(connection, stop, over))
        try:
            await reign(over)
        finally:
            watch.cancel()
            with suppress(asyncio.CancelledError):
                await watch
            log.info("leader.over", lost=not stop.is_set())

    async def _watch(self, connection: asyncpg.Connection, stop: asyncio.Event, over: asyncio.Event) -> None:
        """Set `over` at `stop`, or when the connection no longer answers."""
        try:
            while not (stop.is_set() or over.is_set()):
                await _wait(stop, PROOF_SECONDS)
                if not stop.is_set():
                    await connection.fetchval("SELECT 1", timeout=ANSWER_SECONDS)
        except _AWAY as error:
            log.warning("leader.connection_lost", error=type(error).__name__)
        finally:
            over.set()


async def _wait(event: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
