"""The form that the chat offers to print: over real HTTP, and what staff see of the paper afterwards (D6)."""

import re
from io import BytesIO
from urllib.parse import unquote, urlsplit

import pytest
from pypdf import PdfReader
from sqlalchemy import select

from services.answers import seal
from services.enrolments.review import ReviewService
from services.errors import ConflictError
from services.models import Actor
from services.unit_of_work import Tools, Work
from storage.tables import Enrolment, StageRecord
from tests import factories, trees
from tests.chat import Follower
from tests.conftest import FixedClock
from tests.handlers.chat.test_other_sources import (
    IDENTITY,
    INTRODUCTION,
    answered,
    pictures,
    to_introduction,
)

from .conftest import Browser


def form_in(text: str) -> str:
    found = re.search(r"http\S+/h5/printed/\S+\.pdf", text)
    assert found is not None, text
    return urlsplit(found[0]).path


async def test_the_form_is_printed_from_the_answers_and_after_a_change_only_a_new_paper_goes_through_d5_d6_e3(
    tools: Tools, browser: Browser, clock: FixedClock
) -> None:
    await trees.sichuan(tools)
    examiner = Follower(tools, account="sichuan")
    await to_introduction(examiner)
    await examiner.say(INTRODUCTION)
    await pictures(examiner, tools, 3)
    asked = await examiner.say("继续")
    assert "请打开表格，打印、签字、盖章后拍照发来" in asked
    answer = await browser.get(form_in(asked))
    assert (answer.status, answer.content_type) == (200, "application/pdf")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "考评员资格申报表" in unquote(answer.headers["Content-Disposition"])
    (page,) = PdfReader(BytesIO(await answer.read())).pages
    text = "".join(page.extract_text().split())
    assert IDENTITY in text
    code = re.search(r"表格编号(\w{4}-\w{4})", text)
    assert code is not None
    await pictures(examiner, tools, 1)
    await examiner.say("完成")
    await pictures(examiner, tools, 1)
    assert "资料又改过" not in await examiner.say("继续")
    changed = await answered(examiner, "修改 单位", "成都某某技师学院")
    assert "打印这份表以后资料又改过" in changed
    refused = await examiner.say("提交")
    assert (
        "还不能提交：打印【考评员资格申报表（附件1）】以后改过工作单位，纸上的内容与现在填写的不一致"
        in refused
    )
    # The old paper once more is noticed; a new one lets it go.
    await pictures(examiner, tools, 1)
    assert "打印这份表以后资料又改过" in await examiner.say("完成")
    clock.move(minutes=5)
    answer = await browser.get(form_in(refused))
    assert answer.status == 200
    assert "成都某某技师学院" in "".join(
        PdfReader(BytesIO(await answer.read())).pages[0].extract_text().split()
    )
    await pictures(examiner, tools, 1)
    await examiner.say("完成")
    assert "✓ 已提交" in await examiner.say("提交")
    async with tools.unit_of_work() as work:
        # What nobody sees coming: data that changed behind the paper are not let through either.
        enrolment = (await work.session.scalars(select(Enrolment))).one()
        enrolment.answers = {
            **enrolment.answers,
            "education": "大学专科",
            "mobile": seal_mobile(work, enrolment),
        }
        (stage,) = (await work.session.scalars(select(StageRecord))).all()
        officer = factories.staff_actor(stage.organisation_id)
    with pytest.raises(ConflictError, match=r"review\.form_outdated") as standing:
        async with tools.unit_of_work() as work:
            await ReviewService(work).approve(officer, enrolment.id)
    assert standing.value.facts["items"] == "联系手机、文化程度"
    async with tools.unit_of_work() as work:
        enrolment = (await work.session.scalars(select(Enrolment))).one()
        detail = await ReviewService(work).show(Actor.system("test"), enrolment.id)
    form = next(document.form for document in detail.documents if document.key == "form")
    assert form is not None
    assert form.outdated
    assert form.printed not in (code[1], form.code)


async def test_a_correction_reopens_the_paper_on_which_it_stands_e3_e5_d6(
    tools: Tools, browser: Browser, clock: FixedClock
) -> None:
    await trees.sichuan(tools)
    examiner = Follower(tools, account="sichuan")
    await to_introduction(examiner)
    await examiner.say(INTRODUCTION)
    await pictures(examiner, tools, 3)
    form = form_in(await examiner.say("继续"))
    await browser.get(form)
    await pictures(examiner, tools, 1)
    await examiner.say("完成")
    await pictures(examiner, tools, 1)
    await examiner.say("提交")
    async with tools.unit_of_work() as work:
        (stage,) = (await work.session.scalars(select(StageRecord))).all()
        officer = factories.staff_actor(stage.organisation_id)
        await ReviewService(work).return_for_correction(
            officer, stage.enrolment_id, {"trade_years": "与证明不一致"}
        )
    corrected = await answered(examiner, "修改 工龄", "8")
    assert "重新打印、签字、盖章" in corrected
    assert "以后改过专业工龄" in await examiner.say("提交")
    clock.move(minutes=5)
    assert (await browser.get(form)).status == 200
    await pictures(examiner, tools, 1)
    await examiner.say("完成")
    assert "✓ 已提交" in await examiner.say("提交")
    async with tools.unit_of_work() as work:
        await ReviewService(work).approve(officer, stage.enrolment_id)


def seal_mobile(work: Work, enrolment: Enrolment) -> str:
    return seal(work, work.scheme(enrolment.scheme_ref).field("mobile"), enrolment.id, "13900139000")


async def test_a_wrong_or_old_address_of_a_form_is_gone(
    tools: Tools, browser: Browser, clock: FixedClock
) -> None:
    await trees.sichuan(tools)
    examiner = Follower(tools, account="sichuan")
    await to_introduction(examiner)
    path = form_in(await examiner.say("修改 申报表"))
    parts = path.split("/")
    for wrong in (
        path.replace("/form/", "/portrait/"),
        "/".join([*parts[:-2], str(int(parts[-2]) + 1), parts[-1]]),
        "/".join([*parts[:-1], "0" * 32 + ".pdf"]),
        "/h5/printed/x/form/1/1.pdf",
    ):
        answer = await browser.get(wrong)
        assert answer.status == 410
        assert "这个链接不能用了" in await answer.text()
    assert (await browser.get(path)).status == 200
    clock.move(days=3, minutes=1)
    assert (await browser.get(path)).status == 410


async def test_a_sign_that_cannot_be_printed_is_named_with_the_question_to_change(
    tools: Tools, browser: Browser
) -> None:
    await trees.sichuan(tools)
    examiner = Follower(tools, account="sichuan")
    await to_introduction(examiner)
    await examiner.say(INTRODUCTION + "😀")
    answer = await browser.get(form_in(await examiner.say("修改 申报表")))
    text = re.sub(r"</?strong>", "", await answer.text())
    assert answer.status == 422
    assert "😀" in text
    assert "修改 工作简介" in text
