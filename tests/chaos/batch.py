"""A batch of messages in the test's own database, whose clock can be put forward, and what became of each."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg

from services.delivery.service import Arrival, DeliveryService, take_receipts
from services.notices import NoticeService
from services.unit_of_work import Tools
from storage.database import Database
from tests import factories
from tests.conftest import real_tools

#: Stands before `pg_catalog` in every connection's search path, so this is the clock that the program's SQL reads.
_CLOCK = """
CREATE SCHEMA chaos;
CREATE TABLE chaos.ahead (by interval NOT NULL);
INSERT INTO chaos.ahead VALUES ('0');
CREATE FUNCTION chaos.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
    'SELECT pg_catalog.clock_timestamp() + by FROM chaos.ahead';
CREATE FUNCTION chaos.now() RETURNS timestamptz LANGUAGE sql STABLE AS
    'SELECT pg_catalog.now() + by FROM chaos.ahead';
DO $$ BEGIN
    EXECUTE format('ALTER DATABASE %I SET search_path = chaos, pg_catalog, public', current_database());
END $$;
"""

# Copies of one row, whatever columns it has.
_PEOPLE = """
INSERT INTO followers
SELECT (jsonb_populate_record(f, jsonb_build_object(
    'id', gen_random_uuid(),
    'openid', 'o-chaos-' || n,
    'window_until', CASE WHEN n % 2 = 0 THEN f.followed_at + interval '30 days' END,
    'window_left', CASE WHEN n % 2 = 0 THEN 1000 ELSE 0 END
))).*
FROM followers f, generate_series(1, $1::int) AS n
"""
_MESSAGES = """
INSERT INTO outbox
SELECT (jsonb_populate_record(o, jsonb_build_object(
    'id', gen_random_uuid(),
    'follower_id', f.id,
    'dedupe_key', 'chaos ' || n,
    'client_msg_id', 'chaos-' || n,
    'due_at', o.created_at,
    'facts', o.facts || jsonb_build_object('hint', '第' || n || '号', 'next', '第' || n || '号'),
    'created_at', o.created_at + n * interval '1 millisecond'
))).*
FROM outbox o, generate_series(1, $2::int) AS n
JOIN followers f ON f.openid = 'o-chaos-' || (n % $1::int + 1)
WHERE o.dedupe_key NOT LIKE 'chaos %'
"""


@dataclass
class AheadClock:
    """The system's clock, ahead of it."""

    ahead: timedelta = timedelta(0)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@dataclass(frozen=True)
class Fate:
    """One message's end."""

    number: int
    state: str
    channel: str | None
    #: Staff were shown that nobody knows whether it left.
    listed: bool


@dataclass
class Batch:
    """So many messages to half as many people, every other of whom has an open customer-service window."""

    connection: asyncpg.Connection
    tools: Tools
    clock: AheadClock
    size: int

    async def move(self, step: timedelta) -> None:
        """Put the clocks of the database and of this process forward."""
        self.clock.ahead += step
        await self.connection.execute("UPDATE chaos.ahead SET by = $1", self.clock.ahead)

    async def tick(self) -> None:
        """What the leader, who lives elsewhere, does every ten seconds: settle what dead processes left behind."""
        async with self.tools.unit_of_work() as work:
            await DeliveryService(work).settle_lapsed()

    async def take_in(self, receipts: Iterable[tuple[str, str]]) -> None:
        """Receipts by openid and msgid, in one group."""
        arrivals = [
            Arrival(account="main", openid=openid, msgid=msgid, status="success")
            for openid, msgid in receipts
        ]
        if arrivals:
            async with self.tools.unit_of_work() as work:
                await take_receipts(work, arrivals)

    async def left(self) -> int:
        """How many are not at their end."""
        count: int = await self.connection.fetchval(
            "SELECT count(*) FROM outbox WHERE state IN ('sending', 'queued')"
        )
        return count

    async def fates(self) -> list[Fate]:
        """What became of each."""
        rows: list[Any] = await self.connection.fetch(
            "SELECT substring(dedupe_key FROM 7)::int AS number, state, channel, surfaced_at IS NOT NULL AS listed"
            " FROM outbox ORDER BY 1"
        )
        return [Fate(**row) for row in rows]


async def fill(connection: asyncpg.Connection, database: Database, folder: Path, size: int) -> Batch:
    """Queue `size` messages, numbered from 1."""
    clock = AheadClock()
    tools = real_tools(database, clock, folder)
    async with tools.unit_of_work() as work:
        follower = await factories.follower(work, openid="o-first")
        facts = {"scheme": "质量安全员", "number": "10001", "hint": "", "next": "", "time": "2026年11月21日"}
        await NoticeService(work).send(follower.id, "admitted", cause="first", facts=facts)
    people = max(1, size // 2)
    await connection.execute(_PEOPLE, people)
    await connection.execute(_MESSAGES, people, size)
    await connection.execute("DELETE FROM outbox WHERE dedupe_key NOT LIKE 'chaos %'")
    await connection.execute(_CLOCK)
    await connection.execute("SET search_path = chaos, pg_catalog, public")
    await database.close()  # connections that know the other clock; it opens new ones
    return Batch(connection, tools, clock, size)
