"""Verification weekends (A5), clashes with the holiday calendar, quiet hours, reminders."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules.calendar import (
    SHANGHAI,
    DayKind,
    ReminderKind,
    clashes,
    day_kind,
    exam_reminders,
    next_allowed,
    verification_weekend,
)


@pytest.mark.parametrize(
    ("year", "quarter", "weekend"),
    [
        (2024, 4, (date(2024, 12, 28), date(2024, 12, 29))),
        (2026, 1, (date(2026, 3, 28), date(2026, 3, 29))),
        (2026, 2, (date(2026, 6, 27), date(2026, 6, 28))),
        (2026, 3, (date(2026, 9, 26), date(2026, 9, 27))),
        (2026, 4, (date(2026, 12, 26), date(2026, 12, 27))),
        (2023, 2, (date(2023, 6, 24), date(2023, 6, 25))),
        (2023, 4, (date(2023, 12, 30), date(2023, 12, 31))),
    ],
)
def test_a5_verification_is_on_the_last_full_weekend_of_the_quarter(
    year: int, quarter: int, weekend: tuple[date, date]
) -> None:
    assert verification_weekend(year, quarter) == weekend


def test_a5_a_saturday_whose_sunday_is_in_the_next_quarter_is_no_full_weekend() -> None:
    assert date(2029, 3, 31).weekday() == 5
    assert verification_weekend(2029, 1) == (date(2029, 3, 24), date(2029, 3, 25))


@given(st.integers(2000, 2100), st.integers(1, 4))
def test_a5_no_later_weekend_fits_into_the_quarter(year: int, quarter: int) -> None:
    saturday, sunday = verification_weekend(year, quarter)
    assert (saturday.weekday(), sunday - saturday) == (5, timedelta(days=1))
    assert {(day.year, (day.month + 2) // 3) for day in (saturday, sunday)} == {(year, quarter)}
    next_sunday = sunday + timedelta(days=7)
    assert (next_sunday.month + 2) // 3 != quarter


def test_there_are_four_quarters() -> None:
    with pytest.raises(ValueError, match="quarter"):
        verification_weekend(2026, 5)


@pytest.mark.parametrize(
    ("day", "kind"),
    [
        (date(2026, 10, 1), DayKind.HOLIDAY),
        (date(2026, 10, 10), DayKind.WORKING_MAKE_UP),
        (date(2026, 11, 21), DayKind.WEEKEND),
        (date(2026, 11, 20), DayKind.WORKDAY),
        (date(2027, 10, 1), DayKind.UNKNOWN),
        (date(2003, 1, 4), DayKind.UNKNOWN),
    ],
)
def test_days_are_what_the_state_council_said_and_unknown_beyond_its_years(day: date, kind: DayKind) -> None:
    assert day_kind(day) is kind


def test_an_installations_own_table_wins_in_known_and_unknown_years() -> None:
    overrides = {date(2026, 11, 21): DayKind.WORKING_MAKE_UP, date(2031, 10, 1): DayKind.HOLIDAY}
    assert day_kind(date(2026, 11, 21), overrides) is DayKind.WORKING_MAKE_UP
    assert [(clash.day, clash.kind) for clash in clashes(overrides, overrides)] == list(overrides.items())


def test_a_verification_weekend_that_is_worked_or_a_holiday_is_a_clash() -> None:
    weekend = verification_weekend(2023, 2)
    assert weekend == (date(2023, 6, 24), date(2023, 6, 25))
    found = clashes(weekend)
    assert [(clash.day, clash.kind, clash.occasion) for clash in found] == [
        (date(2023, 6, 24), DayKind.HOLIDAY, "端午"),
        (date(2023, 6, 25), DayKind.WORKING_MAKE_UP, "端午"),
    ]
    assert clashes(verification_weekend(2026, 4)) == ()


def shanghai(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 11, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("now", "allowed"),
    [
        (shanghai(21, 20, 59), shanghai(21, 20, 59)),
        (shanghai(21, 21), shanghai(22, 8)),
        (shanghai(21, 23, 59), shanghai(22, 8)),
        (shanghai(22, 0), shanghai(22, 8)),
        (shanghai(22, 7, 59), shanghai(22, 8)),
        (shanghai(22, 8), shanghai(22, 8)),
        (shanghai(30, 22), datetime(2026, 12, 1, 8, tzinfo=SHANGHAI)),
    ],
)
def test_what_can_wait_waits_from_nine_in_the_evening_until_eight(now: datetime, allowed: datetime) -> None:
    assert next_allowed(now) == allowed
    assert next_allowed(now).tzinfo is UTC


@given(st.datetimes(timezones=st.just(UTC)).filter(lambda now: 1950 < now.year < 9999))
def test_the_next_allowed_time_is_allowed_and_less_than_eleven_hours_away(now: datetime) -> None:
    allowed = next_allowed(now)
    assert timedelta(0) <= allowed - now <= timedelta(hours=11)
    assert 8 <= allowed.astimezone(SHANGHAI).hour < 21
    assert next_allowed(allowed) == allowed


def test_exam_reminders_are_seven_days_one_day_and_two_hours_before() -> None:
    start = datetime(2026, 12, 26, 9, 0, tzinfo=SHANGHAI)
    assert exam_reminders(start) == (
        (ReminderKind.SEVEN_DAYS, datetime(2026, 12, 19, 1, 0, tzinfo=UTC)),
        (ReminderKind.ONE_DAY, datetime(2026, 12, 25, 1, 0, tzinfo=UTC)),
        (ReminderKind.TWO_HOURS, datetime(2026, 12, 25, 23, 0, tzinfo=UTC)),
    )
    assert [kind for kind in ReminderKind if not kind.can_wait] == [ReminderKind.TWO_HOURS]


def test_times_without_a_zone_are_refused() -> None:
    naive = datetime(2026, 11, 21, 9)  # noqa: DTZ001 - what is shown here
    for function in (next_allowed, exam_reminders):
        with pytest.raises(ValueError, match="aware"):
            function(naive)
