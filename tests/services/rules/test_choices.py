"""Answers to numbered lists."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules.choices import Ambiguous, Matched, NotMatched, match, match_exact


@dataclass(frozen=True)
class Item:
    value: str
    label: str
    aliases: tuple[str, ...] = ()


def listed(*labels: str) -> list[Item]:
    return [Item(label, label) for label in labels]


#: 文化程度 of D8.
EDUCATION = listed(
    "研究生", "大学本科", "大学专科", "中专", "技校", "高级技校", "技师学院", "高中", "职高", "初中", "小学"
)
DEGREES = [
    Item("bachelor", "大学", ("本科",)),
    Item("college", "大专", ("专科",)),
    Item("other", "高中及以下"),
]


@pytest.mark.parametrize(
    "typed",
    [
        "2",
        "２",
        "②",
        "⑵",
        "2.",
        "2、",
        "(2)",
        "第2个",
        "第二个",
        "二",
        "选2",
        "选择2",
        "2号",
        " 2 ",
        "2。",
        "第 2 项",
    ],
)
def test_a_number_answers_in_every_way_people_write_it(typed: str) -> None:
    assert match(typed, EDUCATION) == Matched(1)


@pytest.mark.parametrize("typed", ["11", "１１", "⑪", "十一", "第十一个"])
def test_numbers_beyond_ten_work_too(typed: str) -> None:
    assert match(typed, EDUCATION) == Matched(10)


@pytest.mark.parametrize("typed", ["0", "12", "99", "二十", "0.", ""])
def test_a_number_that_is_not_on_the_list_is_no_answer(typed: str) -> None:
    assert match(typed, EDUCATION) == NotMatched(())


@pytest.mark.parametrize(
    "typed", ["大学", "大 学", "bachelor", "本科", "dx", "DX", "ｄｘ", "daxue", "1、大学", "1大学", "1 大学"]
)
def test_label_value_alias_and_pinyin_answer(typed: str) -> None:
    assert match(typed, DEGREES) == Matched(0)


def test_a_whole_label_goes_before_the_beginning_of_another() -> None:
    assert match("技校", EDUCATION) == Matched(4)


def test_an_unambiguous_beginning_answers_and_an_ambiguous_one_lists_what_it_may_be() -> None:
    assert match("研究", EDUCATION) == Matched(0)
    assert match("大学", EDUCATION) == Ambiguous((1, 2))
    assert match("dx", EDUCATION) == Ambiguous((1, 2))
    assert match("dxb", EDUCATION) == Matched(1)


def test_initials_know_that_characters_have_several_readings() -> None:
    assert match("cq", listed("重庆", "贵阳")) == Matched(0)
    assert match("yh", listed("银行转账", "现金")) == Matched(0)


def test_number_and_label_that_disagree_are_asked_again() -> None:
    assert match("3、大学", DEGREES) == Ambiguous((0, 2))


def test_a_label_that_is_itself_a_number_is_not_guessed() -> None:
    assert match("3", listed("1", "3", "5")) == Ambiguous((1, 2))
    assert match("5", listed("1", "3", "5")) == Matched(2)


def test_what_contains_the_answer_is_only_suggested() -> None:
    assert match("学本科", EDUCATION) == NotMatched((1,))
    assert match("不知道", EDUCATION) == NotMatched(())


@pytest.mark.parametrize("typed", ["大本", "大学本", "dxbk", "daxuebenke", "学本科"])
def test_d8_no_abbreviation_is_taken_but_the_exact_item_is_suggested(typed: str) -> None:
    answer = match_exact(typed, EDUCATION)
    assert isinstance(answer, NotMatched)
    assert 1 in answer.suggestions


@pytest.mark.parametrize("typed", ["大学本科", " 大学 本科 ", "2", "②", "2、大学本科"])
def test_d8_the_exact_item_and_its_number_are_taken(typed: str) -> None:
    assert match_exact(typed, EDUCATION) == Matched(1)


def test_d8_an_alias_is_an_abbreviation() -> None:
    assert match_exact("本科", DEGREES) == NotMatched((0,))


def test_d8_party_membership_is_written_in_full() -> None:
    politics = listed("中共党员", "共青团员", "民主党派人士", "无党派民主人士", "群众")
    assert match_exact("党员", politics) == NotMatched((0,))
    assert match_exact("团员", politics) == NotMatched((1,))


@given(st.integers(0, len(EDUCATION) - 1))
def test_every_option_is_reached_by_its_number_and_by_its_label(index: int) -> None:
    for function in (match, match_exact):
        assert function(str(index + 1), EDUCATION) == Matched(index)
        assert function(EDUCATION[index].label, EDUCATION) == Matched(index)


@given(st.text(max_size=12))
def test_whatever_is_typed_the_answer_names_only_options_that_exist(text: str) -> None:
    match match(text, EDUCATION):
        case Matched(index):
            indices: tuple[int, ...] = (index,)
        case Ambiguous(indices):
            assert len(indices) > 1
        case NotMatched(indices):
            assert len(indices) <= 3
    assert all(0 <= index < len(EDUCATION) for index in indices)
