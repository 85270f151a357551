"""When signing in is open (C8), and how theory and practice are counted (B1, C8)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules.hours import counted
from services.rules.sign_in import moment

D = Decimal
START = datetime(2026, 12, 1, 1, 0, tzinfo=UTC)
HOURS = st.decimals(0, 100, places=1)


@pytest.mark.parametrize(
    ("minutes", "said"),
    [(-31, "early"), (-30, "open"), (0, "open"), (480, "open"), (481, "late")],
)
def test_signing_in_opens_thirty_minutes_before_and_ends_with_the_day_c8(minutes: int, said: str) -> None:
    now = START + timedelta(minutes=minutes)
    assert moment(now, START, START + timedelta(hours=8), 30) == said


@given(theory=HOURS, practice=HOURS)
def test_where_both_are_asked_for_neither_part_stands_for_the_other_c8(theory: D, practice: D) -> None:
    met = counted(theory, practice, D(40), D(24)) >= D(64)
    assert met == (theory >= 40 and practice >= 24)


@given(theory=HOURS, practice=HOURS)
def test_where_one_sum_is_asked_for_practice_counts_like_theory_b1(theory: D, practice: D) -> None:
    assert counted(theory, practice, D(30), D(0)) == theory + practice
