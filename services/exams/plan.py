"""What a sitting may be: decided without a database. Its day, its warnings, its code, its numbers."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from services.errors import ServiceError
from services.models import SeatState
from services.rules.calendar import DayKind, clashes, day_kind, verification_weekend
from services.rules.localtime import SHANGHAI, local_datetime, local_day
from services.rules.text import normalise
from services.schemes.models import Scheme

CalendarRule = Literal["last_weekend_of_quarter"]
Form = Literal["online", "on_site"]

MAX_CAPACITY = 5000
_FORMS = ("online", "on_site")
_LONGEST_PLACE = 120
_LONGEST_REASON = 200
_MOST_TO_BRING = 10
_LONGEST_TO_BRING = 60

_WARNING_OF_DAY = {
    DayKind.WORKING_MAKE_UP: "sitting.working_day",
    DayKind.WORKDAY: "sitting.weekday",
    DayKind.HOLIDAY: "sitting.holiday",
    DayKind.UNKNOWN: "sitting.calendar_unknown",
}


@dataclass(frozen=True, kw_only=True)
class SittingWarning:
    """Something staff should know about a sitting's day, without it being forbidden.

    Codes: `sitting.working_day` (a weekend day worked in exchange, 调休) and `sitting.holiday`, both with `day` (ISO date)
    and `occasion` (the holiday's name); `sitting.weekday` (`day`), an ordinary working day;
    `sitting.calendar_unknown` (`day`), the State Council's calendar does not reach that far.
    """

    code: str
    facts: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class SittingPlan:
    """When, where and for how many; times are aware."""

    starts_at: datetime
    ends_at: datetime
    place: str
    form: str
    bring: tuple[str, ...]
    capacity: int


def checked(plan: SittingPlan, *, now: datetime) -> SittingPlan:
    """The plan with its texts trimmed.

    Raises:
        ServiceError: `sitting.time_order`, it ends before it starts; `sitting.past`, it starts before `now`;
            `sitting.form`; `sitting.place` (`limit`), empty or too long; `sitting.bring` (`limit`);
            `sitting.capacity` (`maximum`).
        ValueError: a naive time.
    """
    if plan.starts_at.tzinfo is None or plan.ends_at.tzinfo is None:
        raise ValueError("a sitting's times must be aware")
    if plan.ends_at <= plan.starts_at:
        raise ServiceError("sitting.time_order")
    if plan.starts_at <= now:
        raise ServiceError("sitting.past")
    if plan.form not in _FORMS:
        raise ServiceError("sitting.form")
    place = normalise(plan.place)
    if not place or len(place) > _LONGEST_PLACE:
        raise ServiceError("sitting.place", limit=_LONGEST_PLACE)
    bring = tuple(item for item in map(normalise, plan.bring) if item)
    if len(bring) > _MOST_TO_BRING or any(len(item) > _LONGEST_TO_BRING for item in bring):
        raise ServiceError("sitting.bring", limit=_MOST_TO_BRING)
    if not 1 <= plan.capacity <= MAX_CAPACITY:
        raise ServiceError("sitting.capacity", maximum=MAX_CAPACITY)
    return SittingPlan(
        starts_at=plan.starts_at,
        ends_at=plan.ends_at,
        place=place,
        form=plan.form,
        bring=bring,
        capacity=plan.capacity,
    )


def ensure_on_calendar(rule: CalendarRule | None, starts_at: datetime, override_reason: str) -> str:
    """The official reason to keep with the sitting, empty when it is on the rule's day (A5).

    Verification day is in principle the last weekend of the quarter; the official notice overrides it, and is named.

    Raises:
        ServiceError: `sitting.off_calendar` (`saturday`, `sunday`: the quarter's days, ISO), `sitting.reason_too_long`.
    """
    reason = normalise(override_reason)
    if len(reason) > _LONGEST_REASON:
        raise ServiceError("sitting.reason_too_long", limit=_LONGEST_REASON)
    if rule is None:
        return reason
    day = local_day(starts_at)
    saturday, sunday = verification_weekend(day.year, (day.month + 2) // 3)
    if day in (saturday, sunday):
        return ""
    if not reason:
        raise ServiceError("sitting.off_calendar", saturday=saturday.isoformat(), sunday=sunday.isoformat())
    return reason


def warnings_of(starts_at: datetime) -> tuple[SittingWarning, ...]:
    """What is special about the day on the State Council's calendar."""
    day = local_day(starts_at)
    code = _WARNING_OF_DAY.get(day_kind(day))
    if code is None:
        return ()
    facts = {"day": day.isoformat()}
    if found := clashes([day]):
        facts["occasion"] = found[0].occasion
    return (SittingWarning(code=code, facts=facts),)


def upcoming_weekend(rule: CalendarRule | None, today: date) -> tuple[date, date]:
    """Saturday and Sunday, both after `today`, on which the rule puts the next sitting; without one the next weekend."""
    if rule is None:
        saturday = today + timedelta(days=(5 - today.weekday() - 1) % 7 + 1)
        return saturday, saturday + timedelta(days=1)
    year, quarter = today.year, (today.month + 2) // 3
    weekend = verification_weekend(year, quarter)
    if weekend[0] > today:
        return weekend
    return verification_weekend(year + 1, 1) if quarter == 4 else verification_weekend(year, quarter + 1)


def code_prefix(starts_at: datetime) -> str:
    """`KS2026-`: 考试 and the year in which it is held."""
    return f"KS{local_day(starts_at).year}-"


def may_sit_again(scheme: Scheme, seat: SeatState) -> bool:
    """Whether a candidate may leave this seat for another sitting alone: one who was absent, where the scheme says so."""
    return seat == SeatState.ABSENT and scheme.exam_terms.again_after_absence


def ticket(code: str, number: int) -> str:
    """Admission ticket number 准考证号: `KS2026-001-003`."""
    return f"{code}-{number:03d}"


def when(starts_at: datetime, ends_at: datetime) -> str:
    """`2026年12月26日（周六）09:00–10:30`; the end in full when it is on another day."""
    if local_day(starts_at) == local_day(ends_at):
        return f"{local_datetime(starts_at)}–{ends_at.astimezone(SHANGHAI):%H:%M}"
    return f"{local_datetime(starts_at)} 至 {local_datetime(ends_at)}"


def free_numbers(taken: Container[int | None], capacity: int, wanted: int) -> Sequence[int]:
    """The lowest numbers that nobody has, at most `wanted` of them."""
    free = (number for number in range(1, capacity + 1) if number not in taken)
    return [number for number, _ in zip(free, range(wanted), strict=False)]
