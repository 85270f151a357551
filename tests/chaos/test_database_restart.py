"""The database restarts in the middle of a batch, once in good order and once without ado."""

import asyncio
import os
import signal
import subprocess
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from storage.database import Database
from tests.chaos.awaits import Order
from tests.chaos.batch import fill
from tests.chaos.killing import mortals
from tests.chaos.platform import counting_platform
from tests.scheduler.conftest import until

SIZE, AT_ONCE = 400, 8


def restart(folder: Path, mode: str) -> None:
    """`pg_ctl restart` of the cluster in `folder`, as its owner, with the program that runs it."""
    process = int((folder / "postmaster.pid").read_text().splitlines()[0])
    program = Path(f"/proc/{process}/exe").readlink()
    command = [str(program.with_name("pg_ctl")), "-w", "-D", str(folder), "-m", mode, "restart"]
    owner = folder.stat().st_uid
    as_owner = {"user": owner} if os.getuid() == 0 and owner else {}
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(command, check=True, **silent, **as_owner)  # type: ignore[call-overload]


@pytest.mark.skipif("ZHENGTU_TEST_DATABASE_URL" in os.environ, reason="restarts a cluster of the tests' own")
async def test_a_restart_of_the_database_in_mid_flight_loses_nothing_and_doubles_nothing(
    database_url: str, tmp_path: Path, report: Callable[..., None]
) -> None:
    connection = await asyncpg.connect(database_url)
    folder = Path(await connection.fetchval("SHOW data_directory"))
    database = Database(database_url)
    batch = await fill(connection, database, tmp_path, SIZE)
    async with (
        counting_platform() as platform,
        mortals(batch, platform, database_url, tmp_path, concurrency=AT_ONCE) as workers,
    ):
        worker, ending = await workers.begin(Order())
        for shown, mode in ((SIZE // 4, "fast"), (SIZE // 2, "immediate")):
            await until(lambda shown=shown: len(platform.shown) >= shown)
            assert len(platform.shown) < SIZE
            await asyncio.to_thread(restart, folder, mode)
        # What was claimed, and whose claim's commit was not confirmed, waits for the end of its lease.
        await until(lambda: len(platform.shown) >= SIZE - 2 * AT_ONCE)
        batch.connection = await asyncpg.connect(database_url)
        os.kill(worker, signal.SIGTERM)
        assert (await ending)["code"] == 0
        for _ in range(3):
            await batch.move(timedelta(minutes=2))
            platform.ahead = batch.clock.ahead
            await batch.tick()
            await workers.live(Order())
        await batch.take_in(platform.receipts)
        await batch.move(timedelta(minutes=20))
        await batch.tick()
    fates = await batch.fates()
    await batch.connection.close()
    await database.close()
    states = Counter(fate.state for fate in fates)
    report(messages=SIZE, restarts=2, states=states)
    assert [fate for fate in fates if not platform.shown[fate.number] and fate.state != "unknown"] == []
    assert [number for number, times in platform.shown.items() if times > 1] == []
    assert set(states) <= {"accepted", "delivered", "unknown"}
    assert states["unknown"] <= 2 * AT_ONCE
    assert [fate for fate in fates if fate.state == "unknown" and not fate.listed] == []
