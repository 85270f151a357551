"""Many rows from one that the services wrote themselves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import select

from bot.app import program
from services.notices import NoticeService
from services.unit_of_work import Tools
from storage.tables import Base, Enrolment, OutboxMessage
from storage.tables import Follower as FollowerRow
from tests.bench.errors import BenchError
from tests.bench.settings import bench_settings
from tests.chat import Follower

#: A notice that goes as a template message, with what it says.
NOTICE = "admitted"
FACTS = {"scheme": "质量安全员", "number": "10001", "hint": "请看公众号", "time": "2026年11月21日"}


@asynccontextmanager
async def seeding(database_url: str, folder: Path) -> AsyncIterator["Seed"]:
    """One who enrols in the chat, and to whom a notice is queued; the rest are copies."""
    async with program(bench_settings(database_url, folder), database_url) as running:
        follower_id, enrolment_id, message_id = await _original(running.tools)
    connection = await asyncpg.connect(database_url, timeout=60)
    try:
        # Copies keep what their original's keys held; nobody waits for their commit.
        await connection.execute("SET session_replication_role = replica; SET synchronous_commit = off")
        yield Seed(connection, follower_id, enrolment_id, message_id)
        await connection.execute("DELETE FROM outbox WHERE id = $1", message_id)
    finally:
        await connection.close()


class Seed:
    """Copies of three rows: `n`, from 1, is a copy's number."""

    def __init__(
        self, connection: asyncpg.Connection, follower_id: UUID, enrolment_id: UUID, message_id: UUID
    ) -> None:
        self.connection = connection
        self.follower_id, self.enrolment_id, self.message_id = follower_id, enrolment_id, message_id

    async def followers(self, name: str, count: int) -> None:
        """`name`1, `name`2, …: nothing is open, and they wrote long ago."""
        await self._copy(
            "followers",
            self.follower_id,
            count,
            id=f"md5('{name}' || n)::uuid",
            openid=f"'{name}' || n",
            chat_state="''",
            chat_memory="'{}'",
            window_until="NULL",
            window_left="0",
            last_inbound_at="NULL",
        )

    async def drafts(self, name: str, count: int) -> None:
        """The same with a draft whose first question is open."""
        await self._copy(
            "followers",
            self.follower_id,
            count,
            id=f"md5('{name}' || n)::uuid",
            openid=f"'{name}' || n",
            chat_memory=f"jsonb_set(chat_memory, '{{enrolment}}', to_jsonb(md5('{name}e' || n)::uuid::text))",
        )
        await self.enrolments(name, count)

    async def enrolments(self, name: str, count: int) -> None:
        """A draft of each of these followers."""
        await self._copy(
            "enrolments",
            self.enrolment_id,
            count,
            id=f"md5('{name}e' || n)::uuid",
            follower_id=f"md5('{name}' || n)::uuid",
            number="nextval('enrolment_numbers')",
        )

    async def queued(self, name: str, count: int, among: int) -> None:
        """Messages that are due now, to the first `among` followers in turn."""
        await self._messages(name, count, among)

    async def accepted(self, name: str, count: int, among: int) -> None:
        """Messages that WeChat took, under the msgids 1 to `count`, whose receipts are awaited."""
        changes = {
            "state": "'accepted'",
            "channel": "'template'",
            "msgid": "n::text",
            "attempts": "1",
            "first_sent_at": "now()",
        }
        await self._messages(name, count, among, **changes)
        await self.connection.execute(
            "INSERT INTO receipts (account, msgid, message_id, created_at)"
            " SELECT account, msgid, id, now() FROM outbox WHERE state = 'accepted'"
        )
        await self.connection.execute("ANALYZE receipts")

    async def _messages(self, name: str, count: int, among: int, **columns: str) -> None:
        await self._copy(
            "outbox",
            self.message_id,
            count,
            id=f"md5('{name}m' || n)::uuid",
            follower_id=f"md5('{name}' || (n - 1) % {among} + 1)::uuid",
            dedupe_key=f"'{name}m' || n",
            client_msg_id=f"'{name}m' || n",
            **columns,
        )

    async def _copy(self, table: str, original: UUID, count: int, **columns: str) -> None:
        names = [column.name for column in Base.metadata.tables[table].columns]
        shown = ", ".join(f'"{name}"' for name in names)
        chosen = ", ".join(columns.get(name, f'"{name}"') for name in names)
        await self.connection.execute(
            f"INSERT INTO {table} ({shown}) SELECT {chosen}"  # noqa: S608 - names of our own tables
            f" FROM {table}, generate_series(1, {count}) AS n WHERE id = $1",
            original,
        )
        await self.connection.execute(f"ANALYZE {table}")


async def _original(tools: Tools) -> tuple[UUID, UUID, UUID]:
    person = Follower(tools, "oOriginal")
    question = ""
    for said in ("报名", "1", "1", "同意"):
        question = await person.say(said)
    if "【姓名】" not in question:
        raise BenchError(f"not the first question: {question!r}")
    async with tools.unit_of_work() as work:
        follower_id = (await work.session.scalars(select(FollowerRow.id))).one()
        enrolment_id = (await work.session.scalars(select(Enrolment.id))).one()
        await NoticeService(work).send(follower_id, NOTICE, cause="bench", facts=FACTS)
        message_id = (await work.session.scalars(select(OutboxMessage.id))).one()
    return follower_id, enrolment_id, message_id


async def fetch(database_url: str, query: str, *arguments: Any) -> Any:
    """The one value that a query gives."""
    connection = await asyncpg.connect(database_url)
    try:
        return await connection.fetchval(query, *arguments)
    finally:
        await connection.close()
