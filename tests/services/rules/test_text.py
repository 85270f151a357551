"""Typed text made comparable."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules import text

FAQ = [
    "报名需要哪些材料？",
    "培训费和验证费怎么交？",
    "转账备注写什么？",
    "考试在什么时候？",
    "没有学时证明怎么办？",
    "证书多久能拿到？",
    "身份证过期了能报名吗？",
    "考试不及格可以补考吗？",
    "纸质证书怎么寄？",
    "这个证书和职业资格有什么关系？",
    "可以自愿报名吗？",
]


@pytest.mark.parametrize(
    ("asked", "known"),
    [
        ("要什么材料", 0),
        ("报名要准备啥材料啊", 0),
        ("怎么交费", 1),
        ("请问费用怎么交", 1),
        ("备注写啥", 2),
        ("什么时候考试", 3),
        ("没学时证明", 4),
        ("证书什么时候拿", 5),
        ("身份证过期", 6),
        ("不及格怎么办", 7),
        ("能补考吗？", 7),
        ("怎么邮寄证书", 8),
        ("是不是职业资格", 9),
    ],
)
def test_a_question_in_other_words_finds_the_known_one(asked: str, known: int) -> None:
    assert text.closest(asked, FAQ) == known


@pytest.mark.parametrize(
    "asked", ["今天天气怎么样", "你好", "我叫张三", "我想吃饭", "abc", "？", "", "贵阳市云岩区中华北路"]
)
def test_a_question_about_something_else_finds_none(asked: str) -> None:
    assert text.closest(asked, FAQ) is None


@pytest.mark.parametrize("index", range(len(FAQ)))
def test_every_known_question_finds_itself(index: int) -> None:
    assert text.closest(FAQ[index], FAQ) == index


def test_without_known_questions_there_is_nothing_to_find() -> None:
    assert text.closest("怎么交费", []) is None


def test_d5_spaces_and_line_breaks_do_not_count_towards_the_length() -> None:
    assert text.length(" 从事 质量\n检验\u3000工作 \u200b") == 8
    assert text.length("𠮷田") == 2


def test_width_control_characters_and_spaces_are_normalised() -> None:
    assert text.normalise(" Ａ\u200b１\x00 \n ２ ") == "A1 2"
    assert text.fold("Ａ b\u3000C") == "abc"


@given(st.text(max_size=40))
def test_normalising_twice_changes_nothing(typed: str) -> None:
    assert text.normalise(text.normalise(typed)) == text.normalise(typed)


@given(st.text(max_size=20), st.text(max_size=20))
def test_likeness_lies_between_nothing_and_the_same(one: str, other: str) -> None:
    assert 0 <= text.likeness(one, other) <= 1


@pytest.mark.parametrize("typed", ["要多少钱？", "请问什么时候考试", "能免考吗", "怎么缴费", "没通过怎么办"])
def test_a_question_is_told_from_an_answer(typed: str) -> None:
    assert text.is_question(typed)


@pytest.mark.parametrize(
    "typed", ["贵州大学", "王小明", "1", "?", "培训费", "贵州省贵阳市云岩区", "研究" * 30 + "吗"]
)
def test_an_answer_is_no_question(typed: str) -> None:
    assert not text.is_question(typed)


def test_chinese_punctuation_stays_as_it_was_written_for_what_is_printed_d5() -> None:
    assert text.tidied("　成都（集团）公司：ＡＢＣ１２，好！\u200b ") == "成都（集团）公司：ABC12，好！"
