"""所在地 as typed: found, ambiguous, unknown with suggestions."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules.divisions import (
    AmbiguousDivision,
    Division,
    Found,
    UnknownDivision,
    as_of,
    below,
    by_code,
    resolve,
)


def every_division() -> list[Division]:
    provinces = [division for code in range(11, 83) if (division := by_code(f"{code}0000"))]
    cities = [city for province in provinces for city in below(province)]
    return [*provinces, *cities, *(county for city in cities for county in below(city))]


DIVISIONS = every_division()


@pytest.mark.parametrize(
    ("typed", "code", "full"),
    [
        ("贵州贵阳云岩区", "520103", "贵州省/贵阳市/云岩区"),
        ("贵州省/贵阳市/云岩区", "520103", "贵州省/贵阳市/云岩区"),
        ("贵州 贵阳 云岩", "520103", "贵州省/贵阳市/云岩区"),
        ("中国贵州省云岩区", "520103", "贵州省/贵阳市/云岩区"),
        ("云岩区", "520103", "贵州省/贵阳市/云岩区"),
        ("贵阳市", "520100", "贵州省/贵阳市"),
        ("贵州", "520000", "贵州省"),
        ("黔东南州凯里市", "522601", "贵州省/黔东南苗族侗族自治州/凯里市"),
        ("镇宁县", "520423", "贵州省/安顺市/镇宁布依族苗族自治县"),
        ("六枝特区", "520203", "贵州省/六盘水市/六枝特区"),
        ("北京朝阳", "110105", "北京市/朝阳区"),
        ("重庆酉阳", "500242", "重庆市/酉阳土家族苗族自治县"),
        ("湖北仙桃", "429004", "湖北省/仙桃市"),
        ("广东东莞", "441900", "广东省/东莞市"),
        ("内蒙呼和浩特", "150100", "内蒙古自治区/呼和浩特市"),
        ("鄂温克旗", "150724", "内蒙古自治区/呼伦贝尔市/鄂温克族自治旗"),
        ("河北", "130000", "河北省"),
        ("大理", "532900", "云南省/大理白族自治州"),
        ("大理市", "532901", "云南省/大理白族自治州/大理市"),
        ("香港", "810000", "香港特别行政区"),
    ],
)
def test_full_short_and_partial_names_are_found(typed: str, code: str, full: str) -> None:
    found = resolve(typed)
    assert isinstance(found, Found)
    assert (found.division.code, found.division.full) == (code, full)


@pytest.mark.parametrize(
    ("typed", "candidates"),
    [
        ("朝阳区", ["北京市/朝阳区", "吉林省/长春市/朝阳区"]),
        (
            "鼓楼区",
            ["江苏省/南京市/鼓楼区", "江苏省/徐州市/鼓楼区", "福建省/福州市/鼓楼区", "河南省/开封市/鼓楼区"],
        ),
        ("江苏鼓楼", ["江苏省/南京市/鼓楼区", "江苏省/徐州市/鼓楼区"]),
        ("海南", ["海南省", "青海省/海南藏族自治州"]),
    ],
)
def test_a_name_that_several_places_bear_is_asked_about(typed: str, candidates: list[str]) -> None:
    answer = resolve(typed)
    assert isinstance(answer, AmbiguousDivision)
    assert [division.full for division in answer.candidates] == candidates


def test_an_address_behind_the_county_is_handed_back() -> None:
    found = resolve("贵州省贵阳市云岩区中华北路1号")
    assert isinstance(found, Found)
    assert (found.division.code, found.detail) == ("520103", "中华北路1号")


@pytest.mark.parametrize(
    ("typed", "suggested"),
    [
        ("贵阳市云颜区", "贵州省/贵阳市/云岩区"),
        ("云严区", "贵州省/贵阳市/云岩区"),
        ("观山糊区", "贵州省/贵阳市/观山湖区"),
        ("贵洲贵阳", "贵州省/贵阳市"),
    ],
)
def test_a_slip_is_answered_with_what_was_probably_meant(typed: str, suggested: str) -> None:
    answer = resolve(typed)
    assert isinstance(answer, UnknownDivision)
    assert (answer.code, answer.suggestions[0].full) == ("region.unknown", suggested)


@pytest.mark.parametrize(
    ("typed", "code"), [("", "region.empty"), (" / ", "region.empty"), ("随便吧", "region.unknown")]
)
def test_what_is_no_place_has_a_code_and_no_suggestion(typed: str, code: str) -> None:
    assert resolve(typed) == UnknownDivision((), code)  # type: ignore[arg-type]


@given(st.sampled_from(DIVISIONS))
def test_every_place_is_found_by_its_full_name_with_and_without_separators(division: Division) -> None:
    assert resolve(division.full) == Found(division)
    assert resolve(division.full.replace("/", "")) == Found(division)


@given(st.sampled_from(DIVISIONS))
def test_every_place_is_found_by_its_own_name_or_among_the_candidates(division: Division) -> None:
    match resolve(division.name):
        case Found(found):
            assert found == division or found.contains(division)
        case AmbiguousDivision(candidates):
            assert division in candidates or any(candidate.contains(division) for candidate in candidates)
        case UnknownDivision():
            pytest.fail(f"{division.name} is not found")


@given(st.text(max_size=15))
def test_whatever_is_typed_there_is_an_answer(text: str) -> None:
    assert isinstance(resolve(text), Found | AmbiguousDivision | UnknownDivision)


def test_guizhou_has_nine_cities_and_guiyang_ten_counties() -> None:
    guizhou, guiyang = by_code("520000"), by_code("520100")
    assert guizhou is not None
    assert guiyang is not None
    assert [city.code for city in below(guizhou)] == [
        "520100",
        "520200",
        "520300",
        "520400",
        "520500",
        "520600",
        "522300",
        "522600",
        "522700",
    ]
    assert len(below(guiyang)) == 10


def test_municipalities_go_straight_to_their_districts() -> None:
    beijing = by_code("110000")
    assert beijing is not None
    assert {district.level for district in below(beijing)} == {"county"}


def test_the_table_has_no_statistical_pseudo_divisions_and_says_its_date() -> None:
    assert len(DIVISIONS) == len(set(DIVISIONS)) > 3100
    assert not [division for division in DIVISIONS if division.level == "county" and division.code[4] == "7"]
    assert not [
        division for division in DIVISIONS if division.name in ("市辖区", "县") or "直辖县级" in division.name
    ]
    assert by_code("520199") is None
    assert as_of() == "2023-06-30"
