"""Mobile numbers as typed in the chat."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules import phone
from services.rules.errors import InvalidValueError


@pytest.mark.parametrize(
    "typed",
    [
        "18112340131",
        "181 1234 0131",
        "181-1234-0131",
        "+86 18112340131",
        "0086 181 1234 0131",
        "8618112340131",
        "１８１１２３４０１３１",
    ],
)
def test_the_usual_ways_of_writing_a_number_are_the_same_number(typed: str) -> None:
    assert phone.parse(typed) == "18112340131"


@pytest.mark.parametrize(
    "number", ["13800138000", "15285012345", "16612345678", "17012345678", "19112345678", "19812345678"]
)
def test_every_generation_of_ranges_is_taken(number: str) -> None:
    assert phone.parse(number) == number


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "mobile.empty"),
        ("1811234013a", "mobile.characters"),
        ("没有手机", "mobile.empty"),
        ("139850a找我", "mobile.characters"),
        ("1811234013", "mobile.length"),
        ("181123401311", "mobile.length"),
        ("1", "mobile.length"),
        ("0851-85951234", "mobile.landline"),
        ("+852 9123 4567", "mobile.foreign"),
        ("10012345678", "mobile.unknown"),
        ("12345678901", "mobile.unknown"),
    ],
)
def test_each_kind_of_mistake_has_its_own_code(typed: str, code: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        phone.parse(typed)
    assert caught.value.code == code


def test_a_wrong_length_says_how_many_digits_there_were() -> None:
    with pytest.raises(InvalidValueError) as caught:
        phone.parse("1811234013")
    assert caught.value.facts == {"length": 10, "expected": 11}


@given(st.text(max_size=20) | st.from_regex(r"\+?[0-9 \-]{1,18}", fullmatch=True))
def test_whatever_is_typed_is_eleven_digits_or_refused_with_a_code(text: str) -> None:
    try:
        number = phone.parse(text)
    except InvalidValueError:
        return
    assert len(number) == 11
    assert phone.parse(number) == number


@pytest.mark.parametrize(
    "typed", ["我的手机号是13985012345", "手机：139 8501 2345。", "13985012345（微信同号）"]
)
def test_a_number_in_a_sentence_is_taken_out_of_it(typed: str) -> None:
    assert phone.parse(typed) == "13985012345"
