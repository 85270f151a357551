"""Real PostgreSQL for every test: one cluster a run, one template database, a fresh copy for each test that asks."""

import os
import shutil
import tempfile
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from bot.embedded import EmbeddedPostgres
from services.ports import Clock
from services.schemes.loader import load_catalogue
from services.unit_of_work import Tools
from storage.crypto import Keyring
from storage.database import Database
from storage.files import open_files
from storage.migrations import migrate

SECRET = "a-secret-for-tests-only-0123456789-abcdefghij"


@dataclass
class FixedClock:
    """A clock that stands still until it is moved. Saturday 2026-11-21, 10:00 in Shanghai."""

    moment: datetime = field(default_factory=lambda: datetime(2026, 11, 21, 2, 0, tzinfo=UTC))

    def now(self) -> datetime:
        return self.moment

    def move(self, **step: float) -> None:
        self.moment += timedelta(**step)


@dataclass
class RunningClock:
    """A clock that runs, from Saturday 2026-11-21, 10:00 in Shanghai, and can be put forward."""

    ahead: timedelta = field(
        default_factory=lambda: datetime(2026, 11, 21, 2, 0, tzinfo=UTC) - datetime.now(UTC)
    )

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def move(self, **step: float) -> None:
        self.ahead += timedelta(**step)

    def go_on_to(self, moment: datetime) -> None:
        """Put it forward to this moment."""
        assert moment >= self.now(), moment
        self.ahead += moment - self.now()


@pytest.fixture(scope="session")
def cluster_url() -> Iterator[str]:
    """Address of the maintenance database of a cluster: ZHENGTU_TEST_DATABASE_URL, or the embedded one."""
    if given := os.environ.get("ZHENGTU_TEST_DATABASE_URL"):
        yield given
        return
    # Not below pytest's own folder: that is for root's eyes, and a server started by root runs as another user.
    with tempfile.TemporaryDirectory(
        prefix="zhengtu-postgres-", dir=_in_memory(), ignore_cleanup_errors=True
    ) as folder:
        server = EmbeddedPostgres(Path(folder))
        yield server.url("postgres")
        server.stop()


def _in_memory() -> Path | None:
    """A folder in memory with room for a cluster, where there is one: a test's copy of the database costs little there."""
    folder, room = Path("/dev/shm"), 2 * 1024**3  # noqa: S108 - a private folder is made inside
    usable = folder.is_dir() and os.access(folder, os.W_OK) and shutil.disk_usage(folder).free >= room
    return folder if usable else None


def _sibling(url: str, database: str) -> str:
    from sqlalchemy import make_url

    return make_url(url).set(database=database).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def template_database(cluster_url: str) -> Iterator[str]:
    """Name of a migrated, empty database to copy."""
    import asyncio

    name = f"template_{uuid.uuid4().hex[:12]}"

    async def make() -> None:
        connection = await asyncpg.connect(cluster_url)
        try:
            # Tests need no crash safety; the copy of a template is four times faster without it.
            if "ZHENGTU_TEST_DATABASE_URL" not in os.environ:
                await connection.execute("ALTER SYSTEM SET fsync = off")
                await connection.execute("SELECT pg_reload_conf()")
            await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        finally:
            await connection.close()
        await migrate(_sibling(cluster_url, name))

    async def drop() -> None:
        connection = await asyncpg.connect(cluster_url)
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        await connection.close()

    asyncio.run(make())
    yield name
    asyncio.run(drop())


@asynccontextmanager
async def copied(cluster_url: str, template: str) -> AsyncIterator[str]:
    """Address of a copy of the database called `template`, which nobody is connected to; dropped afterwards."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    connection = await asyncpg.connect(cluster_url)
    await connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
    await connection.close()
    yield _sibling(cluster_url, name)
    connection = await asyncpg.connect(cluster_url)
    await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    await connection.close()


@pytest.fixture
async def database_url(cluster_url: str, template_database: str) -> AsyncIterator[str]:
    """Address of a database of this test's own."""
    async with copied(cluster_url, template_database) as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url, pool_size=5, max_overflow=10)
    yield database
    await database.close()


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture
def tools(database: Database, clock: FixedClock, tmp_path: Path) -> Tools:
    return real_tools(database, clock, tmp_path)


def real_tools(database: Database, clock: Clock, folder: Path) -> Tools:
    """Everything real, with this clock."""
    keyring = Keyring([SECRET])
    return Tools(
        database=database,
        keyring=keyring,
        files=open_files(str(folder / "files"), keyring),
        schemes=load_catalogue(),
        public_url="http://127.0.0.1:8080",
        accounts=("main",),
        clock=clock,
    )
