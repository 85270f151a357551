"""Amounts of money as shown and as typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules import money
from services.rules.errors import InvalidValueError


@pytest.mark.parametrize(
    ("fen", "sign", "yuan"),
    [
        (18000, "¥180.00", "180元"),
        (18050, "¥180.50", "180.50元"),
        (1280000, "¥12,800.00", "12800元"),
        (5, "¥0.05", "0.05元"),
        (-150, "-¥1.50", "-1.50元"),
    ],
)
def test_a2_fees_are_shown_in_yuan(fen: int, sign: str, yuan: str) -> None:
    assert (money.format_sign(fen), money.format_yuan(fen)) == (sign, yuan)


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("180", 18000),
        ("180元", 18000),
        ("¥180.00", 18000),
        ("￥１８０", 18000),
        ("180块", 18000),
        ("人民币180元整", 18000),
        ("180.5", 18050),
        ("12,800", 1280000),
        ("12,800.00 元", 1280000),
        ("1.28万元", 1280000),
        ("180.500", 18050),
        ("0.01", 1),
        ("RMB 180", 18000),
    ],
)
def test_an_amount_may_be_typed_in_many_ways(typed: str, fen: int) -> None:
    assert money.parse(typed) == fen


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "amount.empty"),
        ("一百八", "amount.format"),
        ("1,80", "amount.format"),
        ("180.5.0", "amount.format"),
        ("-180", "amount.negative"),
        ("180.005", "amount.decimals"),
        ("99999999999", "amount.too_large"),
    ],
)
def test_what_is_no_amount_is_refused_with_its_own_code(typed: str, code: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        money.parse(typed)
    assert caught.value.code == code


@given(st.integers(0, money.MAXIMUM_FEN))
def test_what_is_shown_can_be_typed_back(fen: int) -> None:
    assert money.parse(money.format_sign(fen)) == money.parse(money.format_yuan(fen)) == fen
