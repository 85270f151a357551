"""kill -9 before and after every await of a batch: nothing is lost, nothing comes twice, what is unknown is known to be.

Kills are aimed at awaits at which no worker has died yet, then at any. The next worker comes when the leases of the one
before have run out, or not yet, or long since; now and then the platform's token is gone as well.
"""

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import asyncpg
import pytest

from storage.database import Database
from tests.chaos.batch import fill
from tests.chaos.conftest import FULL
from tests.chaos.killing import mortals, storm
from tests.chaos.platform import counting_platform

#: Messages, kills at the most, and how many messages a worker has on their way at once.
SIZE, KILLS, AT_ONCE = (2000, 1000, 16) if FULL else (1200, 300, 4)
TURNS = 3 if FULL else 1


@pytest.mark.parametrize("turn", range(TURNS))
async def test_kill_9_at_every_await_loses_nothing_and_doubles_nothing(
    turn: int, database_url: str, tmp_path: Path, chance: random.Random, report: Callable[..., None]
) -> None:
    connection = await asyncpg.connect(database_url)
    database = Database(database_url)
    batch = await fill(connection, database, tmp_path, SIZE)
    async with (
        counting_platform() as platform,
        mortals(batch, platform, database_url, tmp_path, concurrency=AT_ONCE) as workers,
    ):
        score = await storm(workers, platform, chance, kills=KILLS)
    fates = await batch.fates()
    await connection.close()
    await database.close()
    lost = [fate for fate in fates if not platform.shown[fate.number] and fate.state != "unknown"]
    doubled = [number for number, times in platform.shown.items() if times > 1]
    states = Counter(fate.state for fate in fates)
    report(
        messages=SIZE,
        at_once=AT_ONCE,
        kills=score.kills,
        awaits=len(score.lives),
        awaits_killed_at=len(score.killed_at),
        lost=len(lost),
        doubled=len(doubled),
        unknown=states["unknown"],
        states=states,
        repeats_dropped=platform.dropped,
        spared=score.spared(1),
    )
    assert score.errors == []
    assert len(fates) == SIZE
    assert lost == []
    assert doubled == []
    assert set(states) <= {"accepted", "delivered", "unknown"}
    assert [fate for fate in fates if fate.state == "accepted" and fate.channel == "template"] == []
    assert states["unknown"] <= AT_ONCE * score.kills
    assert [fate for fate in fates if fate.state == "unknown" and not fate.listed] == []
    assert score.kills >= min(KILLS, 300)
    # Where hardly anybody comes by, as at the end of a token, not everybody can be killed there.
    assert score.spared(lives=40) == []
    assert len(score.killed_at) >= 0.8 * len(score.lives)
