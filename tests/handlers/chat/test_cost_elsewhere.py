"""What an answer costs in the schemes of the other sources: at most eight statements, up to and with 提交."""

import pytest
from sqlalchemy import select

from services.enrolments.review import ReviewService
from services.unit_of_work import Tools
from storage.tables import Enrolment
from tests import trees
from tests.handlers.chat.conftest import Meter
from tests.handlers.chat.test_cost import Metered
from tests.handlers.chat.test_other_sources import (
    IDENTITY,
    INTRODUCTION,
    answered,
    papers,
    pictures,
    to_introduction,
)


@pytest.mark.parametrize("late", [False, True])
async def test_an_examiner_enrols_through_an_institution_d5_d7(
    tools: Tools, meter: Meter, *, late: bool
) -> None:
    await trees.sichuan(tools)
    examiner = Metered(tools, account="sichuan", meter=meter, late=late)
    await to_introduction(examiner)
    await examiner.say(INTRODUCTION)
    await papers(examiner, tools)
    assert "✓ 已提交" in await answered(examiner, "继续", "提交")


@pytest.mark.parametrize("late", [False, True])
async def test_a_liaison_officer_enrols_through_a_laboratory_e3_e5(
    tools: Tools, meter: Meter, *, late: bool
) -> None:
    await trees.cqc(tools)
    officer = Metered(tools, account="cqc", meter=meter, late=late)
    await answered(officer, "报名", "1", "1", "王小明", IDENTITY, "1", "13800138000", "wang@example.com")
    await answered(officer, "北京市丰台区某某路1号", "3", "电气工程", "3", "1", "1、5")
    await answered(officer, *["2026.11.2，合格"] * 5)
    await pictures(officer, tools, 6)
    assert "✓ 已提交" in await answered(officer, "继续", "提交")


async def test_what_was_returned_is_handed_in_again_d7(tools: Tools, meter: Meter) -> None:
    await trees.sichuan(tools)
    examiner = Metered(tools, account="sichuan", meter=meter)
    await to_introduction(examiner)
    await examiner.say(INTRODUCTION)
    await papers(examiner, tools)
    await answered(examiner, "继续", "提交")
    async with tools.unit_of_work() as work:
        enrolment = (await work.session.scalars(select(Enrolment))).one()
        await ReviewService(work).return_for_correction(trees.SYSTEM, enrolment.id, {"employer": "请写全称"})
    assert "✓ 已提交" in await answered(examiner, "修改", "1", "成都某某技师学院", "提交")
