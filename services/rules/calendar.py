"""Days and hours that matter: verification weekends, holidays, quiet hours, reminders."""

import calendar as _calendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from chinese_calendar.constants import Holiday, holidays, workdays

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")

QUIET_FROM: Final = time(21, 0)
QUIET_UNTIL: Final = time(8, 0)


class DayKind(StrEnum):
    """What kind of day it is on the State Council's calendar."""

    WORKDAY = "workday"
    WEEKEND = "weekend"
    HOLIDAY = "holiday"  #: statutory holiday, with the days off that belong to it
    WORKING_MAKE_UP = "working_make_up"  #: a Saturday or Sunday worked in exchange (调休)
    UNKNOWN = "unknown"  #: the year's calendar is not known here


@dataclass(frozen=True, kw_only=True)
class Clash:
    """A day that a class or sitting should not be on without somebody's decision."""

    day: date
    kind: DayKind
    #: The holiday it belongs to, in Chinese; empty when an override says only the kind.
    occasion: str


class ReminderKind(StrEnum):
    """When before an exam a reminder is due."""

    SEVEN_DAYS = "seven_days"
    ONE_DAY = "one_day"
    TWO_HOURS = "two_hours"

    @property
    def can_wait(self) -> bool:
        """Whether quiet hours may put it off; two hours before the exam there is no later."""
        return self is not ReminderKind.TWO_HOURS


_BEFORE = {
    ReminderKind.SEVEN_DAYS: timedelta(days=7),
    ReminderKind.ONE_DAY: timedelta(days=1),
    ReminderKind.TWO_HOURS: timedelta(hours=2),
}

_NO_OVERRIDES: Mapping[date, DayKind] = MappingProxyType({})
_FIRST_YEAR, _LAST_YEAR = min(holidays).year, max(holidays).year


def verification_weekend(year: int, quarter: int) -> tuple[date, date]:
    """Saturday and Sunday of the last weekend that lies wholly in the quarter (A5); the official notice overrides it.

    Raises ValueError when `quarter` is not 1 to 4.
    """
    if quarter not in (1, 2, 3, 4):
        raise ValueError(f"quarter must be 1 to 4, not {quarter}")
    month = quarter * 3
    end = date(year, month, _calendar.monthrange(year, month)[1])
    sunday = end - timedelta(days=(end.weekday() - _calendar.SUNDAY) % 7)
    return sunday - timedelta(days=1), sunday


def day_kind(day: date, overrides: Mapping[date, DayKind] = _NO_OVERRIDES) -> DayKind:
    """What kind of day it is. `overrides` (an installation's own table) wins; an unknown year is never guessed."""
    if day in overrides:
        return overrides[day]
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        return DayKind.UNKNOWN
    if day in workdays:
        return DayKind.WORKING_MAKE_UP
    if day in holidays:
        return DayKind.HOLIDAY
    return DayKind.WEEKEND if day.weekday() >= _calendar.SATURDAY else DayKind.WORKDAY


def clashes(days: Iterable[date], overrides: Mapping[date, DayKind] = _NO_OVERRIDES) -> tuple[Clash, ...]:
    """Those of `days` that are make-up working days or statutory holidays, in the order given.

    Days of an unknown year are not among them: ask `day_kind` and say that it is unknown.
    """
    return tuple(
        Clash(day=day, kind=kind, occasion=_occasion(day))
        for day in days
        if (kind := day_kind(day, overrides)) in (DayKind.WORKING_MAKE_UP, DayKind.HOLIDAY)
    )


def next_allowed(now: datetime) -> datetime:
    """The earliest time, not before `now`, outside quiet hours (21:00–08:00 Asia/Shanghai); aware, UTC.

    21:00 is quiet, 08:00 is not. Raises ValueError for a naive `now`.
    """
    if now.tzinfo is None:
        raise ValueError("next_allowed needs an aware time")
    local = now.astimezone(SHANGHAI)
    if QUIET_UNTIL <= local.time() < QUIET_FROM:
        return now.astimezone(UTC)
    morning = local.date() if local.time() < QUIET_UNTIL else local.date() + timedelta(days=1)
    return datetime.combine(morning, QUIET_UNTIL, SHANGHAI).astimezone(UTC)


def exam_reminders(starts_at: datetime) -> tuple[tuple[ReminderKind, datetime], ...]:
    """When to remind of an exam: 7 days, 1 day and 2 hours before it starts, earliest first; aware, UTC.

    What lies in the past is the caller's to leave out, and quiet hours his to apply where `kind.can_wait`.
    """
    if starts_at.tzinfo is None:
        raise ValueError("exam_reminders needs an aware time")
    start = starts_at.astimezone(UTC)
    return tuple((kind, start - before) for kind, before in _BEFORE.items())


def _occasion(day: date) -> str:
    name = workdays.get(day) or holidays.get(day)
    return Holiday(name).chinese if name else ""
