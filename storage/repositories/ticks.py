"""Which ticks have run, and forgetting what has served its time."""

from datetime import datetime

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from storage.tables import InboundMessage, TickRun


class TickRepository:
    """The table `tick_runs`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def take(self, job: str, scheduled_for: datetime, now: datetime) -> bool:
        """Whether this tick is ours: False when it was run before, or is being run elsewhere and commits."""
        taken = await self.session.scalar(
            insert(TickRun)
            .values(job=job, scheduled_for=scheduled_for, started_at=now)
            .on_conflict_do_nothing()
            .returning(TickRun.job)
        )
        return taken is not None

    async def delete_before(self, moment: datetime) -> None:
        """Forget ticks that were due before `moment`."""
        await self.session.execute(delete(TickRun).where(TickRun.scheduled_for < moment))


async def delete_inbound_before(session: AsyncSession, moment: datetime) -> None:
    """Forget callbacks taken before `moment`: WeChat repeats one for seconds, not for days."""
    await session.execute(delete(InboundMessage).where(InboundMessage.received_at < moment))
