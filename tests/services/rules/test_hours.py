"""Study hours: what counts, what is left, when to tell (A2, A4)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules.hours import crossings, progress

D = Decimal
hours = st.decimals(0, 100, places=1)


def test_a2_thirty_hours_are_met_by_thirty_and_not_by_less() -> None:
    almost = progress([D("20"), D("9.9")], D(30))
    assert (almost.met, almost.percent, almost.remaining) == (False, 99, D("0.1"))
    met = progress([D("20"), D("10")], D(30))
    assert (met.met, met.percent, met.remaining, met.surplus) == (True, 100, D(0), D(0))


def test_hours_beyond_the_requirement_are_kept_apart() -> None:
    over = progress([D(40), D("12.5")], D(40))
    assert (over.counted, over.surplus, over.percent) == (D(40), D("12.5"), 100)


def test_a_correction_takes_hours_back_but_never_below_nothing() -> None:
    assert progress([D(10), D(-4)], D(30)).accepted == D(6)
    assert progress([D(10), D(-14)], D(30)).accepted == D(0)


def test_nothing_learnt_is_zero_per_cent() -> None:
    assert progress([], D(30)).percent == 0


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("0", "14.9", ()),
        ("14.9", "15", (50,)),
        ("15", "20", ()),
        ("20", "30", (100,)),
        ("0", "31", (50, 100)),
        ("30", "45", ()),
        ("30", "10", ()),
    ],
)
def test_half_and_all_of_the_hours_are_told_once(before: str, after: str, told: tuple[int, ...]) -> None:
    assert crossings(D(before), D(after), D(30)) == told


@given(st.lists(hours, max_size=20))
def test_over_any_number_of_imports_each_milestone_is_told_at_most_once(records: list[Decimal]) -> None:
    total = D(0)
    told: list[int] = []
    for record in records:
        told += crossings(total, total + record, D(60))
        total += record
    assert told == [mark for mark in (50, 100) if total * 100 >= mark * 60]


def test_a_scheme_without_required_hours_has_no_progress() -> None:
    with pytest.raises(ValueError, match="positive"):
        progress([], D(0))
