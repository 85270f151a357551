"""What is under way in the database: the outbox, the jobs, the ticks, the leader. Read only.

Counts are taken from partial indexes, so that they cost the same whatever was sent in the years before.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

# A queued message is due, or it waits for its time, the morning, or the person's next word.
_OUTBOX = text(
    """
    SELECT account, CASE WHEN due_at <= :now THEN 'due' ELSE 'later' END, count(*),
           min(due_at) FILTER (WHERE due_at <= :now)
    FROM outbox WHERE state = 'queued' GROUP BY 1, 2
    UNION ALL
    SELECT account, 'sending', count(*), NULL FROM outbox WHERE state = 'sending' GROUP BY 1
    UNION ALL
    SELECT account, state, count(*), NULL
    FROM outbox WHERE state IN ('unknown', 'dead') AND decided_at IS NULL GROUP BY 1, 2
    """
)

# What left, by the channel's API: a text after a picture is a customer-service message, too.
_SENT = text(
    """
    SELECT account, CASE WHEN channel = 'template' THEN 'template' ELSE 'custom' END,
           count(*) FILTER (WHERE finished_at > :hour), count(*) FILTER (WHERE finished_at >= :day)
    FROM outbox
    WHERE finished_at >= least(:day, :hour) AND msgid IS NOT NULL
    GROUP BY 1, 2
    """
)

_RECEIPTS = text(
    """
    SELECT account,
           coalesce(avg(extract(epoch FROM greatest(received_at - created_at, interval '0')))
                    FILTER (WHERE received_at IS NOT NULL), 0)::float,
           count(*) FILTER (WHERE status IS NULL AND created_at < :late)
    FROM receipts
    WHERE created_at > :hour AND message_id IS NOT NULL
    GROUP BY 1
    """
)

_JOBS = text(
    """
    SELECT count(*) FILTER (WHERE status = 'todo' AND coalesce(scheduled_at, now()) <= now()),
           count(*) FILTER (WHERE status = 'todo' AND scheduled_at > now()),
           count(*) FILTER (WHERE status = 'doing'),
           count(*) FILTER (WHERE status = 'failed')
    FROM procrastinate_jobs
    """
)

_WORKERS = text(
    "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > clock_timestamp() - interval '15 seconds'"
)

_TICKS = text(
    """
    SELECT DISTINCT ON (job) job, scheduled_for, started_at
    FROM tick_runs ORDER BY job, scheduled_for DESC
    """
)

# A bigint key is kept in two halves.
_LEADER = text(
    """
    SELECT a.application_name, a.backend_start
    FROM pg_locks l
    JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended(:key, 0)
    """
)

_DATABASE = text("SELECT pg_database_size(current_database()), clock_timestamp()")


@dataclass(frozen=True, kw_only=True)
class OutboxCount:
    """Messages of one account in one state: `due`, `later`, `sending`, `unknown`, `dead`."""

    account: str
    state: str
    messages: int
    #: When the oldest of the `due` ones became due.
    oldest: datetime | None


@dataclass(frozen=True, kw_only=True)
class SentCount:
    """What left for WeChat of one account by one API: `template` or `custom`."""

    account: str
    api: str
    last_hour: int
    #: Since the given start of the day.
    today: int


@dataclass(frozen=True, kw_only=True)
class ReceiptCount:
    """Receipts of template messages of the last hour."""

    account: str
    #: From our send to the receipt, on average, of those that came.
    seconds: float
    #: Of messages that were sent more than five minutes ago and have none yet.
    awaited: int


@dataclass(frozen=True, kw_only=True)
class JobCount:
    """Jobs by what they wait for, and the workers that gave a sign of life in the last 15 s."""

    due: int
    later: int
    doing: int
    failed: int
    workers: int


@dataclass(frozen=True, kw_only=True)
class LastRun:
    """A tick's last run."""

    tick: str
    scheduled_for: datetime
    started_at: datetime


class OperationsRepository:
    """Figures for the status page and `/metrics`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def outbox(self, now: datetime) -> list[OutboxCount]:
        """What waits, is on its way, or needs a person."""
        return [
            OutboxCount(account=account, state=state, messages=messages, oldest=oldest)
            for account, state, messages, oldest in await self.session.execute(_OUTBOX, {"now": now})
        ]

    async def sent(self, hour: datetime, day: datetime) -> list[SentCount]:
        """What left since `hour`, and since `day`."""
        return [
            SentCount(account=account, api=api, last_hour=last_hour, today=today)
            for account, api, last_hour, today in await self.session.execute(
                _SENT, {"hour": hour, "day": day}
            )
        ]

    async def receipts(self, now: datetime) -> list[ReceiptCount]:
        """How soon receipts come."""
        moments = {"hour": now - timedelta(hours=1), "late": now - timedelta(minutes=5)}
        return [
            ReceiptCount(account=account, seconds=seconds, awaited=awaited)
            for account, seconds, awaited in await self.session.execute(_RECEIPTS, moments)
        ]

    async def jobs(self) -> JobCount:
        """The job queue."""
        due, later, doing, failed = (await self.session.execute(_JOBS)).one()
        workers = int((await self.session.execute(_WORKERS)).scalar_one())
        return JobCount(due=due, later=later, doing=doing, failed=failed, workers=workers)

    async def ticks(self) -> Sequence[LastRun]:
        """The last run of every tick that has run lately."""
        return [
            LastRun(tick=job, scheduled_for=scheduled_for, started_at=started_at)
            for job, scheduled_for, started_at in await self.session.execute(_TICKS)
        ]

    async def leader(self, key: str) -> tuple[str, datetime] | None:
        """The name of the process that holds the advisory lock `key`, and since when it has been connected."""
        found = (await self.session.execute(_LEADER, {"key": key})).one_or_none()
        return (str(found[0]), found[1]) if found is not None else None

    async def database(self) -> tuple[int, datetime]:
        """The database's size in bytes, and its time."""
        size, moment = (await self.session.execute(_DATABASE)).one()
        return int(size), moment
