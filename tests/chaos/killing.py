"""Lets workers work on a batch and die, until it is done, and keeps the score."""

import asyncio
import json
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.chaos.awaits import ROOT, Order
from tests.chaos.batch import Batch
from tests.chaos.platform import CountingPlatform

#: Longer than a lease; a lease is over, or not yet, or long since, when the next process comes.
AFTER_A_KILL = (timedelta(seconds=65), timedelta(seconds=65), timedelta(seconds=5), timedelta(seconds=200))
#: A process whose clock is wrong; the database's is right.
SKEWS = (timedelta(hours=1), timedelta(hours=-1))
#: A worker dies after so many awaits at the latest, should it not come by the place that it is to die at.
AT_THE_LATEST = 200
#: An await that so many workers come by is one at which one of them has to die.
COMMON = 150
#: A worker that has done nothing for so long has nothing to do; it looks twice a second.
IDLE = 1.2


@dataclass
class Score:
    """What a storm of kills came to."""

    kills: int = 0
    #: Workers whose clock was wrong by an hour.
    skewed: int = 0
    #: Awaits at which a worker was killed, by side and place.
    killed_at: Counter[str] = field(default_factory=Counter)
    #: Awaits that were passed, in how many lives.
    lives: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)

    def spared(self, lives: int) -> list[str]:
        """Awaits that at least so many workers came by and none was killed at."""
        return sorted(
            point for point, count in self.lives.items() if count >= lives and point not in self.killed_at
        )


class Mortals:
    """Forked workers, one at a time."""

    def __init__(self, process: asyncio.subprocess.Process, given: dict[str, Any], batch: Batch) -> None:
        self.process = process
        self.given = given
        self.batch = batch

    async def warm_up(self, seconds: float = 0.3) -> dict[str, Any]:
        """Let the parent itself send for so long: what it has learnt then its children know from their birth."""
        self._tell(Order(), warm=seconds)
        return {"code": 0, **await self._hear()}

    async def begin(
        self, order: Order, *, skew: timedelta = timedelta()
    ) -> tuple[int, asyncio.Task[dict[str, Any]]]:
        """A worker is born, whose clock is wrong by `skew`: its process id, and its last words to come."""
        self._tell(order, ahead=(self.batch.clock.ahead + skew).total_seconds())
        pid: int = (await self._hear())["pid"]
        return pid, asyncio.create_task(self._ending())

    async def live(
        self, order: Order, *, seconds: float = 60, skew: timedelta = timedelta()
    ) -> dict[str, Any]:
        """A worker's life, and its last words.

        It ends where it was ordered to, or is told to stop when it finds nothing more to do, and after `seconds` anyway.
        """
        pid, ending = await self.begin(order, skew=skew)
        loop = asyncio.get_running_loop()
        over, left = loop.time() + seconds, -1
        while not ending.done():
            await asyncio.wait({ending}, timeout=max(0, min(IDLE, over - loop.time())))
            if ending.done():
                break
            before, left = left, await self.batch.left()
            if loop.time() >= over or left == before:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)
                await asyncio.wait_for(ending, 30)
        return ending.result()

    def _tell(self, order: Order, **more: Any) -> None:
        ahead = self.batch.clock.ahead.total_seconds()
        told = {**self.given, "order": asdict(order), "ahead": ahead, **more}
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(told).encode() + b"\n")

    async def _ending(self) -> dict[str, Any]:
        words: dict[str, Any] = {}
        while "code" not in words:
            words |= await self._hear()
        return words

    async def _hear(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        line = await self.process.stdout.readline()
        assert line, "the workers' parent is gone"
        heard: dict[str, Any] = json.loads(line)
        return heard


@asynccontextmanager
async def mortals(
    batch: Batch, platform: CountingPlatform, database_url: str, folder: Path, *, concurrency: int
) -> AsyncIterator[Mortals]:
    """Workers on this batch, which send through this platform."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.chaos.mortal",
        cwd=ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=(folder / "workers.log").open("w"),
        limit=1 << 24,
    )
    try:
        given = {
            "database_url": database_url,
            "platform_url": platform.url,
            "files": str(folder / "files"),
            "concurrency": concurrency,
        }
        yield Mortals(process, given, batch)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await asyncio.wait_for(process.wait(), 30)


async def storm(workers: Mortals, platform: CountingPlatform, chance: random.Random, *, kills: int) -> Score:
    """Kill `kills` workers, each at an await, those at which none has died first; then let others finish."""
    score, batch = Score(), workers.batch
    seen, tries = Counter[str](), Counter[str]()
    _keep(score, seen, await workers.warm_up())
    while (score.kills < kills or score.spared(COMMON)) and await batch.left():
        fresh = sorted(point for point in seen if point not in score.killed_at)
        # What nearly every worker comes by, and was missed, goes before what only some do.
        rank = {point: (tries[point], -(score.lives[point] // COMMON)) for point in fresh}
        first = min(rank.values(), default=(0, 0))
        point = chance.choice([point for point in fresh if rank[point] == first] or [""])
        tries[point] += 1
        if point:
            order = Order(
                point=point,
                hit=chance.randint(1, min(4, seen[point])) if tries[point] < 2 else 1,
                # A place that was missed once is waited for longer: an earlier death would miss it again.
                steps=AT_THE_LATEST * tries[point],
            )
        else:
            order = Order(steps=chance.randint(1, AT_THE_LATEST))
        await _spoil_token(batch, platform, chance, often="tokens" in point)
        # What is passed at a stop only is reached by stopping.
        stopping = point and tries[point] % 4 == 2
        skew = chance.choice(SKEWS) if chance.random() < 0.1 else timedelta()
        score.skewed += bool(skew)
        words = await workers.live(order, seconds=chance.uniform(0.05, 0.3) if stopping else 60, skew=skew)
        _keep(score, seen, words)
        await _pass_time(batch, platform, chance.choice(AFTER_A_KILL))
        await batch.tick()
        await _deliver_receipts(batch, platform, chance, part=0.5)
    for _ in range(20):
        if not await batch.left():
            break
        # Long enough for what a process whose clock was ahead has put off.
        await _pass_time(batch, platform, timedelta(minutes=65))
        await batch.tick()
        _keep(score, seen, await workers.live(Order()))
    await _deliver_receipts(batch, platform, chance, part=1)
    await _pass_time(batch, platform, timedelta(minutes=20))
    await batch.tick()
    return score


async def _deliver_receipts(
    batch: Batch, platform: CountingPlatform, chance: random.Random, *, part: float
) -> None:
    """Some of the receipts that are to come, in any order, up to three times each."""
    waiting, platform.receipts = platform.receipts, []
    come = list[tuple[str, str]]()
    for receipt in waiting:
        if chance.random() < part:
            come += [receipt] * chance.randint(1, 3)
        else:
            platform.receipts.append(receipt)
    chance.shuffle(come)
    middle = len(come) // 2
    await batch.take_in(come[:middle])
    await batch.take_in(come[middle:])


async def _spoil_token(
    batch: Batch, platform: CountingPlatform, chance: random.Random, *, often: bool
) -> None:
    """Revoke the access token, or let it come to its last minutes, or to its end."""
    if chance.random() > (0.9 if often else 0.03):
        return
    match chance.randrange(3):
        case 0:
            platform.revoke()
        case 1:
            await _pass_time(batch, platform, max(timedelta(), platform.serves_for() - timedelta(minutes=3)))
        case _:
            await _pass_time(batch, platform, platform.serves_for())


def _keep(score: Score, seen: Counter[str], words: dict[str, Any]) -> None:
    if words["code"] == -signal.SIGKILL:
        score.kills += 1
        score.killed_at[words["at"]] += 1
    elif words["code"] != 0:
        score.errors.append(f"a worker ended with {words['code']}")
    for point, count in words.get("passed", {}).items():
        score.lives[point] += 1
        seen[point] = max(seen[point], count)


async def _pass_time(batch: Batch, platform: CountingPlatform, step: timedelta) -> None:
    await batch.move(step)
    platform.ahead = batch.clock.ahead
