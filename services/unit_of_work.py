"""One message, request, job item or tick is one unit of work: one transaction, one moment, one set of tools."""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from services.ports import Clock, FileStore
from services.schemes.loader import SchemeCatalogue
from services.schemes.models import Scheme
from storage.crypto import Keyring
from storage.database import Database


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Aware, UTC."""
        return datetime.now(UTC)


class SystemEntropy:
    """The operating system's randomness."""

    def bits(self, count: int) -> int:
        """A whole number of `count` random bits."""
        return secrets.randbits(count)


@dataclass(frozen=True, kw_only=True)
class Tools:
    """What lives as long as the process: made once by the composition root."""

    database: Database
    keyring: Keyring
    files: FileStore
    schemes: SchemeCatalogue
    #: `https://host` under which people reach us, without a slash at its end.
    public_url: str
    #: Our names of the official accounts that are connected.
    accounts: tuple[str, ...] = ()
    #: Whether what can wait keeps still from 21:00 to 08:00; a demo, looked at in the evening, does not.
    quiet_hours: bool = True
    clock: Clock = field(default_factory=SystemClock)
    entropy: SystemEntropy = field(default_factory=SystemEntropy)

    @asynccontextmanager
    async def unit_of_work(self) -> AsyncIterator["Work"]:
        """Commits on clean exit, rolls back on any error. Don't raise an HTTP redirect inside."""
        async with self.database.transaction() as session:
            yield Work(session=session, tools=self, now=self.clock.now())


@dataclass(frozen=True, kw_only=True)
class Work:
    """What a service works with: built services are `EnrolmentService(work)`."""

    session: AsyncSession
    tools: Tools
    #: The moment of this unit of work, aware UTC.
    now: datetime

    def scheme(self, ref: str) -> Scheme:
        """The scheme version an enrolment stays with. Raises KeyError for one whose file is gone."""
        return self.tools.schemes[ref]
