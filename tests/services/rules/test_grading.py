"""Scores and grades (B6)."""

from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules.errors import InvalidValueError
from services.rules.grading import grade, parse_score, percent


@dataclass(frozen=True)
class Band:
    grade: str
    minimum_percent: Decimal
    passed: bool


BANDS = (
    Band("优秀", Decimal(90), True),
    Band("良好", Decimal(80), True),
    Band("合格", Decimal(60), True),
    Band("不合格", Decimal(0), False),
)
FULL = Decimal(100)


@pytest.mark.parametrize(
    ("score", "name"),
    [
        ("100", "优秀"),
        ("90", "优秀"),
        ("89.99", "良好"),
        ("80", "良好"),
        ("79.99", "合格"),
        ("60", "合格"),
        ("59.99", "不合格"),
        ("0", "不合格"),
    ],
)
def test_b6_a_grade_begins_exactly_at_its_limit(score: str, name: str) -> None:
    assert grade(Decimal(score), FULL, BANDS).grade == name


def test_b6_limits_are_shares_of_the_full_score() -> None:
    assert grade(Decimal(90), Decimal(150), BANDS).grade == "合格"
    assert grade(Decimal("89.99"), Decimal(150), BANDS).grade == "不合格"


def test_rounding_for_the_eye_lifts_nobody_over_a_limit() -> None:
    score, full = Decimal("179.99"), Decimal(300)
    assert percent(score, full) == Decimal("60.00")
    assert not grade(score, full, BANDS).passed


def test_percentages_are_rounded_half_up() -> None:
    assert percent(Decimal("1.25"), Decimal(1000)) == Decimal("0.13")


@given(st.decimals(0, 100, places=2), st.decimals(0, 100, places=2))
def test_b6_a_better_score_never_has_a_worse_grade(one: Decimal, other: Decimal) -> None:
    worse, better = sorted((one, other))
    assert BANDS.index(grade(better, FULL, BANDS)) <= BANDS.index(grade(worse, FULL, BANDS))


@pytest.mark.parametrize(
    ("value", "score"),
    [
        ("85", "85"),
        ("85.5", "85.5"),
        ("８５．５分", "85.5"),
        (85.5, "85.5"),
        (85, "85"),
        (" 0 ", "0"),
        (Decimal("99.99"), "99.99"),
        ("85.50", "85.5"),
    ],
)
def test_scores_are_read_as_typed_and_as_spreadsheets_hold_them(
    value: str | int | float | Decimal, score: str
) -> None:
    assert parse_score(value, FULL) == Decimal(score)


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("", "score.empty"),
        ("缺考", "score.format"),
        ("nan", "score.format"),
        ("Infinity", "score.format"),
        ("1_0", "score.format"),
        (True, "score.format"),
        ("-1", "score.range"),
        ("100.01", "score.range"),
        ("85.555", "score.decimals"),
    ],
)
def test_what_is_no_score_is_refused_with_its_own_code(value: str, code: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        parse_score(value, FULL)
    assert caught.value.code == code
