"""How the installation does: what waits to be sent, what runs, who leads. For `/metrics` and the console's status page.

Counts only: nobody's name, number or message is among them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from services.access import ensure_installation_reader
from services.models import Actor
from services.ports import Room
from services.rules.localtime import SHANGHAI
from services.unit_of_work import Work
from storage.repositories.operations import (
    JobCount,
    LastRun,
    OperationsRepository,
    OutboxCount,
    ReceiptCount,
    SentCount,
)

__all__ = [
    "DAILY_LIMITS",
    "LEADER_KEY",
    "Concern",
    "JobCount",
    "LastRun",
    "Leader",
    "OperationsService",
    "OutboxCount",
    "ReceiptCount",
    "SentCount",
    "Snapshot",
    "concerns",
]

#: What the scheduler's advisory lock is named; whoever holds it runs the ticks.
LEADER_KEY: Final = "zhengtu scheduler"
#: Calls a day that WeChat grants every account; one with many followers has more, which only WeChat's own page tells.
DAILY_LIMITS: Final[Mapping[str, int]] = {"template": 100_000, "custom": 500_000}

#: Messages that are due for longer are not being sent as they should.
STUCK_AFTER: Final = timedelta(minutes=10)
#: The most frequent tick runs every ten seconds.
TICKS_STOPPED_AFTER: Final = timedelta(minutes=2)
JOBS_TOO_MANY: Final = 500
#: Of a day's calls to one API.
QUOTA_LOW: Final = 0.9
_GIB: Final = 1024**3


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
    sent: Sequence[SentCount]
    receipts: Sequence[ReceiptCount]
    jobs: JobCount
    ticks: Sequence[LastRun]
    #: None: no process runs the ticks now.
    leader: Leader | None
    database_bytes: int
    #: The disk that the files lie on; None where they lie in a bucket.
    files: Room | None

    def messages(self, state: str, account: str | None = None) -> int:
        """How many messages are in that state (`OutboxCount`), of one account or of all."""
        return sum(
            one.messages for one in self.outbox if one.state == state and account in (None, one.account)
        )

    def oldest_age(self, account: str | None = None) -> timedelta | None:
        """How long the oldest message that is due has been so; None when none is."""
        due = [one.oldest for one in self.outbox if account in (None, one.account)]
        return max((self.at - oldest for oldest in due if oldest is not None), default=None)

    def sent_last_hour(self, account: str | None = None) -> int:
        """How many messages left in the last hour."""
        return sum(one.last_hour for one in self.sent if account in (None, one.account))

    def quota_left(self, account: str, api: str) -> int:
        """How many of the day's calls that WeChat grants to everybody are left."""
        used = sum(one.today for one in self.sent if (one.account, one.api) == (account, api))
        return max(0, DAILY_LIMITS[api] - used)

    def awaited(self, account: str) -> int:
        """Template messages without a receipt after five minutes."""
        return sum(one.awaited for one in self.receipts if one.account == account)


@dataclass(frozen=True, kw_only=True)
class Concern:
    """What somebody should look at, as a code with facts."""

    code: str
    #: Something stands still, rather than wants a look.
    grave: bool = False
    facts: Mapping[str, object] = field(default_factory=dict)


def concerns(found: Snapshot, accounts: Sequence[str]) -> tuple[Concern, ...]:
    """What is not as it should be, the gravest first; nothing when all is well.

    Codes: `no_worker`, `no_leader`, `ticks_stopped`, `stuck{minutes}`, `disk_low{free_gib}`, `unknown{count}`,
    `dead{count}`, `jobs_failed{count}`, `jobs_late{count}`, `quota_low{account, api, left}`.
    """
    seen: list[Concern] = []
    if not found.jobs.workers:
        seen.append(Concern(code="no_worker", grave=True))
    if found.leader is None:
        seen.append(Concern(code="no_leader", grave=True))
    elif found.at - found.leader.since > TICKS_STOPPED_AFTER:
        last = max((run.started_at for run in found.ticks), default=None)
        if last is None or found.at - last > TICKS_STOPPED_AFTER:
            seen.append(Concern(code="ticks_stopped", grave=True))
    oldest = found.oldest_age()
    if oldest is not None and oldest > STUCK_AFTER:
        minutes = int(oldest.total_seconds() // 60)
        seen.append(Concern(code="stuck", grave=True, facts={"minutes": minutes}))
    if found.files is not None and (found.files.free < _GIB or found.files.free < found.files.total // 20):
        seen.append(
            Concern(code="disk_low", grave=True, facts={"free_gib": f"{found.files.free / _GIB:.1f}"})
        )
    counts = {
        "unknown": found.messages("unknown"),
        "dead": found.messages("dead"),
        "jobs_failed": found.jobs.failed,
        "jobs_late": found.jobs.due if found.jobs.due > JOBS_TOO_MANY else 0,
    }
    seen.extend(Concern(code=code, facts={"count": count}) for code, count in counts.items() if count)
    seen.extend(
        Concern(code="quota_low", facts={"account": account, "api": api, "left": left})
        for account in accounts
        for api, limit in DAILY_LIMITS.items()
        if (left := found.quota_left(account, api)) < limit * (1 - QUOTA_LOW)
    )
    return tuple(seen)


class OperationsService:
    """Looks at the installation as a whole."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.operations = OperationsRepository(work.session)

    async def snapshot(self, actor: Actor) -> Snapshot:
        """The figures now. For the system, administrators and officers. Raises ForbiddenError."""
        ensure_installation_reader(actor)
        now = self.work.now
        midnight = now.astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
        leader = await self.operations.leader(LEADER_KEY)
        size, _ = await self.operations.database()
        return Snapshot(
            at=now,
            outbox=await self.operations.outbox(now),
            sent=await self.operations.sent(now - timedelta(hours=1), midnight),
            receipts=await self.operations.receipts(now),
            jobs=await self.operations.jobs(),
            ticks=await self.operations.ticks(),
            leader=Leader(process=leader[0].removeprefix(f"{LEADER_KEY} "), since=leader[1])
            if leader is not None
            else None,
            database_bytes=size,
            files=await self.work.tools.files.room(),
        )
