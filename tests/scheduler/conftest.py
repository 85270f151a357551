"""A follower, an outbox, a loop."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from scheduler.delivery import DeliveryLoop
from services.notices import NoticeService
from services.unit_of_work import Tools, Work
from storage.states import DeliveryState
from storage.tables import Follower, OutboxMessage
from tests import factories
from tests.scheduler.messengers import RecordingMessenger

TEMPLATES = {
    "main": {key: f"tpl-{key}" for key in ("progress", "payment", "study", "exam", "result", "certificate")}
}


class Post:
    """What the tests do with the outbox, each in a unit of work of its own."""

    def __init__(self, tools: Tools) -> None:
        self.tools = tools
        self._causes = 0

    async def follower(self, *, window: int = 0, **values: Any) -> UUID:
        """A follower with so many messages left in a window of 48 h (0: no window)."""
        async with self.tools.unit_of_work() as work:
            row = await factories.follower(work)
            if window:
                row.window_until, row.window_left = work.now + timedelta(hours=48), window
            for key, value in values.items():
                setattr(row, key, value)
            return row.id

    async def queue(self, follower_id: UUID, notice: str = "admitted", **facts: Any) -> None:
        """One notice, due as `NoticeService` has it."""
        self._causes += 1
        given = {
            "scheme": "质量安全员",
            "number": "10001",
            "hint": "请看公众号",
            "time": "2026年11月21日",
            **facts,
        }
        async with self.tools.unit_of_work() as work:
            await NoticeService(work).send(follower_id, notice, cause=f"cause {self._causes}", facts=given)

    async def rows(self) -> list[OutboxMessage]:
        """The outbox, oldest first."""
        async with self.tools.unit_of_work() as work:
            return list(
                (await work.session.scalars(select(OutboxMessage).order_by(OutboxMessage.dedupe_key))).all()
            )

    async def only(self) -> OutboxMessage:
        """The one message in it."""
        (row,) = await self.rows()
        return row

    async def get_follower(self, follower_id: UUID) -> Follower:
        async with self.tools.unit_of_work() as work:
            return await work.session.get_one(Follower, follower_id)

    async def idle(self) -> bool:
        """Nothing is due or on its way."""
        async with self.tools.unit_of_work() as work:
            open_ = (OutboxMessage.state == DeliveryState.SENDING) | (
                (OutboxMessage.state == DeliveryState.QUEUED) & (OutboxMessage.due_at <= work.now)
            )
            return await work.session.scalar(select(func.count()).where(open_)) == 0

    async def withdraw(self) -> None:
        """Take back whatever is still queued."""
        async with self.tools.unit_of_work() as work:
            await work.session.execute(
                update(OutboxMessage)
                .where(OutboxMessage.state == DeliveryState.QUEUED)
                .values(state=DeliveryState.WITHDRAWN)
            )

    async def judged(self) -> bool:
        """Nothing is being sent: what was tried is kept, though its fate may still be open."""
        async with self.tools.unit_of_work() as work:
            being_sent = (OutboxMessage.state == DeliveryState.SENDING) & (
                OutboxMessage.lease_until > func.clock_timestamp() + timedelta(seconds=30)
            )
            return await work.session.scalar(select(func.count()).where(being_sent)) == 0

    async def row(self, work: Work, follower_id: UUID) -> Follower:
        """The follower, to be changed in a unit of work."""
        return await work.session.get_one(Follower, follower_id)

    async def lapse(self, *, tried_for: timedelta = timedelta(0)) -> None:
        """As if the process that sends had died: every lease is over, and the sends began so long ago."""
        moment = func.clock_timestamp()
        async with self.tools.unit_of_work() as work:
            await work.session.execute(
                update(OutboxMessage)
                .where(OutboxMessage.state == DeliveryState.SENDING)
                .values(lease_until=moment - timedelta(seconds=1), first_sent_at=moment - tried_for)
            )


@pytest.fixture
def post(tools: Tools) -> Post:
    return Post(tools)


@pytest.fixture
def messenger() -> RecordingMessenger:
    return RecordingMessenger()


@asynccontextmanager
async def running(
    tools: Tools, messenger: RecordingMessenger, owner: str = "loop", templates: Any = None
) -> AsyncIterator[DeliveryLoop]:
    """A delivery loop that runs within the block."""
    loop = DeliveryLoop(tools, messenger, TEMPLATES if templates is None else templates, owner)
    stop = asyncio.Event()
    task = asyncio.create_task(loop.run(stop))
    try:
        yield loop
    finally:
        stop.set()
        await task


async def until(condition: Callable[[], Any]) -> None:
    """Wait for it, with a limit that is reached only when something is broken."""
    async with asyncio.timeout(20):
        while True:
            found = condition()
            if asyncio.iscoroutine(found):
                found = await found
            if found:
                return
            await asyncio.sleep(0.02)
