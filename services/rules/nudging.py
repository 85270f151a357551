"""When somebody who did not finish is reminded: once after a day, once after three, then never again."""

from datetime import timedelta
from typing import Final

FIRST: Final = timedelta(hours=24)
SECOND: Final = timedelta(hours=72)


def nudges_after(nudges: int, idle: timedelta) -> int:
    """How many nudges there are after now, for a draft with `nudges` so far that was left alone for `idle`.

    The same number: none is due. One that is found late skips the first and gets the second only.

    >>> nudges_after(0, timedelta(hours=25)), nudges_after(0, timedelta(days=4)), nudges_after(2, timedelta(days=9))
    (1, 2, 2)
    """
    due = 2 if idle >= SECOND else 1 if idle >= FIRST else 0
    return max(nudges, due)
