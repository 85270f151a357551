"""Dates as people type them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules import dates
from services.rules.errors import InvalidValueError


@pytest.mark.parametrize(
    "typed",
    [
        "2026-11-21",
        "2026年11月21日",
        "2026年11月21号",
        "20261121",
        "2026.11.21",
        "2026/11/21",
        "２０２６－１１－２１",
        "2026 11 21",
        "2026年11月21",
        " 2026 年 11 月 21 日 ",
        "2026—11—21",
        "2026、11、21",
        "２０２６年１１月２１日",
        "2026。11。21",
    ],
)
def test_one_day_may_be_written_in_many_ways(typed: str) -> None:
    assert dates.parse(typed) == date(2026, 11, 21)


def test_one_digit_months_and_days_need_no_zero() -> None:
    assert dates.parse("2026-3-7") == dates.parse("2026年3月7日") == date(2026, 3, 7)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "date.empty"),
        ("2026-11", "date.day_missing"),
        ("2026年11月", "date.day_missing"),
        ("26-11-21", "date.year"),
        ("2026-02-30", "date.impossible"),
        ("20261301", "date.impossible"),
        ("0000-01-01", "date.impossible"),
        ("下周六", "date.format"),
        ("21-11-2026", "date.format"),
        ("2026-11-21 09:00", "date.format"),
        ("202611", "date.format"),
    ],
)
def test_each_kind_of_mistake_has_its_own_code(typed: str, code: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        dates.parse(typed)
    assert caught.value.code == code


@given(
    st.dates(min_value=date(1000, 1, 1)),
    st.sampled_from(["{0:04d}-{1}-{2}", "{0:04d}年{1}月{2}日", "{0:04d}{1:02d}{2:02d}"]),
)
def test_every_day_is_read_back(day: date, form: str) -> None:
    assert dates.parse(form.format(day.year, day.month, day.day)) == day


@given(st.text(max_size=16))
def test_whatever_is_typed_is_read_or_refused_with_a_code(text: str) -> None:
    code = "date.none"
    try:
        dates.parse(text)
    except InvalidValueError as error:
        code = error.code
    assert code.startswith("date.")
