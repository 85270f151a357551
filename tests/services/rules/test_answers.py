"""Reading an answer by its kind of field."""

from datetime import date

import pytest

from services.rules.answers import read, shown
from services.rules.errors import InvalidValueError
from services.schemes.models import FieldKind, FormField, Option

TODAY = date(2026, 11, 21)
REGION = FormField(key="region", label="所在地", kind=FieldKind.REGION)
SCHOOL = FormField(key="school", label="毕业院校", kind=FieldKind.TEXT, min_length=2, max_length=10)
PARTY = FormField(
    key="party",
    label="政治面貌",
    kind=FieldKind.CHOICE,
    exact=True,
    options=(Option(value="中共党员", label="中共党员"), Option(value="群众", label="群众")),
)


def refusal(field: FormField, typed: str) -> InvalidValueError:
    with pytest.raises(InvalidValueError) as refused:
        read(field, typed, today=TODAY)
    return refused.value


def test_a_place_is_kept_with_its_province_and_city() -> None:
    assert read(REGION, "贵阳云岩区", today=TODAY) == "贵州省/贵阳市/云岩区"


def test_a_city_alone_is_asked_for_its_county() -> None:
    error = refusal(REGION, "贵阳市")
    assert error.code == "region.county"
    assert "南明区" in str(error.facts["suggestions"])


def test_a_county_that_was_made_since_is_taken_when_written_in_full() -> None:
    assert read(REGION, "贵州省贵阳市观山湖新城区", today=TODAY) == "贵州省贵阳市观山湖新城区"
    assert refusal(REGION, "观山湖新城").code == "region.unknown"


def test_an_abbreviation_is_answered_with_the_exact_item_d8() -> None:
    error = refusal(PARTY, "党员")
    assert (error.code, error.facts["suggestions"]) == ("choice.unknown", "中共党员")
    assert read(PARTY, "1", today=TODAY) == "中共党员"


@pytest.mark.parametrize(
    ("typed", "code"), [("贵", "text.short"), ("很" * 11, "text.long"), ("  ", "text.short")]
)
def test_a_text_is_neither_too_short_nor_too_long(typed: str, code: str) -> None:
    assert refusal(SCHOOL, typed).code == code


def test_a_date_is_shown_in_words_and_a_phone_masked() -> None:
    born = FormField(key="born", label="出生日期", kind=FieldKind.DATE)
    mobile = FormField(key="mobile", label="联系电话", kind=FieldKind.MOBILE)
    assert shown(born, read(born, "1990.3.7", today=TODAY)) == "1990年3月7日"
    assert shown(mobile, "13800138000") == "138****8000"


def test_the_example_is_nobodys_number() -> None:
    number = FormField(
        key="identity_number", label="身份证号", kind=FieldKind.IDENTITY_NUMBER, example="11010519491231002X"
    )
    assert refusal(number, "11010519491231002x").code == "identity.example"
