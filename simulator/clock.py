"""The platform's clock: real time plus an offset that tests move, so that nothing has to be waited for."""

import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

#: Quotas renew at midnight here.
PLATFORM_ZONE = ZoneInfo("Asia/Shanghai")


class Clock:
    """Virtual time. Quotas, tokens, media and CreateTime follow it; network timeouts stay real."""

    def __init__(self, offset: float = 0.0) -> None:
        #: Seconds by which virtual time is ahead of real time.
        self.offset = offset

    def time(self) -> float:
        """Virtual POSIX seconds."""
        return time.time() + self.offset

    def now(self) -> datetime:
        """Virtual time, aware, UTC."""
        return datetime.fromtimestamp(self.time(), UTC)

    def day(self) -> str:
        """The platform's calendar day, for daily quotas."""
        return self._local().date().isoformat()

    def month(self) -> str:
        """The platform's calendar month, for the mass-send quota."""
        return f"{self._local():%Y-%m}"

    def advance(self, seconds: float) -> None:
        """Move virtual time by `seconds`."""
        self.offset += seconds

    def move_to(self, moment: datetime) -> None:
        """Make it `moment` (aware) now; time goes on from there."""
        self.offset = moment.timestamp() - time.time()

    def _local(self) -> datetime:
        return datetime.fromtimestamp(self.time(), PLATFORM_ZONE)
