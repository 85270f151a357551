"""The whole program in this process, going by a clock of its own, so that a season passes in seconds."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, time, timedelta

import aiohttp

from bot.app import Program, program, serving
from bot.demo.clock import RehearsalClock
from bot.demo.house import House
from bot.demo.journey import BEFORE_EXAM, Arrived, Journey
from bot.demo.office import Office
from bot.demo.person import NICKNAME, SpecimenPerson
from bot.demo.phone import Phone, Platform
from bot.demo.seeding import staff_member
from bot.demo.transcript import Transcript
from scheduler.runner import run_scheduler, run_worker
from services.rules.calendar import verification_weekend
from services.rules.localtime import SHANGHAI, local_day

#: The scheme that the specimen person enrols in.
SCHEME = "quality-safety-officer"
#: The exam lies at least so long ago, so that everything after it does, too.
_AGO = timedelta(days=7)


async def rehearse(house: House, transcript: Transcript) -> Arrived:
    """Let a specimen person go the whole way, in the season that has just passed.

    Raises:
        SilenceError, LostError: the journey did not go on.
    """
    exam_day = last_verification_day(local_day(datetime.now(UTC)) - _AGO)
    clock = RehearsalClock(datetime.combine(exam_day - BEFORE_EXAM, time(9), SHANGHAI))
    async with (
        aiohttp.ClientSession() as http,
        program(house.settings, house.database_url, clock=clock) as running,
        everything(running) as server_url,
    ):
        platform = Platform(http, house.platform_url)
        known = sum(follower["nickname"] == NICKNAME for follower in await platform.followers())
        person = SpecimenPerson(index=known)
        journey = Journey(
            scheme=running.tools.schemes.current(SCHEME),
            person=person,
            phone=Phone(platform, person.openid, transcript),
            platform=platform,
            office=Office(
                running.tools, await staff_member(running.tools, house.secrets.password), transcript
            ),
            clock=clock,
            server_url=server_url,
            exam_day=exam_day,
            transcript=transcript,
        )
        try:
            return await journey.run()
        finally:
            await platform.set_clock(None)


def last_verification_day(until: date) -> date:
    """The latest verification Saturday that is not after `until` (A5)."""
    year, quarter = until.year, (until.month - 1) // 3 + 1
    while (saturday := verification_weekend(year, quarter)[0]) > until:
        year, quarter = (year, quarter - 1) if quarter > 1 else (year - 1, 4)
    return saturday


@asynccontextmanager
async def everything(running: Program) -> AsyncIterator[str]:
    """Server, worker and scheduler as tasks of this process; gives the server's address."""
    stop = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(run_worker(running.tools, running.messenger, running.templates, stop=stop))
        tasks.create_task(run_scheduler(running.tools, stop=stop))
        try:
            async with serving(running) as address:
                yield address
        finally:
            stop.set()
