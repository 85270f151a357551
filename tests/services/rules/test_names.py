"""Names of persons, as they will stand on a certificate."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules import names
from services.rules.errors import InvalidValueError


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("张三", "张三"),
        (" 张 三 ", "张三"),
        ("欧阳　娜娜", "欧阳娜娜"),
        ("买买提·艾力", "买买提·艾力"),
        ("买买提•艾力", "买买提·艾力"),
        ("买买提．艾力", "买买提·艾力"),
        ("买买提 ・ 艾力", "买买提·艾力"),
        ("王䶮", "王䶮"),
        ("李𠮷", "李𠮷"),
        ("王\U00030729", "王\U00030729"),
        ("㛃婷", "㛃婷"),
        ("John  Smith", "John Smith"),
        ("José O'Neill-García", "José O'Neill-García"),
        ("J. Smith", "J. Smith"),
        ("Ｊｏｈｎ Smith", "John Smith"),
    ],
)
def test_han_minority_rare_and_latin_names_are_kept_in_one_way(typed: str, kept: str) -> None:
    assert names.parse(typed) == kept


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "name.empty"),
        ("张", "name.length"),
        ("张" * 41, "name.length"),
        ("张三1", "name.digits"),
        ("张三😀", "name.character"),
        ("张三，李四", "name.character"),
        ("<b>张三</b>", "name.character"),
        ("·张三", "name.dot"),
        ("买买提··艾力", "name.dot"),
        ("张三-", "name.dot"),
    ],
)
def test_what_is_no_name_is_refused_with_its_own_code(typed: str, code: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        names.parse(typed)
    assert caught.value.code == code


def test_the_error_names_the_character_that_does_not_belong() -> None:
    with pytest.raises(InvalidValueError) as caught:
        names.parse("张三♥")
    assert caught.value.facts == {"character": "♥", "position": 3}


def test_the_kind_of_dot_spaces_and_latin_case_make_no_other_person() -> None:
    assert names.equal("买买提•艾力", "买买提·艾力")
    assert names.equal("JOHN SMITH", "John Smith")
    assert not names.equal("张三", "张山")


@given(st.text(max_size=50))
def test_a_name_that_was_kept_is_kept_the_same_again(text: str) -> None:
    try:
        kept = names.parse(text)
    except InvalidValueError:
        return
    assert names.parse(kept) == kept
    assert 2 <= len(kept) <= 40


@pytest.mark.parametrize(
    "typed",
    [
        "我叫王小明",
        "我是王小明",
        "我的名字是王小明。",
        "姓名：王小明",
        "名字叫 王小明！",
        "王小明！",
        "本人王小明",
    ],
)
def test_a_name_in_a_sentence_is_taken_out_of_it(typed: str) -> None:
    assert names.parse(typed) == "王小明"


@pytest.mark.parametrize("typed", ["是的", "好的", "同意", "你好"])
def test_an_answer_to_something_else_is_no_name(typed: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        names.parse(typed)
    assert caught.value.code == "name.empty"
