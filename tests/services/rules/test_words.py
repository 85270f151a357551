"""The words that always work."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules.words import Command, Word, parse


@pytest.mark.parametrize("word", list(Word))
def test_every_word_works_bare_with_punctuation_brackets_and_spaces(word: Word) -> None:
    for typed in (
        f"{word}",
        f" {word} ",
        f"{word}。",
        f"{word}！",
        f"【{word}】",
        f"“{word}”",
        " ".join(word),
        f"{word}\n",
    ):
        assert parse(typed) == Command(word)


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("目录", Word.MENU),
        ("我要报名", Word.ENROL),
        ("我想报名！", Word.ENROL),
        ("查成绩", Word.RESULT),
        ("查询进度", Word.PROGRESS),
        ("?", Word.HELP),
        ("？？", Word.HELP),
        ("HELP", Word.HELP),
        ("ｈｅｌｐ", Word.HELP),
        ("转人工", Word.HUMAN),
        ("客服", Word.HUMAN),
        ("上一步", Word.BACK),
        ("取消", Word.QUIT),
        ("我同意", Word.AGREE),
        ("成绩？", Word.RESULT),
        ("准考证", Word.EXAM),
    ],
)
def test_other_ways_of_saying_them_work_too(typed: str, word: Word) -> None:
    assert parse(typed) == Command(word)


@pytest.mark.parametrize(
    "typed",
    [
        "修改 手机号",
        "修改手机号",
        "改手机号",
        "更改：手机号",
        "我要修改手机号",
        "修改　手机号。",
        "【修改 手机号】",
    ],
)
def test_modify_takes_the_field_that_follows(typed: str) -> None:
    assert parse(typed) == Command(Word.MODIFY, "手机号")


@pytest.mark.parametrize(
    "typed",
    [
        "",
        " ",
        "1",
        "0",
        "张三",
        "。",
        "报名材料有哪些",
        "继续教育学院",
        "我不同意",
        "不同意",
        "考试不及格怎么办",
        "改革开放以来的工作",
        "修改了三十多份质量手册，负责车间的检验工作",
        "人工智能",
        "证书编号",
    ],
)
def test_answers_and_questions_are_not_taken_for_words(typed: str) -> None:
    assert parse(typed) is None


@given(st.text(max_size=30))
def test_whatever_is_typed_is_a_command_or_nothing(text: str) -> None:
    command = parse(text)
    assert command is None or command.argument is None or command.word is Word.MODIFY
