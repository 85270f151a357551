"""What the console says of a value that a rule refuses: what was wrong and where."""

from datetime import date

import pytest

from handlers.console import refusals
from services.rules.errors import InvalidValueError
from services.rules.identity import parse
from tests import factories


@pytest.mark.parametrize(
    ("code", "facts", "said"),
    [
        ("identity.length", {"length": 17, "expected": 18}, "您输入了17位，身份证号应为18位"),
        ("mobile.length", {"length": 10, "expected": 11}, "您输入了10位，手机号应为11位"),
        ("choice.unknown", {"item": "本科"}, "请写成列出的选项之一"),
        ("something.new", {}, "填写的内容不符合要求"),
    ],
)
def test_a_wrong_value_is_answered_with_what_is_wrong_about_it_e8(
    code: str, facts: dict[str, str | int], said: str
) -> None:
    assert said in refusals.error(InvalidValueError(code, **facts))


def test_a_number_with_two_digits_turned_is_found_by_its_check_character_c7() -> None:
    number = factories.identity_number(7)
    with pytest.raises(InvalidValueError) as refused:
        parse(number[:-1] + ("0" if number[-1] != "0" else "1"), today=date(2026, 11, 21))
    assert "逐位核对" in refusals.error(refused.value)
