"""Before anybody begins they know who may apply, what to have ready and how long it takes (D3, C6, D6, E3)."""

import pytest

from handlers.chat.texts import introduction
from services.schemes.loader import load_catalogue
from services.unit_of_work import Tools
from tests.chat import Follower

CATALOGUE = load_catalogue()


@pytest.mark.parametrize(
    ("scheme_id", "told"),
    [
        ("sichuan-examiner", "任意一条：\n1. 具有相应职业（工种）高级及以上国家职业资格\n2. 具有中级及以上专业技术职称"),
        ("sichuan-senior-examiner", "· 须有【考评员资格证卡】\n· 【实际考评工作年限】须满1年\n· 【考评经历次数】须不少于3次"),
        ("sichuan-senior-examiner", "1. 有相应职业（工种）高级技师国家职业资格\n2. 有高级专业技术职称"),
        ("sichuan-special-examiner", "4. 从事相关工作10年以上"),
        ("cqc-liaison-officer", "◆ 聘用条件\n大专（含）以上学历"),
        ("cqc-liaison-officer", "· 【学历】须为“大学专科”或以上\n· 【工作经历】须满1年"),
    ],
)  # fmt: skip
def test_the_conditions_are_told_before_the_first_question_d3_d4_e2(scheme_id: str, told: str) -> None:
    assert told in introduction.introduction(CATALOGUE.current(scheme_id))


@pytest.mark.parametrize(
    ("scheme_id", "told"),
    [
        ("cqc-liaison-officer", "认证联络员推荐表（报名中生成，需打印、单位签字盖章后拍照）"),
        ("cqc-liaison-officer", "聘用认证联络员上岗培训考核记录（报名中生成，需打印、单位签字盖章后拍照）"),
        ("sichuan-supervisor", "照片\n质量督导员推荐表（附件4）（报名中生成，需打印、单位盖章后拍照）"),
        ("sichuan-examiner", "考评员资格申报表（附件1）（报名中生成，需打印、本人签字、单位盖章后拍照）"),
        ("metrology-length-3", "毕业证和学信网查询证明，或学历遗失证明（二者之一）"),
        ("sichuan-special-examiner", "符合相应情况的还要交：国家职业资格证书或专业技术职称证书、荣誉证书或媒体宣传材料"),
    ],
)  # fmt: skip
def test_what_to_have_ready_names_forms_alternatives_and_special_cases_c6_d6_e3(
    scheme_id: str, told: str
) -> None:
    assert told in introduction.introduction(CATALOGUE.current(scheme_id))


def test_the_time_follows_the_questions_and_sealing_is_said_to_take_longer_d6_e3() -> None:
    short, sealed = CATALOGUE.current("quality-safety-officer"), CATALOGUE.current("sichuan-examiner")
    assert "填写约需5分钟，没填完可以先保存" in introduction.introduction(short)
    assert "填写约需10分钟，打印、盖章另需时间，填好的内容会保留" in introduction.introduction(sealed)
    assert introduction.minutes(sealed.model_copy(update={"fields": sealed.fields * 3})) == 25


def test_what_does_not_fit_is_behind_a_word_d4() -> None:
    special = CATALOGUE.current("sichuan-special-examiner")
    told = introduction.introduction(special)
    assert "回复 条件 看详细说明。" in told
    assert len(told.encode()) <= 2048
    whole = introduction.conditions(special)
    assert "申报表（附件2）所列的五条见下" in whole
    assert "【相关工作年限】须满10年" in whole
    assert len(whole.encode()) <= 2048


async def test_the_conditions_are_asked_for_and_enrolling_goes_on_d3(
    follower: Follower, tools: Tools
) -> None:
    await follower.say("报名")
    introduced = await follower.say("1")
    assert "请准备好" in introduced
    assert "没有列出申报条件" in await follower.say("条件")
    assert "报名知情函" in await follower.say("1")
