"""How long what belongs to an enrolment is kept (C11). Pure.

Review material and exam files are kept for years from the end of the enrolment, and as long as a paper that rests on them
is in force.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A paper that is not revoked or replaced, with its last day; None: without end."""

    last_on: date | None


def due_on(ended_on: date, *, years: int, standing: Sequence[Standing] = ()) -> date | None:
    """The first day on which it need not be kept any more; None: no such day, a paper is in force without end.

    >>> due_on(date(2016, 2, 29), years=10)
    datetime.date(2026, 3, 1)
    """
    try:
        kept_until = ended_on.replace(year=ended_on.year + years)
    except ValueError:  # 29 February
        kept_until = date(ended_on.year + years, 3, 1)
    for paper in standing:
        if paper.last_on is None:
            return None
        kept_until = max(kept_until, paper.last_on + timedelta(days=1))
    return kept_until
