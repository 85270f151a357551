"""The job queue's tables, as far as housekeeping goes; deferring is `services.jobs`, running is Procrastinate's."""

from datetime import datetime, timedelta

from sqlalchemy import bindparam, text
from sqlalchemy.dialects.postgresql import INTERVAL
from sqlalchemy.ext.asyncio import AsyncSession

# As Procrastinate's own select_stalled_jobs_by_heartbeat, but locked, so that two of us never retry one twice.
_RETRY_ABANDONED = text(
    """
    WITH abandoned AS (
        SELECT j.id
        FROM procrastinate_jobs j
        LEFT JOIN procrastinate_workers w ON w.id = j.worker_id
        WHERE j.status = 'doing' AND (w.id IS NULL OR w.last_heartbeat < clock_timestamp() - :silence)
        FOR UPDATE OF j SKIP LOCKED
    )
    SELECT count(procrastinate_retry_job_v2(
        id, clock_timestamp(), CAST(NULL AS integer), CAST(NULL AS varchar), CAST(NULL AS varchar)))
    FROM abandoned
    """
).bindparams(bindparam("silence", type_=INTERVAL))

_SILENT_FOR = text("SELECT clock_timestamp() - last_heartbeat FROM procrastinate_workers WHERE id = :worker")

_DELETE_OVER = text(
    """
    DELETE FROM procrastinate_jobs j
    WHERE j.status IN ('failed', 'cancelled', 'aborted')
      AND NOT EXISTS (SELECT FROM procrastinate_events e WHERE e.job_id = j.id AND e.at >= :before)
    """
)


class JobRepository:
    """The tables `procrastinate_…`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def retry_abandoned(self, silence: timedelta) -> int:
        """Queue again what workers had begun that have not been heard of for `silence`; says how many jobs."""
        return int((await self.session.execute(_RETRY_ABANDONED, {"silence": silence})).scalar_one() or 0)

    async def silent_for(self, worker_id: int) -> timedelta | None:
        """How long ago a worker gave its last sign of life; None when it is no longer registered."""
        found: timedelta | None = await self.session.scalar(_SILENT_FOR, {"worker": worker_id})
        return found

    async def delete_over(self, before: datetime) -> None:
        """Forget jobs that failed for good, with nothing that happened to them since `before`."""
        await self.session.execute(_DELETE_OVER, {"before": before})
