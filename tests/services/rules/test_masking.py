"""What others may see of a person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules import masking


def test_the_chat_and_staff_lists_show_three_and_four_characters_of_the_number() -> None:
    assert masking.identity_number("520103199003071234") == "520***********1234"


def test_strangers_see_the_first_and_last_character_only() -> None:
    assert masking.identity_number_strictly("52010319900307123X") == "5****************X"


def test_a_mobile_number_hides_its_middle() -> None:
    assert masking.mobile("18112340131") == "181****0131"


@pytest.mark.parametrize(
    ("full", "shown"),
    [
        ("张三", "张*"),
        ("王小明", "王*明"),
        ("欧阳娜娜", "欧**娜"),
        ("买买提·艾力", "买****力"),
        ("𠮷田", "𠮷*"),
    ],
)
def test_a_name_shows_its_first_and_last_character(full: str, shown: str) -> None:
    assert masking.name(full) == shown


@given(st.text(alphabet="0123456789X", max_size=20))
def test_a_mask_never_shows_a_short_value_whole(value: str) -> None:
    for mask in (masking.identity_number, masking.identity_number_strictly, masking.mobile, masking.name):
        masked = mask(value)
        assert len(masked) == len(value)
        assert not value or "*" in masked
