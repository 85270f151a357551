"""A wrong scheme file is named with its place and its fault, so that a newcomer can put it right."""

from pathlib import Path

import pytest

from services.schemes.loader import SchemeFileError, load_file

SCHEME = """
extends = "_quality_safety"
id = "sixth"
title = "第六个方案"
short_title = "第六"
accounts = ["sixth"]
certificates = []
proposed = []
materials = []
{more}

[rule_document]
code = "甲"
title = "乙"

[hours]
required = 30

[[fields]]
key = "name"
label = "姓名"
kind = "name"

[[fields]]
key = "identity_number"
label = "身份证号"
kind = "identity_number"

[[fields]]
key = "mobile"
label = "手机"
kind = "mobile"

[[fields]]
key = "jobs"
label = "工种"
kind = "choices"
max_choices = 2

{tail}
"""


def fault_of(folder: Path, *, tail: str = "", more: str = "") -> str:
    path = folder / "sixth.toml"
    path.write_text(SCHEME.format(tail=tail, more=more), encoding="utf-8")
    with pytest.raises(SchemeFileError) as refused:
        load_file(path)
    return str(refused.value)


def field(kind: str, lines: str = "") -> str:
    return f'[[fields]]\nkey = "extra"\nlabel = "另一项"\nkind = "{kind}"\n{lines}\n'


@pytest.mark.parametrize(
    ("tail", "fault"),
    [
        (field("choices"), "必须写（至少 1）"),
        (field("text", "max_choices = 2"), 'kind = "choices" 才能有 max_choices'),
        (field("choices", 'max_choices = 2\noptions = [{ value = "甲", label = "甲" }]'), "多于 options 的个数 1"),
        (field("choices", "max_choices = 2\nsame_group = true"), "same_group 只用于"),
        (
            field("choices", 'max_choices = 1\nsame_group = true\noptions = [{ value = "甲", label = "甲" }]'),
            "每个 options 都写 group",
        ),
        (field("text", 'unit = "年"'), 'unit、minimum、maximum 只用于 kind = "number"'),
        (field("number", "minimum = 3\nmaximum = 2"), "minimum = 3 大于 maximum = 2"),
        (field("long_text", "min_length = 300"), "min_length = 300 大于 max_length = 200"),
        (field("table", 'rows = ["甲"]'), "必须写 columns"),
        (field("table", 'columns = [{ key = "a", label = "甲" }]'), "必须写 rows 或 rows_of"),
        (field("text", 'rows = ["甲"]'), '只用于 kind = "table"'),
        (field("table", 'columns = [{ key = "a", label = "甲" }]\nrows_of = "nowhere"'), 'rows_of = "nowhere" 不是排在它前面'),
        (field("table", 'columns = [{ key = "a", label = "甲" }]\nrows_of = "name"'), '应是 kind = "choices" 的字段'),
        (
            field("choices", 'max_choices = 1\noptions = [{ value = "cpr", label = "心肺复苏" }]')
            + '[[fields]]\nkey = "table"\nlabel = "表"\nkind = "table"\nrows_of = "extra"\n'
            + 'columns = [{ key = "a", label = "甲" }]\n',
            '"cpr" 应写成 "心肺复苏"',
        ),
        (field("text", "exact = true"), "exact 只用于有 options 的字段"),
        (field("derived", 'source = "submitted_on"\nchange = "a"'), 'kind = "derived" 不能写 change'),
        (field("text", 'change = "d"'), "change"),
        (field("postbox"), "kind"),
    ],
)  # fmt: skip
def test_a_wrong_field_is_named_with_its_file_and_fault(tmp_path: Path, tail: str, fault: str) -> None:
    said = fault_of(tmp_path, tail=tail)
    assert said.startswith("sixth.toml: ")
    assert "extra" in said
    assert fault in said


def materials(*keys: str, more: str = "") -> str:
    return "".join(
        f'[[materials]]\nkey = "{key}"\nlabel = "{key}"\nkind = "document"\n{more}\n' for key in keys
    )


TITLE = field("choice", 'options = [{ value = "初级", label = "初级" }, { value = "中级", label = "中级" }]')


def route(condition: str) -> str:
    return f'[[routes]]\nkey = "one"\nlabel = "甲"\nconditions = [{{ {condition} }}]\n'


@pytest.mark.parametrize(
    ("tail", "fault"),
    [
        (route('kind = "at_least", field = "nowhere", scale = "s", level = "中级"'), 'field = "nowhere" 不是本方案的字段'),
        (route('kind = "at_least", field = "extra", scale = "s", level = "中级"'), 'scale = "s" 没有写在 scales 里'),
        (route('kind = "years_at_least", field = "extra", years = 1'), "只用于 kind 为 number 的字段"),
        (route('kind = "is_in", field = "extra", values = ["高级"]'), "没有的选项：高级"),
        (route('kind = "has_material", material = "card"'), 'material = "card" 不是本方案的材料'),
        (route('kind = "older_than", field = "extra"'), 'routes[1] "one".conditions[1]'),
        (route('kind = "years_at_least", field = "extra"'), "years: 缺少这一项"),
        ('[scales]\ns = ["初级", "高级"]\n' + route('kind = "at_least", field = "extra", scale = "s", level = "初级"'),
         "scales.s 含有 extra 没有的选项：高级"),
        ('[scales]\ns = ["初级", "中级"]\n' + route('kind = "at_least", field = "extra", scale = "s", level = "高级"'),
         'level = "高级" 不在 scales.s 里'),
    ],
)  # fmt: skip
def test_a_wrong_condition_is_named_with_its_route_and_fault(tmp_path: Path, tail: str, fault: str) -> None:
    said = fault_of(tmp_path, tail=TITLE + tail)
    assert said.startswith("sixth.toml: ")
    assert "routes" in said
    assert fault in said


@pytest.mark.parametrize(
    ("sets", "more", "fault"),
    [
        ('[["a"], ["c"]]', "", '"c" 不是本方案的材料'),
        ('[["a"], ["a", "b"]]', "", '"a" 出现了两次'),
        ('[["a"], ["b"]]', "required = false", "不能写 required = false 或 when"),
        ('[["a", "b"]]', "", 'alternatives[1] "proof".sets'),
    ],
)
def test_wrong_alternatives_are_named_with_their_fault(
    tmp_path: Path, sets: str, more: str, fault: str
) -> None:
    group = f'[[alternatives]]\nkey = "proof"\nlabel = "学历证明"\nsets = {sets}\n'
    path = tmp_path / "sixth.toml"
    text = SCHEME.format(tail=materials("a", "b", more=more) + group, more="").replace("materials = []", "")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SchemeFileError) as refused:
        load_file(path)
    assert fault in str(refused.value)


PRINTED = '[[printables]]\nkey = "form"\ntitle = "申报表"\n{lines}\n'


@pytest.mark.parametrize(
    ("printable", "lines", "fault"),
    [
        ("other", 'rows = [{ text = "jobs" }]', '材料 a 的 printable = "other" 没有写在 printables 里'),
        ("form", 'rows = [{ text = "nowhere" }]', 'printables "form".rows[1]：\"nowhere\" 不是本方案的字段'),
        ("form", 'rows = [{ cells = [{ fields = ["jobs", "x"] }] }]', 'rows[1]：\"x\" 不是本方案的字段'),
        ("form", 'rows = [{ ticks = "jobs" }]', 'ticks = "jobs" 应是 kind = "choices"、有 options 的字段'),
        ("form", 'rows = [{ table = "jobs" }]', 'table = "jobs" 应是 kind = "table" 的字段'),
        ("form", 'rows = [{ consent = "pledge" }]', 'consent = "pledge" 不是本方案的 consents'),
        ("form", 'rows = [{ text = "jobs", opinion = "甲" }]', "每一行应写且只写"),
        ("form", 'photo = "a"\nphoto_rows = 1\nrows = [{ cells = [{ fields = ["jobs"] }] }]',
         'photo = "a" 应是 kind = "portrait" 的材料'),
        ("form", 'photo = "a"\nphoto_rows = 1\nrows = [{ text = "jobs" }]', "照片旁的前 1 行只能是 cells"),
        ("form", 'dated = "today"\nrows = [{ text = "jobs" }]', 'dated = "today" 不是本方案的字段'),
    ],
)  # fmt: skip
def test_a_wrong_printed_form_is_named_with_its_row_and_fault_d5(
    tmp_path: Path, printable: str, lines: str, fault: str
) -> None:
    path = tmp_path / "sixth.toml"
    asked = materials("a", more=f'printable = "{printable}"')
    text = SCHEME.format(tail=asked + PRINTED.format(lines=lines), more="").replace("materials = []", "")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SchemeFileError) as refused:
        load_file(path)
    assert fault in str(refused.value)


def test_a_form_that_no_material_uses_is_named_d5(tmp_path: Path) -> None:
    assert 'printables "form" 没有材料使用' in fault_of(
        tmp_path, tail=PRINTED.format(lines='rows = [{ text = "jobs" }]')
    )


LIST = '[blacklist]\nlist = "jobs"\nyears = 5\nhearing_days = 10\noverseen_by = "society"\n'


@pytest.mark.parametrize(
    ("tail", "fault"),
    [
        (LIST, "blacklist.reasons: 缺少这一项"),
        (LIST.replace("years = 5", "years = 0") + 'reasons = [{ key = "a", label = "甲" }]', "blacklist.years"),
        (LIST + 'reasons = [{ key = "a", label = "甲" }, { key = "a", label = "乙" }]', "blacklist.reasons 里有重复的 key：a"),
        ("[changes]\nreview = []", "changes.review"),
        ('[[changes.review]]\nkey = "one"\nlabel = "甲"', 'changes.review[1] "one".organisation_kind: 缺少这一项'),
    ],
)  # fmt: skip
def test_a_wrong_blacklist_or_chain_of_changes_is_named_with_its_place_c7_e8(
    tmp_path: Path, tail: str, fault: str
) -> None:
    said = fault_of(tmp_path, tail=tail)
    assert said.startswith("sixth.toml: ")
    assert fault in said


@pytest.mark.parametrize(
    ("more", "fault"),
    [
        ("max_files = 0", 'materials[1] "a".max_files'),
        ("max_files = 10", 'materials[1] "a".max_files'),
        (
            'required_when = { field = "jobs", is_in = ["甲"] }',
            "required_when 只用于 required = false 的材料",
        ),
        (
            'required = false\nrequired_when = { field = "x", is_in = ["甲"] }',
            'a 的 required_when.field = "x" 不是',
        ),
    ],
)
def test_a_wrong_number_of_pictures_or_a_wrong_exception_is_named_d6(
    tmp_path: Path, more: str, fault: str
) -> None:
    path = tmp_path / "sixth.toml"
    text = SCHEME.format(tail=materials("a", more=more), more="").replace("materials = []", "")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SchemeFileError) as refused:
        load_file(path)
    assert fault in str(refused.value)


def test_a_question_s_exception_is_named_like_a_condition_d8(tmp_path: Path) -> None:
    lines = 'required = false\nrequired_when = { field = "later", is_in = ["甲"] }'
    assert 'extra 的 required_when.field = "later" 不是排在它前面的字段' in fault_of(
        tmp_path, tail=field("text", lines)
    )
    lines = 'required_when = { field = "jobs", is_in = ["甲"] }'
    assert "required_when 只用于 required = false 的字段" in fault_of(tmp_path, tail=field("text", lines))


AREA = '[[diagnosis.areas]]\nkey = "{key}"\nlabel = "{label}"\nfull_score = {full}\ntrainings = ["课程"]\n'


@pytest.mark.parametrize(
    ("areas", "fault"),
    [
        ((("law", "法律法规", 60), ("cases", "案例分析", 30)), "合计 90，应等于 exam.full_score（100）"),
        ((("law", "法律法规", 60), ("law", "案例分析", 40)), "重复的 key：law"),
        ((("law", "成绩", 60), ("cases", "案例分析", 40)), "不能用成绩表已有的列名：成绩"),
    ],
)
def test_wrong_knowledge_areas_are_named_with_their_place_b11(
    tmp_path: Path, areas: tuple[tuple[str, str, int], ...], fault: str
) -> None:
    tail = "\n".join(AREA.format(key=key, label=label, full=full) for key, label, full in areas)
    assert fault in fault_of(tmp_path, tail=tail)
