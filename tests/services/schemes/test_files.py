"""The scheme files of the five sources say what the sources say (C6, D1–D8, E2–E5)."""

import re
from pathlib import Path

import pytest

from handlers.chat.texts import introduction as texts
from services.rules.eligibility import Facts, assess
from services.rules.review_chain import stages
from services.schemes.kept import several
from services.schemes.loader import SchemeCatalogue, SchemeFileError, load_catalogue, load_file
from services.schemes.models import Scheme

LONG = "字" * 200


@pytest.fixture(scope="module")
def schemes() -> SchemeCatalogue:
    return load_catalogue()


def lacking(scheme: Scheme, answers: dict[str, str], *materials: str) -> list[tuple[str, str]]:
    """(route, label of what is lacking) of every condition that does not hold."""
    return [(gap.route, gap.facts.get("subject", "")) for gap in assess(Facts(answers, materials), scheme)]


def test_every_source_has_its_schemes_and_the_demo_offers_what_it_offered(schemes: SchemeCatalogue) -> None:
    offered = {
        account: len(schemes.offered_by(account)) for account in ("main", "sichuan", "metrology", "cqc")
    }
    assert offered == {"main": 3, "sichuan": 5, "metrology": 8, "cqc": 1}


def test_the_months_of_d1_stand_beside_the_five_that_the_text_says_and_nothing_is_decided(
    schemes: SchemeCatalogue,
) -> None:
    plans = {scheme.short_title: scheme.class_plan for scheme in schemes.offered_by("sichuan")}
    assert {title: plan.months for title, plan in plans.items() if plan} == {
        "考评员": (3, 10),
        "高级考评员": (6, 11),
        "专项职业能力考评员": (1, 7),
        "新职业考评员": (5,),
        "质量督导员": (4, 9),
    }
    examiners = [plan for title, plan in plans.items() if plan and title != "质量督导员"]
    assert sum(len(plan.months) for plan in examiners) == 7
    shown = texts.introduction(schemes.current("sichuan-examiner"))
    assert "组织5期考评员培训班" in shown
    assert "7期" in shown


def test_the_form_of_annex_1_asks_for_exactly_its_items_d5(schemes: SchemeCatalogue) -> None:
    scheme = schemes.current("sichuan-examiner")
    asked = {field.label for field in scheme.fields} | {scheme.material("portrait").label}
    assert asked - {"审核渠道", "职称名称", "资格证书的职业（工种）"} == {
        "姓名", "性别", "年龄", "照片", "身份证号码", "联系手机", "文化程度", "工作单位", "专业工龄", "联系地址",
        "专业技术职称", "所在地区", "职业资格证书", "申报考评职业工种", "工作简介", "填表日期",
    }  # fmt: skip
    assert {"fields.channel", "fields.title_name", "fields.qualification_occupation"} <= set(scheme.proposed)
    subjects = scheme.field("subjects")
    assert (subjects.max_choices, scheme.field("introduction").min_length) == (3, 200)


def test_the_form_of_annex_2_differs_in_what_is_applied_for_d5(schemes: SchemeCatalogue) -> None:
    scheme = schemes.current("sichuan-special-examiner")
    assert scheme.field("subjects").label == "申报考评项目"
    assert scheme.material("form").label == "专项职业能力考核考评员资格申报表（附件2）"
    assert len(scheme.field("grounds").options) == 5


def test_the_undertaking_is_agreed_to_word_for_word_d5(schemes: SchemeCatalogue) -> None:
    (consent,) = schemes.current("sichuan-examiner").consents
    assert consent.text == (
        "本人参加培训前认真阅读相关文件规定，郑重承诺所填写信息及提供的资料真实有效，符合考评员申报条件，"
        "知晓培训考核方式、资格审核及相关要求，如提供虚假资料，所有不利后果由本人承担。"
    )
    assert schemes.current("sichuan-supervisor").consents == ()


def test_an_examiner_has_a_higher_qualification_or_a_middle_title_d3(schemes: SchemeCatalogue) -> None:
    scheme = schemes.current("sichuan-examiner")
    base = {"introduction": LONG, "title_level": "无", "qualification_level": "无"}
    assert lacking(scheme, base | {"qualification_level": "高级"}) == []
    assert lacking(scheme, base | {"title_level": "中级"}) == []
    assert lacking(scheme, base | {"title_level": "初级", "qualification_level": "中级"}) == [
        ("qualification", "职业资格证书"),
        ("title", "专业技术职称"),
    ]
    assert lacking(scheme, base | {"title_level": "中级", "introduction": LONG[1:]}) == [("", "工作简介")]


def test_a_senior_examiner_has_a_card_a_year_three_times_and_the_highest_level_d3(
    schemes: SchemeCatalogue,
) -> None:
    scheme = schemes.current("sichuan-senior-examiner")
    answers = {
        "introduction": LONG,
        "title_level": "高级",
        "qualification_level": "无",
        "examining_years": "1",
        "examining_times": "3",
    }
    assert lacking(scheme, answers, "examiner_card") == []
    assert lacking(scheme, answers) == [("", "考评员资格证卡")]
    worse = answers | {"examining_years": "0.5", "examining_times": "2", "title_level": "中级"}
    assert [label for _, label in lacking(scheme, worse, "examiner_card")] == [
        "实际考评工作年限", "考评经历次数", "职业资格证书", "专业技术职称",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("answers", "materials"),
    [
        ({"qualification_level": "高级"}, ()),
        ({"title_level": "初级"}, ()),
        ({"grounds": several(["honour"])}, ("honour_proof",)),
        ({"grounds": several(["teaching"]), "education": "大学专科", "teaching_years": "3"}, ()),
        ({"grounds": several(["practice"]), "practice_years": "10"}, ("practice_proof",)),
        ({"grounds": several(["teaching", "contest"])}, ("contest_proof",)),
    ],
)
def test_any_of_five_ways_leads_to_the_special_examiner_d4(
    schemes: SchemeCatalogue, answers: dict[str, str], materials: tuple[str, ...]
) -> None:
    scheme = schemes.current("sichuan-special-examiner")
    assert lacking(scheme, {"introduction": LONG} | answers, *materials) == []
    almost = {"introduction": LONG, "practice_years": "9", "education": "高中", "teaching_years": "30"}
    assert len({route for route, _ in lacking(scheme, almost)}) == 5


def test_new_occupations_have_the_conditions_of_their_class_notice_and_none_here_d3(
    schemes: SchemeCatalogue,
) -> None:
    scheme = schemes.current("sichuan-new-occupation-examiner")
    assert scheme.routes == ()
    assert "routes" in scheme.proposed
    assert "以当期培训文件为准" in texts.introduction(scheme)


def test_the_supervisor_s_lists_are_exactly_the_source_s_d8(schemes: SchemeCatalogue) -> None:
    scheme = schemes.current("sichuan-supervisor")
    lists = {
        key: [option.value for option in scheme.field(key).options]
        for key in ("political_status", "education")
    }
    assert lists == {
        "political_status": ["中共党员", "共青团员", "民主党派人士", "无党派民主人士", "群众"],
        "education": [
            "研究生", "大学本科", "大学专科", "中专", "技校", "高级技校", "技师学院", "高中", "职高", "初中", "小学",
        ],
    }  # fmt: skip
    assert all(scheme.field(key).exact for key in lists)
    assert not scheme.field("card_number").required
    assert scheme.field("introduction").min_length == 200


def test_the_form_of_annex_4_asks_for_its_items_and_the_roster_of_annex_5_for_the_rest_d8(
    schemes: SchemeCatalogue,
) -> None:
    scheme = schemes.current("sichuan-supervisor")
    labels = {field.label for field in scheme.fields} | {item.label for item in scheme.materials}
    annex_4 = {
        "姓名", "性别", "照片", "身份证号码", "联系电话", "原质量督导员证卡号", "所在地区", "工作单位", "通信地址", "邮编",
        "督导工作经历", "备注", "填表时间",
    }  # fmt: skip
    annex_5 = {"出生日期", "民族", "政治面貌", "文化程度", "工作年限", "电子邮箱", "从事职业"}
    ours = {"培训对象类别", "从事评价工作的身份", "审核渠道", "质量督导员推荐表（附件4）"}
    assert labels == annex_4 | annex_5 | ours
    optional = {field.label for field in scheme.fields if field.asked and not field.required}
    assert optional == {"原质量督导员证卡号", "备注"}


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (('number_prefix = "SCDD"', 'number_prefix = "督导"'), "card.number_prefix"),
        (('employer = "employer"', 'employer = "firm"'), 'card 的 employer = "firm" 不是本方案的字段'),
        (('occupations = ""', 'occupations = "name"'), 'card 的 occupations = "name"'),
        (('occupations = ""', 'occupations = ""\nmade_by = ["society"]'), "card 的 made_by"),
    ],
)
def test_a_wrong_card_is_named_with_its_place_d7(tmp_path: Path, change: tuple[str, str], fault: str) -> None:
    path = tmp_path / "mine.toml"
    source = Path(load_catalogue().loaded["sichuan-supervisor@2024.1"].path).read_text(encoding="utf-8")
    if change[0] not in source:
        source = source.replace('occupations = ""', f'occupations = ""\n{change[0]}')
    path.write_text(source.replace(*change, 1), encoding="utf-8")
    with pytest.raises(SchemeFileError) as refused:
        load_file(path)
    assert fault in str(refused.value)


def test_the_city_or_the_province_reviews_after_the_institution_d7(schemes: SchemeCatalogue) -> None:
    scheme = schemes.current("sichuan-examiner")
    kinds = {
        channel: [stage.organisation_kind for stage in stages(scheme, {"channel": channel})]
        for channel in ("local", "provincial")
    }
    assert kinds == {
        "local": ["institution", "city_centre"],
        "provincial": ["institution", "province_centre"],
    }
    assert [s.key for s in stages(schemes.current("sichuan-supervisor"), {"channel": "local"})] == ["city"]


def test_examiners_get_a_card_with_the_province_s_number_d7(schemes: SchemeCatalogue) -> None:
    for scheme in schemes.offered_by("sichuan"):
        assert scheme.card is not None
        assert scheme.card.numbered_by == "province_centre"
        assert scheme.certificates == ()


def test_an_occupation_at_a_level_is_a_scheme_of_one_file_c6(schemes: SchemeCatalogue) -> None:
    offered = schemes.offered_by("metrology")
    assert len({scheme.certificate("result_passed").number_prefix for scheme in offered}) == 8  # type: ignore[union-attr]
    scheme = schemes.current("metrology-length-3")
    assert scheme.title == "长度计量员（三级/高级工）职业能力水平评价"
    assert scheme.alternatives[0].sets == (("diploma", "diploma_check"), ("loss_statement",))
    assert scheme.routes == ()
    assert "routes" in scheme.proposed


def test_a_liaison_officer_has_a_college_degree_a_year_of_work_and_the_entry_training_e2(
    schemes: SchemeCatalogue,
) -> None:
    scheme = schemes.current("cqc-liaison-officer")
    good = {"education": "大学专科", "work_years": "1", "entry_training": "self_study"}
    assert lacking(scheme, good) == []
    worse = {"education": "大专以下", "work_years": "0.5", "entry_training": "none"}
    assert [label for _, label in lacking(scheme, worse)] == ["学历", "工作经历", "入门培训"]


def test_a_liaison_officer_s_papers_and_fields_are_the_source_s_e3_e4(schemes: SchemeCatalogue) -> None:
    scheme = schemes.current("cqc-liaison-officer")
    assert [option.value for option in scheme.field("fields").options] == [
        "CCC", "CQC标志", "标志节能节水", "标志质量环保", "CB", "CE", "RoHs", "PSE", "GAP", "有机",
    ]  # fmt: skip
    assert len(scheme.field("training").rows) == 3
    assert {item.key for item in scheme.materials} == {
        "recommendation", "training_record", "declaration", "diploma", "identity_front", "identity_back",
    }  # fmt: skip
    assert scheme.appointment is not None
    assert (scheme.appointment.number_label, scheme.appointment.covers) == ("聘用号", "fields")
    assert scheme.exam is None


def test_what_every_file_proposes_is_there_and_no_placeholder_is_left(schemes: SchemeCatalogue) -> None:
    for scheme in schemes.values():
        assert scheme.proposed, scheme.id
        assert not re.search(r"\{[a-z]+\.[a-z]+\}", scheme.model_dump_json()), scheme.id


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (("{occupation.label}{level.label}", "{occupation.name}"), "short_title: {occupation.name} 没有写在 parameters 里"),
        (('key = "skilled", ', ""), 'parameters[2] "level".values[1].key: 缺少这一项'),
        (('form = "on_site"', 'form = "by_post"'), "exam.form"),
        (("[exam]", "[more]\nfields = []\n[exam]"), "more: 只用于有 extends 的文件"),
        (('issued_by = "society"', 'issued_by = "city_centre"'), 'issued_by = "city_centre" 应与 authorised_for 的 by 相同'),
        (('level_label = "{level.label}"\n', ""), "authorised_for.level_label: 缺少这一项"),
    ],
)  # fmt: skip
def test_a_wrong_parametrised_file_is_named_with_place_and_fault(
    tmp_path: Path, change: tuple[str, str], fault: str
) -> None:
    path = tmp_path / "mine.toml"
    source = Path(load_catalogue().loaded["metrology-length-4@2022.1"].path).read_text(encoding="utf-8")
    assert change[0] in source
    path.write_text(source.replace(*change, 1), encoding="utf-8")
    with pytest.raises(SchemeFileError) as refused:
        load_file(path)
    assert str(refused.value).startswith("mine.toml: ")
    assert fault in str(refused.value)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (('covers = "fields"', 'covers = "name"'), 'appointment 的 covers = "name"'),
        (('rows_of = "fields"', 'rows_of = "later"'), 'rows_of = "later"'),
        (('organiser_kind = "cqc_training_centre"', "organizer = 1"), "roles.organizer: 不认识的键"),
    ],
)
def test_a_wrong_appointment_is_named(tmp_path: Path, change: tuple[str, str], fault: str) -> None:
    path = tmp_path / "mine.toml"
    source = Path(load_catalogue().loaded["cqc-liaison-officer@2011.1"].path).read_text(encoding="utf-8")
    path.write_text(source.replace(*change, 1), encoding="utf-8")
    with pytest.raises(SchemeFileError) as refused:
        load_file(path)
    assert fault in str(refused.value)


def test_a_certificate_for_each_occupation_applied_for_is_handed_in_d6(schemes: SchemeCatalogue) -> None:
    for scheme in schemes.offered_by("sichuan")[:4]:
        assert scheme.material("qualification").max_files == scheme.field("subjects").max_choices == 3


def test_an_example_of_a_scheme_of_the_whole_country_is_of_no_province_c6(schemes: SchemeCatalogue) -> None:
    assert not any("四川" in field.example for field in schemes.current("metrology-length-3").fields)
