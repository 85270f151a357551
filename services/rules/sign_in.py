"""When somebody may sign in on a day of a class 签到 (C8)."""

from datetime import datetime, timedelta
from typing import Literal

#: Minutes before the start, where a day says nothing else, and at most.
EARLY_MINUTES, MOST_EARLY_MINUTES = 30, 240

Moment = Literal["early", "open", "late"]


def moment(now: datetime, starts_at: datetime, ends_at: datetime, early_minutes: int) -> Moment:
    """Open from `early_minutes` before the start up to the end, both included; all aware."""
    if now < starts_at - timedelta(minutes=early_minutes):
        return "early"
    return "open" if now <= ends_at else "late"
