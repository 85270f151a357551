"""Who may apply: routes of which any one suffices, and what each still lacks (D3, D4, D5, E2)."""

from decimal import Decimal

import pytest

from handlers.chat.texts.eligibility import not_eligible, told_early, told_on_page, too_few
from services.rules.completeness import Step, instead_of, missing
from services.rules.eligibility import Facts, Unmet, assess, certain, falling_short
from services.schemes.eligibility import (
    AllOf,
    AnyOf,
    AtLeast,
    CharactersAtLeast,
    CountAtLeast,
    HasMaterial,
    IsIn,
    Route,
    YearsAtLeast,
)
from services.schemes.kept import several
from services.schemes.loader import load_catalogue
from services.schemes.models import (
    Alternatives,
    FieldKind,
    FormField,
    Material,
    MaterialKind,
    Option,
    Scheme,
)

TITLES = ("无", "初级", "中级", "高级")
FIELDS = (
    FormField(
        key="title",
        label="专业技术职称",
        kind=FieldKind.CHOICE,
        options=tuple(Option(value=title, label=f"{title}职称") for title in TITLES),
    ),
    FormField(key="years", label="考评年限", kind=FieldKind.NUMBER, unit="年"),
    FormField(key="times", label="考评次数", kind=FieldKind.NUMBER, unit="次"),
    FormField(key="intro", label="工作简介", kind=FieldKind.LONG_TEXT, max_length=2000),
    FormField(key="jobs", label="申报工种", kind=FieldKind.CHOICES, max_choices=3),
)
CARD = Material(key="card", label="考评员证卡", kind=MaterialKind.DOCUMENT)
QUALIFIED = AtLeast(kind="at_least", field="title", scale="titles", level="中级")
EXPERIENCED = AllOf(
    kind="all_of",
    conditions=(
        YearsAtLeast(kind="years_at_least", field="years", years=Decimal(1)),
        CountAtLeast(kind="count_at_least", field="times", count=3),
    ),
)


def scheme(*routes: Route, **more: object) -> Scheme:
    base = load_catalogue().current("quality-safety-officer")
    return base.model_copy(
        update={
            "fields": (*base.fields, *FIELDS),
            "materials": (CARD,),
            "scales": {"titles": TITLES[1:]},
            "routes": routes,
            **more,
        }
    )


BY_TITLE = Route(key="by_title", label="中级及以上职称", conditions=(QUALIFIED,))
BY_PRACTICE = Route(key="by_practice", label="有考评经历", conditions=(EXPERIENCED,))


def test_one_route_suffices_d4() -> None:
    both = scheme(BY_TITLE, BY_PRACTICE)
    assert assess(Facts({"title": "高级"}), both) == ()
    assert assess(Facts({"title": "无", "years": "1", "times": "3"}), both) == ()


def test_without_routes_everybody_may_apply() -> None:
    assert assess(Facts({}), scheme()) == ()


def test_what_each_route_lacks_is_given_with_what_would_meet_it_d3() -> None:
    unmet = assess(Facts({"title": "初级", "years": "2", "times": "2"}), scheme(BY_TITLE, BY_PRACTICE))
    assert unmet == (
        Unmet(
            "at_least", {"subject": "专业技术职称", "needed": "中级职称", "actual": "初级职称"}, "by_title"
        ),
        Unmet("count_at_least", {"subject": "考评次数", "needed": "3次", "actual": "2次"}, "by_practice"),
    )


@pytest.mark.parametrize(
    ("answers", "hopeless"),
    [
        ({}, False),
        ({"title": "初级"}, False),
        ({"title": "初级", "years": "0"}, True),
        ({"title": "中级", "years": "0"}, False),
        ({"title": "无", "years": "5"}, False),
        ({"title": "无", "years": "5", "times": "2"}, True),
    ],
)
def test_that_no_route_is_left_is_known_as_soon_as_the_answers_say_so_d3(
    answers: dict[str, str], *, hopeless: bool
) -> None:
    gaps = certain(Facts(answers), scheme(BY_TITLE, BY_PRACTICE))
    assert bool(gaps) is hopeless
    assert not hopeless or {"title"} < frozenset().union(*(gap.keys for gap in gaps))


def test_a_question_that_will_not_be_asked_any_more_is_certain_and_a_material_never_is_d4() -> None:
    special = load_catalogue().current("sichuan-special-examiner")
    known = {"education": "高中", "title_level": "无", "qualification_level": "无"}
    assert certain(Facts(known), special) == ()
    assert certain(Facts(known | {"grounds": '["practice"]'}), special) == ()
    assert certain(Facts(known | {"grounds": '["practice"]', "practice_years": "12"}), special) == ()
    gaps = certain(Facts(known | {"grounds": '["practice"]', "practice_years": "9"}), special)
    assert {gap.route for gap in gaps} == {"qualification", "honour", "teaching", "practice", "contest"}


def test_what_is_hopeless_is_said_in_short_with_what_would_do_d4() -> None:
    special = load_catalogue().current("sichuan-special-examiner")
    known = {"education": "高中", "title_level": "无", "qualification_level": "无", "grounds": '["teaching"]'}
    told = told_early(special, certain(Facts(known | {"teaching_years": "1"}), special))
    assert "不符合【专项职业能力考评员】的申报条件" in told
    assert "从事相关工作10年以上" in told
    assert "修改 " in told
    assert len(told.encode()) < 900


def test_what_is_not_on_the_scale_is_below_it_d3() -> None:
    assert [gap.facts["actual"] for gap in assess(Facts({"title": "无"}), scheme(BY_TITLE))] == ["无职称"]
    assert [gap.facts["actual"] for gap in assess(Facts({}), scheme(BY_TITLE))] == [""]


def test_an_introduction_below_200_characters_is_not_eligible_d5() -> None:
    short = CharactersAtLeast(kind="characters_at_least", field="intro", count=200)
    asked = scheme(requirements=(short,))
    (gap,) = assess(Facts({"intro": "字 " * 199}), asked)
    assert (gap.facts["needed"], gap.facts["actual"], gap.route) == ("200", "199", "")
    assert assess(Facts({"intro": "字" * 200}), asked) == ()


def test_several_choices_are_counted_and_looked_into() -> None:
    two = Route(
        key="two", label="两个", conditions=(CountAtLeast(kind="count_at_least", field="jobs", count=2),)
    )
    one_of = Route(key="one", label="焊工", conditions=(IsIn(kind="is_in", field="jobs", values=("焊工",)),))
    assert assess(Facts({"jobs": '["电工", "钳工"]'}), scheme(two)) == ()
    assert assess(Facts({"jobs": '["电工", "焊工"]'}), scheme(one_of)) == ()
    assert assess(Facts({"jobs": '["电工"]'}), scheme(one_of))[0].facts["needed"] == "焊工"


def test_any_of_names_all_that_would_do_d3() -> None:
    either = AnyOf(
        kind="any_of",
        conditions=(QUALIFIED, HasMaterial(kind="has_material", material="card")),
    )
    asked = scheme(requirements=(either,))
    assert assess(Facts({}, {"card"}), asked) == ()
    (gap,) = assess(Facts({"title": "初级"}), asked)
    assert [other.code for other in gap.instead] == ["at_least", "has_material"]


def test_it_is_said_in_plain_chinese_what_is_lacking_and_what_would_meet_it_d4() -> None:
    asked = scheme(BY_TITLE, BY_PRACTICE)
    said = not_eligible(asked, assess(Facts({"title": "初级", "years": "0.5", "times": "3"}), asked))
    assert "满足任意一条即可" in said
    assert "1. 中级及以上职称\n　还差：【专业技术职称】须为“中级职称”或以上，您填写的是“初级职称”。" in said
    assert "2. 有考评经历\n　还差：【考评年限】须满1年，您填写的是0.5年。" in said
    assert "修改" in said


def test_a_diploma_with_its_proof_or_a_statement_of_loss_suffices_c6() -> None:
    papers = tuple(
        Material(key=key, label=key, kind=MaterialKind.DOCUMENT) for key in ("diploma", "proof", "lost")
    )
    group = Alternatives(key="education", label="学历证明", sets=(("diploma", "proof"), ("lost",)))
    asked = scheme(materials=papers, alternatives=(group,))

    def lacking(*handed_in: str) -> list[str]:
        return [step.key for step in missing(asked, {}, handed_in) if step.kind == "material"]

    assert lacking() == ["diploma", "proof"]
    assert lacking("diploma") == ["proof"]
    assert lacking("lost") == []
    assert lacking("diploma", "lost") == []
    assert lacking("diploma", "proof") == []
    assert instead_of(asked, "diploma") == ("lost",)
    assert Step("material", "lost") not in missing(asked, {}, ())


def test_too_few_years_for_one_way_are_said_while_another_is_open_d4() -> None:
    special = load_catalogue().current("sichuan-special-examiner")
    known = {"grounds": several(["practice", "honour"]), "practice_years": "0"}
    assert certain(Facts(known), special) == ()
    (gap,) = falling_short(Facts(known), special)
    told = too_few(special, [gap])
    assert "按“从事相关工作10年以上”申报，【相关工作年限】须满10年，您填写的是0年，这一条不符合" in told
    assert falling_short(Facts(known | {"practice_years": "10"}), special) == ()


def test_above_the_form_page_one_is_sent_to_the_page_and_not_to_the_chat_d4() -> None:
    special = load_catalogue().current("sichuan-special-examiner")
    unmet = certain(Facts({"grounds": several(["practice"]), "practice_years": "0"}), special)
    assert "回复 修改" in told_early(special, unmet)
    assert "回复" not in (said := told_on_page(special, unmet))
    assert "填错了的，在这一页里改正" in said
