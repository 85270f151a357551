"""From which day on something need not be kept (C11)."""

from datetime import date

import pytest

from services.rules.retention import Standing, due_on

ENDED = date(2016, 5, 20)


@pytest.mark.parametrize(
    ("ended", "years", "standing", "due"),
    [
        (ENDED, 10, [], date(2026, 5, 20)),
        (ENDED, 15, [], date(2031, 5, 20)),
        (date(2016, 2, 29), 10, [], date(2026, 3, 1)),
        # A paper in force is kept for until the day after its last; the latest of several counts.
        (ENDED, 10, [date(2020, 1, 1)], date(2026, 5, 20)),
        (ENDED, 10, [date(2020, 1, 1), date(2027, 12, 31)], date(2028, 1, 1)),
        (ENDED, 10, [date(2020, 1, 1), None], None),
    ],
)
def test_it_is_kept_for_ten_years_and_as_long_as_a_paper_rests_on_it_c11(
    ended: date, years: int, standing: list[date | None], due: date | None
) -> None:
    assert due_on(ended, years=years, standing=[Standing(last_on=day) for day in standing]) == due
