"""The source's forms, filled and printed, and what is noticed when answers change afterwards (D5, D6, D8, E3)."""

from datetime import date
from io import BytesIO
from uuid import UUID

import pytest
from pypdf import PdfReader

from services.printing.content import code_of, sheet
from services.schemes.loader import load_catalogue
from services.schemes.models import Scheme
from services.typesetting.fonts import UnprintableTextError
from services.typesetting.form import render_form

ENROLMENT = UUID("11111111-2222-4333-8444-555555555555")
ANSWERS = {
    "name": "欧阳小燕",
    "identity_number": "520102198808154329",
    "mobile": "13800138000",
    "education": "大学本科",
    "political_status": "中共党员",
    "region": "四川省成都市武侯区",
    "employer": "四川省某某职业技能评价有限公司",
    "laboratory": "某某产品质量检测研究院",
    "trade_years": "12",
    "work_years": "12",
    "address": "四川省成都市武侯区某某路1号",
    "postcode": "610041",
    "title_level": "高级",
    "qualification_level": "技师",
    "subjects": '["电工", "焊工"]',
    "grounds": '["practice"]',
    "fields": '["CCC", "CB"]',
    "training": '{"CCC业务培训": {"trained_on": "2026-11-02", "outcome": "合格"}}',
    "email": "wang@example.com",
    "major": "电气工程",
    "entry_training": "class",
    "introduction": "从事电工技术工作和技能人才评价工作，" * 12,
    "remark": "",
}
CATALOGUE = load_catalogue()
FORMS = [(scheme.id, form.key) for scheme in CATALOGUE.values() for form in scheme.printables]


def printed(scheme: Scheme, key: str, **changes: str) -> PdfReader:
    form, answers = scheme.printable(key), ANSWERS | changes
    code = code_of(scheme, form, answers, enrolment_id=ENROLMENT, photo=None)
    filled = sheet(scheme, form, answers, number=10001, code=code, printed_on=date(2026, 11, 21), photo=None)
    return PdfReader(BytesIO(render_form(filled)))


def said(reader: PdfReader) -> str:
    return "".join("".join(page.extract_text().split()) for page in reader.pages)


@pytest.mark.parametrize(("scheme_id", "key"), FORMS)
def test_every_form_is_filled_and_leaves_room_for_the_seal_d5_d8_e3(scheme_id: str, key: str) -> None:
    scheme = CATALOGUE.current(scheme_id)
    form, reader = scheme.printable(key), printed(scheme, key)
    text = said(reader)
    for words in (form.title, "欧阳小燕", "（盖章）", "表格编号", "报名号10001", "第1页"):
        assert "".join(words.split()) in text
    assert len(reader.pages) == 1
    assert round(reader.pages[0].mediabox.width / 72 * 25.4) == 210


def test_annex_1_has_the_person_s_data_the_undertaking_and_the_place_to_sign_d5() -> None:
    text = said(printed(CATALOGUE.current("sichuan-examiner"), "application"))
    for words in (
        "填表日期：2026年11月21日", "性别女", "年龄38", "身份证号码520102198808154329", "联系手机13800138000",
        "文化程度大学本科", "专业工龄12年", "专业技术职称高级职称（副高、正高）", "职业资格证书技师（二级）",
        "电工、焊工", "如提供虚假资料，所有不利后果由本人承担。", "承诺人（本人签名）：", "推荐单位意见", "照片",
        "填表说明：1.考评职业（工种）与所从事工作相关，不超过3个（同类型）。",
    ):  # fmt: skip
        assert words in text, words


def test_annex_2_ticks_the_conditions_that_were_chosen_d4() -> None:
    text = said(printed(CATALOGUE.current("sichuan-special-examiner"), "application"))
    assert "√具有丰富的从业经验，从事与专项职业能力考核项目相关的工作10年以上" in text
    assert text.count("√") == 1
    assert "四川省专项职业能力考核考评员资格申报表" in text


def test_annex_4_has_address_and_postcode_in_one_place_d8() -> None:
    text = said(printed(CATALOGUE.current("sichuan-supervisor"), "application"))
    assert "通信地址及邮编四川省成都市武侯区某某路1号610041" in text
    assert "督导工作经历（不少于200字）" in text
    assert "备注" in text


def test_the_training_record_has_three_fixed_rows_and_one_for_every_field_e3() -> None:
    text = said(printed(CATALOGUE.current("cqc-liaison-officer"), "training_record"))
    for row in ("CQC规定的学习内容三", "CCC业务培训2026-11-02合格", "CB业务培训", "相关负责人（签字）："):
        assert row in text
    assert "PSE业务培训" not in text


def test_the_longest_introduction_runs_on_to_further_pages_d5() -> None:
    reader = printed(CATALOGUE.current("sichuan-examiner"), "application", introduction="字" * 3000)
    assert said(reader).count("字") >= 3000
    assert len(reader.pages) > 1
    assert all("表格编号" in said(PdfReaderPage(page)) for page in reader.pages)


def test_a_character_that_cannot_be_printed_is_refused_by_name() -> None:
    with pytest.raises(UnprintableTextError) as refused:
        printed(CATALOGUE.current("sichuan-examiner"), "application", introduction="好😀" * 100)
    assert refused.value.characters == ("😀",)


@pytest.mark.parametrize(
    ("changes", "photo", "same"),
    [
        ({}, None, True),
        ({"email": "other@example.com"}, None, True),
        ({"introduction": "另外写的"}, None, False),
        ({"mobile": "13900139000"}, None, False),
        ({}, "another picture", False),
    ],
)
def test_the_code_changes_with_what_stands_on_the_form_and_with_nothing_else_d6(
    changes: dict[str, str], photo: str | None, *, same: bool
) -> None:
    scheme = CATALOGUE.current("sichuan-examiner")
    form = scheme.printable("application")
    before = code_of(scheme, form, ANSWERS, enrolment_id=ENROLMENT, photo=None)
    after = code_of(scheme, form, ANSWERS | changes, enrolment_id=ENROLMENT, photo=photo)
    assert (before == after) is same
    assert len(before) == 8


class PdfReaderPage:
    """One page as `said` takes it."""

    def __init__(self, page: object) -> None:
        self.pages = [page]
