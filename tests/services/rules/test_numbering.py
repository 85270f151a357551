"""Certificate numbers (ISO 7064 MOD 37-36) and tokens (Crockford base 32)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules import numbering
from services.rules.errors import InvalidValueError

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

numbers = st.builds(
    numbering.format_number,
    st.text(ALPHABET, min_size=2, max_size=12),
    st.integers(2000, 2999),
    st.integers(1, 99_999_999),
)
tokens = st.integers(0, 2**100 - 1).map(numbering.encode_token)


@pytest.mark.parametrize(
    ("body", "check"),
    [
        ("A12425GABC1234002", "M"),
        ("000000018CFA0000", "I"),
        ("000000018CFA000000000000", "K"),
        ("0000000189470000", "8"),
    ],
)
def test_the_check_character_is_that_of_published_grid_and_isan_numbers(body: str, check: str) -> None:
    assert numbering.check_character(body) == check


def test_a_number_shows_prefix_year_and_sequence() -> None:
    number = numbering.format_number("PTP", 2026, 123)
    assert number[:-1] == "PTP2026000123"
    assert numbering.check(number)


@given(numbers, st.data())
def test_every_wrong_character_is_found(number: str, data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(number) - 1))
    other = data.draw(st.sampled_from(ALPHABET.replace(number[position], "")))
    assert not numbering.check(number[:position] + other + number[position + 1 :])


def test_of_exchanged_neighbours_at_most_one_pair_in_630_is_missed() -> None:
    missed = 0
    for start in range(36):
        before = ALPHABET[start]
        for first in ALPHABET:
            for second in ALPHABET:
                if first < second:
                    one = numbering.check_character(before + first + second)
                    missed += one == numbering.check_character(before + second + first)
    assert missed <= 36 * 36 * 35 / 2 / 630


@pytest.mark.parametrize("typed", ["{0}", " {0} ", "{1}", "{2}", "{3}"])
def test_a_number_may_be_typed_in_small_letters_full_width_with_spaces_and_hyphens(typed: str) -> None:
    number = numbering.format_number("PTP", 2026, 123)
    wide = "".join(chr(ord(character) + 0xFEE0) for character in number)
    shown = typed.format(number, number.lower(), wide, f"{number[:3]}-{number[3:7]} {number[7:]}")
    assert numbering.normalise_number(shown) == number


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "certificate.empty"),
        ("证书", "certificate.format"),
        ("PTP2026", "certificate.format"),
        ("PTP2026000123?", "certificate.format"),
    ],
)
def test_what_is_no_number_is_refused_with_a_code(typed: str, code: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        numbering.normalise_number(typed)
    assert caught.value.code == code


def test_a_mistyped_number_is_told_from_a_wrong_format() -> None:
    number = numbering.format_number("PTP", 2026, 123)
    with pytest.raises(InvalidValueError) as caught:
        numbering.normalise_number(number.replace("123", "124", 1))
    assert caught.value.code == "certificate.checksum"


@pytest.mark.parametrize(
    ("prefix", "year", "sequence"),
    [("P", 2026, 1), ("pt", 2026, 1), ("PTP", 26, 1), ("PTP", 2026, 0), ("PTP", 2026, 10**8)],
)
def test_a_number_that_could_not_be_checked_later_is_never_made(
    prefix: str, year: int, sequence: int
) -> None:
    with pytest.raises(ValueError, match="must"):
        numbering.format_number(prefix, year, sequence)


@given(st.lists(st.integers(1, 99_999_999), min_size=2, max_size=20, unique=True))
def test_different_sequences_have_different_numbers(sequences: list[int]) -> None:
    assert len({numbering.format_number("PTP", 2026, sequence) for sequence in sequences}) == len(sequences)


@given(tokens)
def test_a_token_has_twenty_characters_and_survives_being_copied_by_hand(token: str) -> None:
    assert len(token) == 20
    assert not set(token) & set("ILOU")
    copied = (
        "-".join((token[:5], token[5:10], token[10:15], token[15:]))
        .lower()
        .replace("0", "o")
        .replace("1", "l")
    )
    assert numbering.normalise_token(copied) == token


def test_tokens_are_the_bits_and_nothing_else() -> None:
    assert numbering.encode_token(0) == "0" * 20
    assert numbering.encode_token(2**100 - 1) == "Z" * 20
    assert numbering.encode_token(33) == "0" * 18 + "11"
    for bits in (-1, 2**100):
        with pytest.raises(ValueError, match="100 bits"):
            numbering.encode_token(bits)


@pytest.mark.parametrize("typed", ["", "abc", "U" * 20, "0" * 21, "证" * 20])
def test_all_wrong_tokens_are_refused_alike(typed: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        numbering.normalise_token(typed)
    assert (caught.value.code, dict(caught.value.facts)) == ("token.format", {})
