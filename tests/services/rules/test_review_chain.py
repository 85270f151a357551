"""Where a submission enters its chain, and until when a stage is to decide (D7)."""

from datetime import UTC, datetime

import pytest

from services.rules.review_chain import due_at, next_index, stages
from services.schemes.loader import load_catalogue

CHAIN = stages(load_catalogue().current("cqc-liaison-officer"), {})


@pytest.mark.parametrize(
    ("approved", "index"),
    [
        ((), 0),
        (("laboratory",), 1),
        (("laboratory", "sub_centre", "training_centre"), 3),
        (tuple(stage.key for stage in CHAIN), None),
        # Let pass once is let pass: a correction does not begin anew before it.
        (("laboratory", "training_centre"), 1),
    ],
)
def test_it_goes_to_the_first_stage_that_has_not_let_it_pass_e5(
    approved: tuple[str, ...], index: int | None
) -> None:
    assert next_index(CHAIN, approved) == index


@pytest.mark.parametrize(
    ("entered", "days", "due"),
    [
        (datetime(2026, 11, 23, 2, tzinfo=UTC), 10, datetime(2026, 12, 3, 15, 59, tzinfo=UTC)),
        # 23:30 in Shanghai is still that day.
        (datetime(2026, 11, 23, 15, 30, tzinfo=UTC), 1, datetime(2026, 11, 24, 15, 59, tzinfo=UTC)),
        # A Saturday: until Monday.
        (datetime(2026, 11, 23, 2, tzinfo=UTC), 5, datetime(2026, 11, 30, 15, 59, tzinfo=UTC)),
        # Into the National Day holidays: until the first working day after.
        (datetime(2026, 9, 28, 2, tzinfo=UTC), 5, datetime(2026, 10, 8, 15, 59, tzinfo=UTC)),
        # No calendar of that year is known: a Saturday stays.
        (datetime(2031, 11, 24, 2, tzinfo=UTC), 5, datetime(2031, 11, 29, 15, 59, tzinfo=UTC)),
        (datetime(2026, 11, 23, 2, tzinfo=UTC), None, None),
    ],
)
def test_a_time_node_ends_with_its_last_day_or_the_next_working_day_d7(
    entered: datetime, days: int | None, due: datetime | None
) -> None:
    assert due_at(entered, days) == due
