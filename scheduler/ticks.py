"""The ticks: what happens by the clock. Defined here and nowhere else; nothing of them is stored but that they ran.

APScheduler calls them on the leader. Each tick first writes its row in `tick_runs`, in the unit of work that does its
work: should two processes think that they lead, one of them writes it, and the other does nothing.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import structlog
from apscheduler.executors.asyncio import AsyncIOExecutor
from apscheduler.jobstores.memory import MemoryJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger

from services import erasure, housekeeping, retention
from services.authorisation import calendar as authorisation_calendar
from services.broadcasts import BroadcastService, personal
from services.cards import expiring
from services.delivery.service import DeliveryService
from services.enrolments import nudges, reminders
from services.erasure import forgetting
from services.rules.localtime import SHANGHAI
from services.unit_of_work import Tools, Work

log = structlog.get_logger(__name__)

#: A tick that could not run in time, because the process slept, is made up for within so many seconds.
MISFIRE_GRACE_SECONDS: Final = 300

_SCHEDULED_FOR: ContextVar[datetime] = ContextVar("scheduled_for")


@dataclass(frozen=True, kw_only=True)
class Tick:
    """One thing that happens by the clock; its times are Shanghai's."""

    name: str
    #: Fields of a cron trigger: the same moments in every process, so that a tick has one name everywhere.
    when: dict[str, str]
    action: Callable[[Work], Awaitable[object]]


async def _settle_lapsed(work: Work) -> int:
    return await DeliveryService(work).settle_lapsed()


async def _start_broadcasts(work: Work) -> int:
    return await BroadcastService(work).start_due()


TICKS: Final[tuple[Tick, ...]] = (
    Tick(name="settle_lapsed_claims", when={"second": "*/10"}, action=_settle_lapsed),
    Tick(name="retry_abandoned_jobs", when={"second": "*/5"}, action=housekeeping.retry_abandoned_jobs),
    Tick(name="start_broadcasts", when={"second": "*/10"}, action=_start_broadcasts),
    #: Receipts of personal broadcasts that have gone on.
    Tick(name="settle_broadcasts", when={"second": "30"}, action=personal.settle_late),
    #: Every ten minutes by day; the notice itself keeps the quiet hours.
    Tick(
        name="nudge_drafts", when={"hour": "8-20", "minute": "*/10", "second": "0"}, action=nudges.nudge_due
    ),
    #: Early in the day, and once more in case the night was missed.
    Tick(
        name="follow_year",
        when={"hour": "0,9", "minute": "5", "second": "0"},
        action=authorisation_calendar.follow_year,
    ),
    #: On the first day of a month; nothing is deleted by it (C11).
    Tick(
        name="report_retention",
        when={"day": "1", "hour": "3", "minute": "35", "second": "0"},
        action=retention.report_due,
    ),
    #: Whatever was decided and could not be deleted then.
    Tick(
        name="purge_decided",
        when={"hour": "4", "minute": "35", "second": "0"},
        action=retention.purge_again,
    ),
    #: Who unfollowed a week ago.
    Tick(
        name="forget_unfollowed",
        when={"minute": "50", "second": "0"},
        action=forgetting.forget_unfollowed,
    ),
    Tick(
        name="erase_decided",
        when={"hour": "4", "minute": "40", "second": "0"},
        action=erasure.carry_out_again,
    ),
    Tick(
        name="remind_overdue_stages",
        when={"hour": "8-20", "minute": "5", "second": "0"},
        action=reminders.remind_overdue,
    ),
    #: Cards near their last day (D9); each reminder goes out once.
    Tick(
        name="remind_expiring_cards",
        when={"hour": "9", "minute": "20", "second": "0"},
        action=expiring.remind_expiring,
    ),
    Tick(name="forget_old", when={"minute": "17", "second": "0"}, action=housekeeping.forget_old),
)


async def run_tick(tools: Tools, tick: Tick, scheduled_for: datetime) -> bool:
    """Run one tick, unless it was run before; says whether it was run here."""
    async with tools.unit_of_work() as work:
        if not await housekeeping.take_tick(work, tick.name, scheduled_for.astimezone(UTC)):
            return False
        done = await tick.action(work)
    if done:
        log.info("tick.done", tick=tick.name, count=done)
    return True


async def run_ticks(tools: Tools, over: asyncio.Event, ticks: tuple[Tick, ...] = TICKS) -> None:
    """Run the ticks by the clock until `over`; one that is under way then is finished."""
    # It would tell of every run; what ticks do is told by the ticks.
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    running = set[asyncio.Task[Any]]()
    scheduler = AsyncIOScheduler(
        timezone=SHANGHAI,
        jobstores={"default": MemoryJobStore()},
        executors={"default": _DatedExecutor()},
        job_defaults={
            "coalesce": True,
            "max_instances": 1,
            "misfire_grace_time": MISFIRE_GRACE_SECONDS,
        },
    )
    for tick in ticks:
        scheduler.add_job(
            _job, CronTrigger(**tick.when, timezone=SHANGHAI), args=(tools, tick, running), id=tick.name
        )
    scheduler.start()
    try:
        await over.wait()
    finally:
        # Paused first, so that nothing starts any more; a shutdown would cancel what is under way.
        scheduler.pause()
        if running:
            await asyncio.wait(set(running))
        scheduler.shutdown(wait=False)


async def _job(tools: Tools, tick: Tick, running: set[asyncio.Task[Any]]) -> None:
    task = asyncio.current_task()
    if task is not None:
        running.add(task)
        task.add_done_callback(running.discard)
    try:
        await run_tick(tools, tick, _SCHEDULED_FOR.get())
    except Exception:
        # The next tick tries again: what is due is rows, not ticks.
        log.exception("tick.failed", tick=tick.name)


class _DatedExecutor(AsyncIOExecutor):  # type: ignore[misc]
    """Tells a job for which time it was scheduled: a task inherits the context in which it is made."""

    def _do_submit_job(self, job: Any, run_times: list[datetime]) -> None:
        token = _SCHEDULED_FOR.set(run_times[-1])
        try:
            super()._do_submit_job(job, run_times)
        finally:
            _SCHEDULED_FOR.reset(token)
