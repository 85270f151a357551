"""The cells of the lists that schemes hand on: 附件3 and 附件5 (D7, D8)."""

from pathlib import Path

import pytest

from services.rules.rosters import heading, line
from services.schemes.loader import SchemeFileError, load_catalogue, load_file
from services.schemes.models import Scheme
from tests.services.sichuan_stories import EXAMINER, SUPERVISOR

PERSON = {"name": "王小明", "identity_number": "510107198503071214", "mobile": "13800138000"}


@pytest.fixture(scope="module")
def examiner() -> Scheme:
    return load_catalogue().current("sichuan-examiner")


@pytest.fixture(scope="module")
def supervisor() -> Scheme:
    return load_catalogue().current("sichuan-supervisor")


def test_annex_3_has_the_ten_columns_of_the_source_in_its_order_d7(examiner: Scheme) -> None:
    roster = examiner.roster("annex3")
    assert [heading(column) for column in roster.columns] == [
        "序号", "工作单位", "姓名", "性别", "身份证号码", "文化程度", "现职业资格(专业技术职称)", "申报考评职业(工种)",
        "联系电话", "通讯地址",
    ]  # fmt: skip
    assert line(roster, examiner, EXAMINER | PERSON).cells == (
        "", "成都某某评价机构", "王小明", "男", "510107198503071214", "大学本科",
        "电工、高级（三级）、工程师、中级职称", "电工、焊工",
        "13800138000", "四川省成都市武侯区一环路南1号",
    )  # fmt: skip


def test_annex_5_has_fourteen_columns_and_the_birth_date_as_the_source_writes_it_d8(
    supervisor: Scheme,
) -> None:
    roster = supervisor.roster("annex5")
    assert [heading(column) for column in roster.columns] == [
        "序号", "身份证号", "姓名", "性别", "出生日期", "民族", "政治面貌", "文化程度", "工作年限", "电子邮箱", "从事职业",
        "联系方式", "工作单位", "通讯地址",
    ]  # fmt: skip
    made = line(roster, supervisor, SUPERVISOR | PERSON)
    assert made.cells[4:9] == ("1990-01-01", "汉族", "中共党员", "大学专科", "10")
    assert made.lacks == ()


@pytest.mark.parametrize(
    "missing",
    [
        "identity_number", "name", "sex", "birth_on", "ethnicity", "political_status", "education", "work_years",
        "email", "occupation", "mobile", "employer", "address",
    ],
)  # fmt: skip
def test_every_item_of_annex_5_is_required_and_named_when_it_lacks_d8(
    supervisor: Scheme, missing: str
) -> None:
    made = line(supervisor.roster("annex5"), supervisor, SUPERVISOR | PERSON | {missing: ""})
    assert [(lack.kind, lack.field_key) for lack in made.lacks] == [("missing", missing)]


@pytest.mark.parametrize(("key", "short"), [("political_status", "党员"), ("education", "本科")])
def test_an_abbreviation_does_not_get_into_annex_5_d8(supervisor: Scheme, key: str, short: str) -> None:
    made = line(supervisor.roster("annex5"), supervisor, SUPERVISOR | PERSON | {key: short})
    assert [(lack.kind, lack.value) for lack in made.lacks] == [("not_allowed", short)]


@pytest.mark.parametrize(
    ("qualification", "title", "cell"),
    [
        ("高级技师", "无", "电工、高级技师（一级）"),
        ("无", "高级", "机械工程师、高级职称（副高、正高）"),
        ("无", "无", "无"),
        ("高级", "中级", "电工、高级（三级）、机械工程师、中级职称"),
    ],
)
def test_annex_3_names_occupation_and_title_and_only_what_somebody_has_d3(
    examiner: Scheme, qualification: str, title: str, cell: str
) -> None:
    answers = EXAMINER | PERSON | {"qualification_level": qualification, "title_level": title}
    answers |= {"qualification_occupation": "电工", "title_name": "机械工程师"}
    assert line(examiner.roster("annex3"), examiner, answers).cells[6] == cell


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (('fields = ["ethnicity"]', 'fields = ["nation"]'), 'lists "annex5"：列 "民族" 的 fields 里的 "nation"'),
        (('label = "性别", fields', 'label = "姓名", fields'), 'lists "annex5"：列 "姓名" 出现了两次'),
        (("{officer}", "{clerk}"), "里只能用 {organisation}、{officer}、{date}"),
        (('label = "民族", fields = ["ethnicity"]', 'label = "民族"'), '列 "民族"：要写 fields'),
    ],
)  # fmt: skip
def test_a_wrong_list_in_a_scheme_file_is_named_with_its_place_d8(
    tmp_path: Path, change: tuple[str, str], fault: str
) -> None:
    path = tmp_path / "mine.toml"
    source = load_catalogue().loaded["sichuan-supervisor@2024.1"].path.read_text(encoding="utf-8")
    assert change[0] in source
    path.write_text(source.replace(*change, 1), encoding="utf-8")
    with pytest.raises(SchemeFileError) as refused:
        load_file(path)
    assert fault in str(refused.value)
