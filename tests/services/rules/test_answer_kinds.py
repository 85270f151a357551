"""Long texts, several choices, mail addresses, numbers, postcodes, tables and optional answers (D5, D8, E3)."""

from datetime import date
from decimal import Decimal

import pytest

from services.rules import ethnicity, tables
from services.rules.answers import derived, read, shown
from services.rules.completeness import Step, missing
from services.rules.errors import InvalidValueError
from services.schemes.loader import load_catalogue
from services.schemes.models import Column, Condition, FieldKind, FormField, Option

TODAY = date(2026, 11, 21)
INTRODUCTION = FormField(
    key="introduction", label="工作简介", kind=FieldKind.LONG_TEXT, min_length=200, max_length=2000
)
FIELDS = FormField(
    key="fields",
    label="申报认证领域",
    kind=FieldKind.CHOICES,
    max_choices=3,
    options=tuple(Option(value=name, label=name) for name in ("CCC", "CQC标志", "CB", "CE", "RoHs")),
)
OCCUPATIONS = FormField(
    key="occupations",
    label="申报考评职业工种",
    kind=FieldKind.CHOICES,
    max_choices=3,
    same_group=True,
    options=(
        Option(value="电工", label="电工", group="生产制造"),
        Option(value="焊工", label="焊工", group="生产制造"),
        Option(value="保育师", label="保育师", group="生活服务"),
    ),
)
FREE = FormField(key="occupations", label="申报考评职业工种", kind=FieldKind.CHOICES, max_choices=3)
TRAINING = FormField(
    key="training",
    label="上岗培训考核记录",
    kind=FieldKind.TABLE,
    columns=(Column(key="on", label="培训日期", kind="date"), Column(key="outcome", label="考核结果")),
    rows=("第一项", "第二项", "第三项"),
    rows_of="fields",
    row_label="{value}业务培训",
)
YEARS = FormField(
    key="years", label="工作年限", kind=FieldKind.NUMBER, unit="年", minimum=Decimal(1), maximum=Decimal(60)
)


def refusal(field: FormField, typed: str, answers: dict[str, str] | None = None) -> InvalidValueError:
    with pytest.raises(InvalidValueError) as refused:
        read(field, typed, today=TODAY, answers=answers or {})
    return refused.value


def test_a_short_introduction_is_told_how_many_characters_are_missing_d5() -> None:
    error = refusal(INTRODUCTION, "字" * 100 + "  \n\n " + "字" * 50)
    assert error.code == "long_text.short"
    assert dict(error.facts) == {"length": 150, "limit": 200, "needed": 50}


def test_white_space_does_not_fill_an_introduction_and_paragraphs_stay_d5_d8() -> None:
    assert refusal(INTRODUCTION, ("字 " * 199)).code == "long_text.short"
    kept = read(INTRODUCTION, "字" * 100 + "\n\n" + "句" * 100, today=TODAY)
    assert kept == "字" * 100 + "\n" + "句" * 100
    assert refusal(INTRODUCTION, "字" * 2001).code == "long_text.long"


@pytest.mark.parametrize(
    "typed", ["1、3", "1 3", "１，３", "CCC和CB", "CCC 和 CB", "CCC、CB", "ccc,cb", "1、3、1"]
)
def test_several_are_chosen_by_numbers_or_names_e4(typed: str) -> None:
    assert shown(FIELDS, read(FIELDS, typed, today=TODAY)) == "CCC、CB"


def test_no_more_than_three_and_only_of_one_type_d5() -> None:
    assert dict(refusal(FIELDS, "1、2、3、4").facts) == {"count": 4, "limit": 3}
    assert refusal(OCCUPATIONS, "1、3").facts["groups"] == "生产制造、生活服务"
    assert read(OCCUPATIONS, "1、2", today=TODAY) == '["电工", "焊工"]'


def test_the_item_that_was_not_understood_is_named() -> None:
    error = refusal(FIELDS, "CCC、飞机")
    assert (error.code, error.facts["item"]) == ("choice.unknown", "飞机")


def test_a_list_without_options_takes_what_is_written_d5() -> None:
    assert shown(FREE, read(FREE, "电工（中级），焊工", today=TODAY)) == "电工(中级)、焊工"
    assert refusal(FREE, "甲、乙、丙、丁").code == "list.many"
    assert refusal(FREE, "、").code == "list.empty"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("wang@CQC.com.cn", "wang@cqc.com.cn"),
        ("１２@ｑｑ．ｃｏｍ", "12@qq.com"),
        (" a.b@qq。com ", "a.b@qq.com"),
    ],
)
def test_a_mail_address_is_put_right(typed: str, kept: str) -> None:
    field = FormField(key="mail", label="电子邮箱", kind=FieldKind.EMAIL)
    assert read(field, typed, today=TODAY) == kept


@pytest.mark.parametrize(
    ("typed", "code"), [("", "email.empty"), ("qq.com", "email.at"), ("a@b", "email.format")]
)
def test_a_wrong_mail_address_is_refused(typed: str, code: str) -> None:
    assert refusal(FormField(key="mail", label="电子邮箱", kind=FieldKind.EMAIL), typed).code == code


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("10", "10"),
        ("１０年", "10"),
        ("十年", "10"),
        ("二十五年", "25"),
        ("两年半", "2.5"),
        ("3 年以上", "3"),
        ("2.50", "2.5"),
    ],
)
def test_years_are_read_as_people_write_them(typed: str, kept: str) -> None:
    assert read(YEARS, typed, today=TODAY) == kept
    assert shown(YEARS, kept) == f"{kept}年"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("很久", "number.format"),
        ("半年", "number.small"),
        ("61", "number.large"),
        ("-3", "number.format"),
        ("3次", "number.format"),
    ],
)
def test_a_wrong_number_of_years_is_refused(typed: str, code: str) -> None:
    assert refusal(YEARS, typed).code == code


def test_a_postcode_has_six_digits() -> None:
    field = FormField(key="postcode", label="邮编", kind=FieldKind.POSTCODE)
    assert read(field, "邮编：６１００１６", today=TODAY) == "610016"
    assert refusal(field, "61001").code == "postcode.format"


def test_a_table_has_its_three_rows_and_one_for_every_field_applied_for_e3() -> None:
    answers = {"fields": '["CCC", "CB"]'}
    asked = []
    while (row := tables.next_row(TRAINING, answers)) is not None:
        asked.append(row)
        answers["training"] = read(TRAINING, "2026.11.2，合格", today=TODAY, answers=answers)
    assert asked == ["第一项", "第二项", "第三项", "CCC业务培训", "CB业务培训"]
    assert "CB业务培训：2026-11-02，合格" in shown(TRAINING, answers["training"])


def test_a_table_is_shown_as_rows_and_columns_named_rows_first_e3() -> None:
    kept = f'{{"CCC": {{"on": "2026-11-03"}}, "{TRAINING.rows[0]}": {{}}}}'
    rows = tables.rows_of(TRAINING, kept)
    assert [row[0] for row in rows] == [TRAINING.rows[0], "CCC"]
    assert {len(row) for row in rows} == {1 + len(TRAINING.columns)}


def test_a_row_of_a_table_is_corrected_by_its_number_e3() -> None:
    answers = {"fields": '["CCC"]'}
    for _ in range(4):
        answers["training"] = read(TRAINING, "2026-11-02 合格", today=TODAY, answers=answers)
    assert refusal(TRAINING, "2026-11-03，良好", answers).code == "table.row"
    answers["training"] = read(TRAINING, "2 2026-11-03，良好", today=TODAY, answers=answers)
    assert tables.latest(TRAINING, answers["training"]) == "第二项：2026-11-03，良好"
    assert shown(TRAINING, answers["training"]).splitlines()[1] == "第二项：2026-11-03，良好"


def test_several_rows_of_a_table_are_changed_at_once_by_their_numbers_e8() -> None:
    answers = {"fields": '["CCC"]'}
    for _ in range(4):
        answers["training"] = read(TRAINING, "2026-11-02 合格", today=TODAY, answers=answers)
    several = tables.fill_several(TRAINING, "2 2026.11.3，良好\n\n第4行：2026.11.4，合格", answers)
    assert shown(TRAINING, several).splitlines() == [
        "第一项：2026-11-02，合格",
        "第二项：2026-11-03，良好",
        "第三项：2026-11-02，合格",
        "CCC业务培训：2026-11-04，合格",
    ]
    with pytest.raises(InvalidValueError, match=r"table\.twice"):
        tables.fill_several(TRAINING, "2 2026.11.3，良好\n2 2026.11.4，合格", answers)
    # One cell a line is one row, as before.
    one = tables.fill_several(TRAINING, "3 2026.11.5\n良好", answers)
    assert tables.latest(TRAINING, one) == "第三项：2026-11-05，良好"


def test_a_field_that_is_given_up_takes_its_row_with_it_and_a_new_one_asks_for_its_own_e3() -> None:
    answers = {"fields": '["CCC"]'}
    for _ in range(4):
        answers["training"] = read(TRAINING, "2026-11-02，合格", today=TODAY, answers=answers)
    answers["fields"] = '["CE"]'
    answers["training"] = tables.pruned(TRAINING, answers)
    assert "CCC" not in answers["training"]
    assert tables.next_row(TRAINING, answers) == "CE业务培训"


def test_a_row_with_a_cell_too_few_says_what_is_expected_e3() -> None:
    error = refusal(TRAINING, "合格")
    assert (error.code, error.facts["columns"], error.facts["row"]) == (
        "table.cells",
        "培训日期，考核结果",
        "第一项",
    )


def test_a_condition_on_several_choices_holds_when_any_fits() -> None:
    condition = Condition(field="fields", is_in=("CB", "CE"))
    assert condition.holds({"fields": '["CCC", "CB"]'})
    assert not condition.holds({"fields": '["CCC"]'})
    assert not condition.holds({})


def test_age_is_counted_in_full_years_on_the_day_of_submission_d5() -> None:
    field = FormField(key="age", label="年龄", kind=FieldKind.DERIVED, source="identity.age")
    number = {"identity_number": "11010519491231002X"}
    assert derived(field, number, short_title="", submitted_on="2026-12-30") == "76"
    assert derived(field, number, short_title="", submitted_on="2026-12-31") == "77"


def test_an_optional_question_is_asked_until_it_is_answered_or_skipped() -> None:
    scheme = load_catalogue().current("quality-safety-officer")
    note = FormField(key="note", label="备注", kind=FieldKind.TEXT, required=False)
    asking = scheme.model_copy(update={"fields": (*scheme.fields, note)})
    assert Step("field", "note") in missing(asking, {}, ())
    assert Step("field", "note") not in missing(asking, {"note": ""}, ())
    assert shown(note, "") == ""


@pytest.mark.parametrize(("typed", "kept"), [("汉", "汉族"), ("彝族", "彝族"), (" 维吾尔族 ", "维吾尔族")])
def test_an_ethnicity_is_one_of_the_56_names_in_full_d8(typed: str, kept: str) -> None:
    field = load_catalogue().current("sichuan-supervisor").field("ethnicity")
    assert read(field, typed, today=date(2026, 11, 21)) == kept
    assert len(set(ethnicity.NAMES)) == 56
    for wrong in ("少数民族", "中国", "汉族人"):
        with pytest.raises(InvalidValueError, match=r"ethnicity\.unknown"):
            read(field, wrong, today=date(2026, 11, 21))
