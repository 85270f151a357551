"""Writing in groups: who waits for what, and what a bad item does to the others."""

import asyncio
from collections.abc import Sequence

import pytest

from services.groups import GroupWriter


class Ledger:
    """Keeps numbers, doubled; refuses negative ones; away while `away`."""

    def __init__(self) -> None:
        self.groups: list[list[int]] = []
        self.away = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def write(self, numbers: Sequence[int]) -> list[int]:
        await self.gate.wait()
        if self.away:
            raise ConnectionRefusedError
        if any(number < 0 for number in numbers):
            raise ValueError(numbers)
        self.groups.append(list(numbers))
        return [2 * number for number in numbers]


async def test_what_comes_while_a_group_is_written_makes_the_next_one() -> None:
    ledger = Ledger()
    writer = GroupWriter(ledger.write, most=3)
    ledger.gate.clear()
    puts = [asyncio.create_task(writer.put(0))]
    await asyncio.sleep(0)
    puts += [asyncio.create_task(writer.put(number)) for number in range(1, 6)]
    await asyncio.sleep(0)
    assert not any(put.done() for put in puts)
    ledger.gate.set()
    assert await asyncio.gather(*puts) == [0, 2, 4, 6, 8, 10]
    assert [len(group) for group in ledger.groups] == [1, 3, 2]


async def test_a_bad_item_fails_alone() -> None:
    ledger = Ledger()
    writer = GroupWriter(ledger.write)
    outcomes = await asyncio.gather(*(writer.put(n) for n in (1, -1, 2)), return_exceptions=True)
    assert outcomes[0] == 2
    assert isinstance(outcomes[1], ValueError)
    assert outcomes[2] == 4


async def test_while_the_database_is_away_nobody_is_tried_one_by_one() -> None:
    ledger = Ledger()
    ledger.away = True
    writer = GroupWriter(ledger.write)
    outcomes = await asyncio.gather(*(writer.put(n) for n in range(50)), return_exceptions=True)
    assert all(isinstance(outcome, ConnectionRefusedError) for outcome in outcomes)
    ledger.away = False
    assert await writer.put(1) == 2


async def test_one_who_stops_waiting_changes_nothing_for_the_others() -> None:
    ledger = Ledger()
    writer = GroupWriter(ledger.write)
    ledger.gate.clear()
    gone, other = asyncio.create_task(writer.put(1)), asyncio.create_task(writer.put(2))
    await asyncio.sleep(0)
    gone.cancel()
    ledger.gate.set()
    assert await other == 4
    with pytest.raises(asyncio.CancelledError):
        await gone
    await writer.close()
    assert ledger.groups == [[1, 2]]
