"""How long somebody is barred, and when a hearing is over (C7): days in Shanghai, and nothing else."""

from calendar import monthrange
from datetime import date, timedelta


def last_barred_day(decided_on: date, years: int) -> date:
    """The last day of a period of whole years that begins with a decision.

    The day of the decision is not counted, and the period ends with the day of the same number, or with the month's
    last day where there is none (Civil Code, articles 201 and 202): five years of 2028-02-29 end with 2033-02-28.
    """
    year = decided_on.year + years
    return decided_on.replace(year=year, day=min(decided_on.day, monthrange(year, decided_on.month)[1]))


def is_barred(day: date, *, starts_on: date, last_on: date) -> bool:
    """Whether the day is within; both ends are."""
    return starts_on <= day <= last_on


def last_day_to_answer(told_on: date, days: int) -> date:
    """The last day on which the person may be heard; the day on which they were told is not counted."""
    return told_on + timedelta(days=days)


def hearing_is_over(day: date, heard_until: date | None) -> bool:
    """Whether one may decide: the person was told, and the last day is past."""
    return heard_until is not None and day > heard_until
