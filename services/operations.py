"""How the installation does: what waits to be sent, what runs, who leads. For `/metrics` and the console's status page.

Counts only: nobody's name, number or message is among them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.access import ensure_installation_reader
from services.models import Actor
from services.ports import Room
from services.unit_of_work import Work
from storage.repositories.operations import JobCount, LastRun, OperationsRepository, OutboxCount

__all__ = ["LEADER_KEY", "JobCount", "LastRun", "Leader", "OperationsService", "OutboxCount", "Snapshot"]

#: What the scheduler's advisory lock is named; whoever holds it runs the ticks.
LEADER_KEY: Final = "zhengtu scheduler"


@dataclass(frozen=True, kw_only=True)
class Leader:
    """The process that runs the ticks."""

    #: `host:pid`.
    process: str
    #: When its connection was made.
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """Everything at one moment of the caller's clock."""

    at: datetime
    outbox: Sequence[OutboxCount]
    jobs: JobCount
    ticks: Sequence[LastRun]
    #: None: no process runs the ticks now.
    leader: Leader | None
    database_bytes: int
    #: The disk that the files lie on; None where they lie in a bucket.
    files: Room | None


class OperationsService:
    """Looks at the installation as a whole."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.operations = OperationsRepository(work.session)

    async def snapshot(self, actor: Actor) -> Snapshot:
        """The figures now. For the system, administrators and officers. Raises ForbiddenError."""
        ensure_installation_reader(actor)
        leader = await self.operations.leader(LEADER_KEY)
        size, _ = await self.operations.database()
        return Snapshot(
            at=self.work.now,
            outbox=await self.operations.outbox(self.work.now),
            jobs=await self.operations.jobs(),
            ticks=await self.operations.ticks(),
            leader=Leader(process=leader[0].removeprefix(f"{LEADER_KEY} "), since=leader[1])
            if leader is not None
            else None,
            database_bytes=size,
            files=await self.work.tools.files.room(),
        )
