"""Waking those who wait for something to change."""

import asyncio


class Signal:
    """Many may wait; one call wakes them all. After `close` nobody waits any more."""

    def __init__(self) -> None:
        self._event = asyncio.Event()
        self.closed = False

    def notify(self) -> None:
        """Wake everyone who waits now."""
        event, self._event = self._event, asyncio.Event()
        event.set()

    def close(self) -> None:
        """Wake everyone, for good."""
        self.closed = True
        self.notify()

    async def wait(self, seconds: float) -> bool:
        """Wait for the next change, `seconds` at most; whether there was one."""
        if self.closed:
            return False
        try:
            await asyncio.wait_for(self._event.wait(), seconds)
        except TimeoutError:
            return False
        return not self.closed
