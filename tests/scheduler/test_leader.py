"""One leader, and another one as soon as the first is gone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from scheduler.leader import Leadership
from tests.scheduler.conftest import until


@asynccontextmanager
async def candidate(url: str) -> AsyncIterator[Leadership]:
    leadership, stop = Leadership(url), asyncio.Event()

    async def reign(over: asyncio.Event) -> None:
        await over.wait()

    task = asyncio.create_task(leadership.hold(stop, reign))
    try:
        yield leadership
    finally:
        stop.set()
        await task


async def leading(*leaderships: Leadership) -> Leadership:
    """The first of them to lead."""
    await until(lambda: any(leadership.leading.is_set() for leadership in leaderships))
    return next(leadership for leadership in leaderships if leadership.leading.is_set())


async def end_connections_of_leader(url: str) -> None:
    connection = await asyncpg.connect(url)
    ended = await connection.fetchval(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE locktype = 'advisory' AND granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    assert ended == 1
    await connection.close()


async def test_of_two_candidates_one_leads(database_url: str) -> None:
    async with candidate(database_url) as one, candidate(database_url) as two:
        first = await leading(one, two)
        await asyncio.sleep(0.3)
        assert not (two if first is one else one).leading.is_set()


async def test_when_the_leaders_connection_ends_it_stops_leading_and_somebody_leads_again(
    database_url: str,
) -> None:
    async with candidate(database_url) as one:
        await leading(one)
        async with candidate(database_url) as two:
            await end_connections_of_leader(database_url)
            await until(lambda: two.leading.is_set() or not one.leading.is_set())
            await leading(one, two)


async def test_a_leader_that_stops_lets_the_other_lead(database_url: str) -> None:
    async with candidate(database_url) as one:
        await leading(one)
        waiting = candidate(database_url)
        two = await waiting.__aenter__()
    await leading(two)
    await waiting.__aexit__(None, None, None)
    assert not one.leading.is_set()
