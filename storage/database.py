"""The engine and its transactions: the only place that commits."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import URL, event, make_url
from sqlalchemy.exc import DBAPIError, InterfaceError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session


class RememberingSession(Session):
    """Holds on to every row until its transaction ends, so that none is read twice.

    A session's own map is weak: a row that nobody holds is forgotten, and read again when it is asked for by key.
    """


@event.listens_for(RememberingSession, "loaded_as_persistent")
@event.listens_for(RememberingSession, "pending_to_persistent")
def _remember(session: Session, row: object) -> None:
    session.info.setdefault("rows", []).append(row)


class Database:
    """A PostgreSQL database, by its libpq address (`postgresql://user:password@host/name`)."""

    def __init__(self, url: str, *, pool_size: int = 10, max_overflow: int = 10) -> None:
        self.url = url
        self.engine = create_async_engine(
            asyncpg_url(url),
            pool_size=pool_size,
            max_overflow=max_overflow,
            pool_recycle=1800,
            hide_parameters=True,
        )
        self.sessions = async_sessionmaker(
            self.engine, expire_on_commit=False, sync_session_class=RememberingSession
        )

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[AsyncSession]:
        """One unit of work: commits on clean exit, rolls back on any error."""
        session = self.sessions()
        try:
            async with session.begin():
                yield session
        except BaseException:
            # Closed in a task of its own, which nobody's cancellation interrupts.
            async with session:
                raise
        # Committed: its connection is back in the pool, and what remains waits for nothing.
        session.sync_session.close()

    async def close(self) -> None:
        """Give all connections back."""
        await self.engine.dispose()


def is_away(error: Exception) -> bool:
    """Whether the database could not be reached, broke the connection, or has no room: nothing is wrong with the work."""
    if isinstance(error, InterfaceError | OSError | TimeoutError):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = str(getattr(error.orig, "sqlstate", "") or "")
    # Classes of SQLSTATE: connection, no resources, an operator's doing.
    return error.connection_invalidated or state[:2] in ("08", "53", "57")


def asyncpg_url(url: str) -> URL:
    """The same address for SQLAlchemy's asyncpg dialect."""
    return make_url(url).set(drivername="postgresql+asyncpg")


def psycopg_url(url: str) -> str:
    """The same address for libpq, as Procrastinate's psycopg wants it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
