"""How long somebody is barred, and when they were heard (C7)."""

from datetime import date

import pytest

from services.rules.barring import hearing_is_over, is_barred, last_barred_day, last_day_to_answer
from services.rules.errors import InvalidValueError
from services.rules.plain_words import reason
from tests.factories import IDENTITY_NUMBER


@pytest.mark.parametrize(
    ("decided", "years", "last"),
    [
        (date(2026, 11, 21), 5, date(2031, 11, 21)),
        (date(2026, 12, 31), 5, date(2031, 12, 31)),
        (date(2027, 2, 28), 5, date(2032, 2, 28)),
        (date(2028, 2, 29), 5, date(2033, 2, 28)),
        (date(2028, 2, 29), 4, date(2032, 2, 29)),
    ],
)
def test_five_years_end_with_the_day_of_the_same_number_or_the_month_s_last_c7(
    decided: date, years: int, last: date
) -> None:
    assert last_barred_day(decided, years) == last


def test_both_the_first_and_the_last_day_are_barred_and_the_next_is_free_c7() -> None:
    starts, last = date(2028, 2, 29), date(2033, 2, 28)
    days = [date(2028, 2, 28), starts, last, date(2033, 3, 1)]
    assert [is_barred(day, starts_on=starts, last_on=last) for day in days] == [False, True, True, False]


def test_ten_days_to_answer_are_counted_from_the_day_after_and_the_last_is_whole_c7() -> None:
    until = last_day_to_answer(date(2026, 11, 21), 10)
    assert until == date(2026, 12, 1)
    assert [hearing_is_over(day, until) for day in (until, date(2026, 12, 2))] == [False, True]
    assert not hearing_is_over(date(2026, 12, 2), None)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("  ", "words.empty"),
        ("字" * 41, "words.long"),
        (f"他的号码是{IDENTITY_NUMBER}。", "words.identity_number"),
        ("号码 110105 19491231 002x", "words.identity_number"),
    ],
)
def test_words_about_a_person_hold_no_identity_number_c7(typed: str, code: str) -> None:
    with pytest.raises(InvalidValueError, match=code):
        reason(typed, most=40, label="说明")


def test_the_number_of_a_diploma_is_no_identity_number_c7() -> None:
    assert reason("毕业证编号 105111200805000001 查无此人", most=40, label="说明")
