"""The form that the chat offers to print: over real HTTP, and what staff see of the paper afterwards (D6)."""

import re
from io import BytesIO
from urllib.parse import unquote, urlsplit

from pypdf import PdfReader
from sqlalchemy import select

from services.enrolments.review import ReviewService
from services.models import Actor
from services.unit_of_work import Tools
from storage.tables import Enrolment
from tests import trees
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


async def test_the_form_is_printed_from_the_answers_and_a_change_afterwards_is_noticed_d5_d6(
    tools: Tools, browser: Browser
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
    assert "打印【考评员资格申报表（附件1）】以后资料又改过" in changed
    assert "✓ 已提交" in await examiner.say("提交")
    async with tools.unit_of_work() as work:
        enrolment = (await work.session.scalars(select(Enrolment))).one()
        detail = await ReviewService(work).show(Actor.system("test"), enrolment.id)
    form = next(document.form for document in detail.documents if document.key == "form")
    assert form is not None
    assert (form.printed, form.outdated) == (code[1], True)
    assert form.code != code[1]


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
