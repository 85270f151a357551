"""Identity numbers (GB 11643), as typed in the chat and as they arrive in spreadsheets."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules import identity
from services.rules.errors import InvalidValueError

TODAY = date(2026, 11, 21)


def number(body: str) -> str:
    return body + identity.check_character(body)


def refused(text: str) -> InvalidValueError:
    with pytest.raises(InvalidValueError) as caught:
        identity.parse(text, today=TODAY)
    return caught.value


bodies = st.builds(
    lambda division, born, sequence: f"{division:06d}{born:%Y%m%d}{sequence:03d}",
    st.integers(110000, 659999),
    st.dates(date(1930, 1, 1), date(2009, 12, 31)),
    st.integers(0, 999),
)


@pytest.mark.parametrize("known", ["11010519491231002X", "440524188001010014"])
def test_the_examples_of_the_standard_have_the_right_check_character(known: str) -> None:
    assert identity.check_character(known[:17]) == known[17]


def test_a_good_number_says_birth_date_sex_and_county() -> None:
    read = identity.parse("11010519491231002X", today=TODAY)
    assert (read.birth_on, read.sex, read.division6) == (date(1949, 12, 31), "女", "110105")
    assert read.age_on(date(2026, 12, 30)) == 76
    assert read.age_on(date(2026, 12, 31)) == 77


def test_its_repr_does_not_show_the_number() -> None:
    assert repr(identity.parse("11010519491231002X", today=TODAY)) == "IdentityNumber(110***********002X)"


@pytest.mark.parametrize(
    "typed",
    [
        "１１０１０５１９４９１２３１００２ｘ",
        " 110105 19491231 002x ",
        "110105-19491231-002X",
        "110105 19491231 002Ｘ",
    ],
)
def test_full_width_spaces_hyphens_and_a_small_x_are_forgiven(typed: str) -> None:
    assert identity.parse(typed, today=TODAY).number == "11010519491231002X"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "identity.empty"),
        ("  ", "identity.empty"),
        ("11010519491231002A", "identity.characters"),
        ("1101051949123100X2", "identity.characters"),
        ("我的身份证", "identity.empty"),
        ("我的身份证号是 5201", "identity.characters"),
        ("110105491231002", "identity.old_15"),
        ("11010519491231002", "identity.length"),
        ("11010519491231002X1"[:-1] + "12", "identity.characters"),
        ("1101051949123100211", "identity.length"),
        ("110105194912310021", "identity.checksum"),
        (number("11010519490230002"), "identity.birth_date"),
        (number("11010520270101002"), "identity.birth_date"),
        (number("10010519491231002"), "identity.prefix"),
        (number("72010519491231002"), "identity.prefix"),
        (number("84010519491231002"), "identity.prefix"),
        (number("11010520101122002"), "identity.age"),
        (number("11010519251121002"), "identity.age"),
    ],
)
def test_each_kind_of_mistake_has_its_own_code(typed: str, code: str) -> None:
    assert refused(typed).code == code


def test_the_facts_say_where_the_mistake_is_and_never_repeat_the_number() -> None:
    assert refused("110105 1949 123A 002X").facts == {"position": 14}
    assert refused("11010519491231002").facts == {"length": 17, "expected": 18}
    assert refused(number("11010520101122002")).facts == {"age": 15, "minimum": 16, "maximum": 100}
    assert "11010519491231" not in str(refused("110105194912310021"))


def test_one_may_enrol_on_the_sixteenth_birthday_and_up_to_a_hundred() -> None:
    assert identity.parse(number("11010520101121002"), today=TODAY).age_on(TODAY) == 16
    assert identity.parse(number("11010519261121002"), today=TODAY).age_on(TODAY) == 100
    assert identity.parse(number("11010519251122002"), today=TODAY).age_on(TODAY) == 100


def test_who_is_born_on_29_february_is_a_year_older_on_1_march() -> None:
    read = identity.parse(number("52010320000229003"), today=TODAY)
    assert read.age_on(date(2025, 2, 28)) == 24
    assert read.age_on(date(2025, 3, 1)) == 25


@pytest.mark.parametrize("prefix", ["11", "52", "65", "71", "81", "82", "83", "91", "93"])
def test_hong_kong_macao_taiwan_and_foreign_residents_have_numbers_too(prefix: str) -> None:
    assert identity.parse(number(f"{prefix}000019900101123"), today=TODAY).sex == "男"


def test_an_abolished_or_unknown_county_is_no_reason_to_refuse() -> None:
    assert identity.parse(number("52999919900101124"), today=TODAY).division6 == "529999"


@given(bodies)
def test_every_well_formed_number_is_read_back(body: str) -> None:
    read = identity.parse(number(body), today=TODAY)
    assert read.number == number(body)
    assert read.sex == ("男" if int(body[16]) % 2 else "女")
    assert f"{read.birth_on:%Y%m%d}" == body[6:14]


@given(bodies, st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(body: str, position: int, shift: int) -> None:
    right = number(body)
    wrong = right[:position] + str((int(right[position]) + shift) % 10) + right[position + 1 :]
    with pytest.raises(InvalidValueError):
        identity.parse(wrong, today=TODAY)


@given(bodies, st.integers(0, 15))
def test_two_exchanged_neighbours_are_always_found(body: str, position: int) -> None:
    right = number(body)
    swapped = right[:position] + right[position + 1] + right[position] + right[position + 2 :]
    if swapped != right:
        with pytest.raises(InvalidValueError):
            identity.parse(swapped, today=TODAY)


@given(st.text(max_size=24))
def test_whatever_is_typed_is_read_or_refused_with_a_code(text: str) -> None:
    code = "identity.none"
    try:
        identity.parse(text, today=TODAY)
    except InvalidValueError as error:
        code = error.code
    assert code.startswith("identity.")


@given(st.dates(date(1930, 1, 1), TODAY), st.integers(0, 365 * 80))
def test_age_counts_full_years(born: date, days: int) -> None:
    read = identity.IdentityNumber(number="", birth_on=born, sex="女", division6="")
    day = born + timedelta(days=days)
    assert abs(read.age_on(day) - days / 365.25) < 1.01


@pytest.mark.parametrize(
    "cell",
    [
        5.20103199003078e17,
        520103199003078000,
        Decimal("520103199003078123"),
        "5.20103E+17",
        "5.20103199003078e17",
    ],
)
def test_a_number_that_a_spreadsheet_has_rounded_is_recognised(cell: object) -> None:
    assert identity.looks_rounded(cell)


@pytest.mark.parametrize(
    "cell", ["52010319900307801X", "520103199003078000", 13812340131, 13812340131.0, 98.5, "", None, True]
)
def test_text_and_short_numbers_are_not_taken_for_rounded_ones(cell: object) -> None:
    assert not identity.looks_rounded(cell)


def test_a_number_in_a_sentence_is_taken_out_of_it() -> None:
    typed = number("52010219900307891")
    for sentence in (f"我的身份证号是{typed}", f"身份证：{typed}。", f"{typed}（我本人的）"):
        assert identity.parse(sentence, today=TODAY).number == typed


def test_a_number_in_a_sentence_that_is_too_short_is_counted() -> None:
    error = refused("我的身份证号是52010219900307891")
    assert (error.code, error.facts["length"]) == ("identity.length", 17)
