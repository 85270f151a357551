"""A clock for the rehearsal: it goes on like the real one, from wherever it was put."""

import time
from datetime import UTC, datetime, timedelta


class RehearsalClock:
    """Starts at `moment` (aware)."""

    def __init__(self, moment: datetime) -> None:
        self._offset = moment.timestamp() - time.time()

    def now(self) -> datetime:
        """Aware, UTC."""
        return datetime.fromtimestamp(time.time() + self._offset, UTC)

    def move_to(self, moment: datetime) -> None:
        """Let time pass; never backwards."""
        self._offset += max(moment - self.now(), timedelta()).total_seconds()
