"""Housekeeping: what has served its time is forgotten, and what a dead process left behind is taken up again."""

from datetime import datetime, timedelta
from typing import Final

from services.unit_of_work import Work
from storage.repositories.jobs import JobRepository
from storage.repositories.links import LinkRepository
from storage.repositories.receipts import ReceiptRepository
from storage.repositories.staff import StaffRepository
from storage.repositories.ticks import TickRepository, delete_inbound_before

#: Callbacks are kept to answer WeChat's repeats, which come within seconds.
INBOUND_KEPT: Final = timedelta(days=7)
TICKS_KEPT: Final = timedelta(days=30)
JOBS_KEPT: Final = timedelta(days=30)
RECEIPTS_KEPT: Final = timedelta(days=30)
LINKS_KEPT: Final = timedelta(days=1)
#: A worker gives a sign of life every 2 s (`scheduler.runner`); after so much silence it is taken for dead.
SILENCE: Final = timedelta(seconds=12)


async def take_tick(work: Work, job: str, scheduled_for: datetime) -> bool:
    """Claim one tick of a job for this unit of work; False when another process has it."""
    return await TickRepository(work.session).take(job, scheduled_for, work.now)


async def forget_old(work: Work) -> None:
    """Delete what is kept for a time only: callbacks, receipts, ticks, failed jobs, logins and links that have run out."""
    await delete_inbound_before(work.session, work.now - INBOUND_KEPT)
    await TickRepository(work.session).delete_before(work.now - TICKS_KEPT)
    await ReceiptRepository(work.session).delete_before(RECEIPTS_KEPT)
    await JobRepository(work.session).delete_over(work.now - JOBS_KEPT)
    await StaffRepository(work.session).delete_logins_before(work.now)
    await LinkRepository(work.session).delete_before(work.now - LINKS_KEPT)


async def retry_abandoned_jobs(work: Work) -> int:
    """Queue again what a worker had begun that has died since; says how many jobs."""
    return await JobRepository(work.session).retry_abandoned(SILENCE)


async def is_alive(work: Work, worker_id: int) -> bool:
    """Whether this job worker still gives signs of life."""
    silence = await JobRepository(work.session).silent_for(worker_id)
    return silence is not None and silence < SILENCE
