"""Writing in groups: what comes while one group is being written makes the next one, and one commit serves them all.

Nobody waits for a group to fill up: alone, an item is a group of one at once. The more come at a time, the larger the
groups and the less each costs. Whoever put an item in goes on when the group that it was in is committed, not before.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, TypeVar

from storage.database import is_away

Item = TypeVar("Item")
Outcome = TypeVar("Outcome")

#: Items of one group at most.
MOST: Final = 500


class GroupWriter(Generic[Item, Outcome]):
    """Puts items into groups and hands each group to `write`, which keeps all of it or raises.

    `write` is one unit of work and gives one outcome an item. When it raises over a group, its items are written one by
    one, so that a bad one fails alone; when the database is away, nobody is tried again, and all get that error.
    """

    def __init__(
        self,
        write: Callable[[Sequence[Item]], Awaitable[Sequence[Outcome]]],
        *,
        most: int = MOST,
        at_once: int = 1,
    ) -> None:
        self._write = write
        self._most = most
        #: Groups that may be under way together: while the database works on one, the next is prepared.
        self._at_once = at_once
        self._waiting: list[tuple[Item, asyncio.Future[Outcome]]] = []
        self._writers: set[asyncio.Task[None]] = set()

    async def put(self, item: Item) -> Outcome:
        """The outcome, once it is committed. Raises what `write` raised over it."""
        future: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        if len(self._writers) < self._at_once:
            writer = asyncio.create_task(self._run())
            self._writers.add(writer)
            writer.add_done_callback(self._writers.discard)
        return await future

    async def close(self) -> None:
        """Let what was put in be written."""
        while self._writers:
            await asyncio.wait(set(self._writers))

    async def _run(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
            await self._write_group(group)

    async def _write_group(self, group: list[tuple[Item, asyncio.Future[Outcome]]]) -> None:
        try:
            outcomes = await self._write([item for item, _ in group])
        except Exception as error:
            if len(group) > 1 and not is_away(error):
                for one in group:
                    await self._write_group([one])
                return
            for _, future in group:
                if not future.done():
                    future.set_exception(error)
            return
        for (_, future), outcome in zip(group, outcomes, strict=True):
            # Somebody may have stopped waiting; what was written stays.
            if not future.done():
                future.set_result(outcome)
