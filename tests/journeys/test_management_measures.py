"""《人员能力验证管理办法》: a result against the published benchmark, and a certificate that fraud costs (B2, B5–B8)."""

import re
from typing import Any
from uuid import UUID

from sqlalchemy import select

from services.models import EnrolmentState
from services.pictures import specimen
from storage.tables import Follower, Organisation
from tests import certificate_rows, factories
from tests.installation import Installation
from tests.journeys import story
from tests.journeys.console import Console, sign_in
from tests.services.exam_stories import House


async def others(site: Installation, sitting_id: UUID, count: int) -> None:
    """So many others who are ready for the verification, each with a seat."""
    officer = await site.officer()
    async with site.work() as work:
        organisation = await work.session.get_one(Organisation, officer.organisation_id)
    house = House(site.running.tools, organisation, officer)
    for _ in range(count):
        await house.book(await house.candidate("李雷"), sitting_id)


async def published(site: Installation) -> list[dict[str, Any]]:
    """What anybody reads of the indices."""
    async with site.http.get(f"{site.server}/benchmarks.json") as answer:
        found: list[dict[str, Any]] = (await answer.json())["benchmarks"]
        return found


async def test_a_result_is_graded_by_the_index_of_its_specialty_which_is_published_first(
    site: Installation, desk: Console
) -> None:
    """B1 B2 B5 B6 B7: proven hours, one verification, the pool's index, the standard score, the grade, the certificate."""
    phone = await site.phone()
    await story.answer_questions(phone, route="2")
    await story.send_pictures_at_once(phone, specimen.diploma("XS-2025-77"))
    number = await story.submit(phone)
    await story.admit(desk, phone, number)
    await story.accept_proof(desk, number, "30")
    await story.confirm_payment(desk, phone, "人员能力验证费", "180.00")
    sitting = await story.open_sitting(desk)
    ticket = await story.book(phone)
    await others(site, UUID(sitting.removeprefix("/sittings/")), 18)
    site.clock.move(days=60)
    desk_of = (await site.officer()).organisation_id
    assert desk_of is not None
    prefix = ticket.removesuffix("001")
    scores = [("李雷", str(60 + place)) for place in range(18)]
    marks = [
        (f"{prefix}{place:03d}", *mark) for place, mark in enumerate([(story.NAME, "74"), *scores], start=1)
    ]
    await story.import_scores(desk, sitting, *marks)
    page = await desk.open(sitting)
    assert "74 / 100 待评定" in page.text
    await page.press("审核通过 19 份成绩")
    assert "还没有已公布的成绩" in await phone.say("成绩")
    assert await published(site) == []
    ours = await (await desk.open(sitting)).follow("公布 19 份成绩")
    refused = await ours.press("确认公布", status=409)
    assert "本次基准指数由 19 份成绩算得（不足 30 份），须由审核人以外的另一位工作人员公布" in refused.text
    async with sign_in(site, desk_of, name="钱老师") as colleague:
        await (await (await colleague.open(sitting)).follow("公布 19 份成绩")).press("确认公布")
    await phone.wait_for("成绩已公布：良好")
    said = await phone.say("成绩")
    assert "得分：74" in said
    assert "标准分：83.61\n基准指数：65（标准分不低于它为合格）" in said
    # The newest entry is first: the index was published before the first grade.
    log = (await desk.open("/audit")).text
    assert log.index("公布基准指数") > log.rindex("公布成绩 报名")
    [shown] = await published(site)
    assert (shown["title"], shown["method"], shown["n"], shown["index"]) == (
        "质量安全员",
        "robust-v1",
        19,
        "65.00",
    )
    assert story.NAME not in str(shown)
    ready = await story.issue(desk, phone, number)
    assert "良好" in await story.stranger_verifies(site, ready)


async def test_a_certificate_that_was_obtained_by_fraud_is_revoked_and_announced(
    site: Installation, desk: Console
) -> None:
    """B8: whoever looks sees that it holds no more, since when and why, and no whole name."""
    phone = await site.phone()
    async with site.work() as work:
        organisation = await work.session.get_one(Organisation, (await site.officer()).organisation_id)
        follower = (await work.session.scalars(select(Follower))).one()
        row = await factories.enrolment(
            work, organisation=organisation, follower=follower, state=EnrolmentState.CONCLUDED
        )
        await certificate_rows.result(work, row, await certificate_rows.sitting(work, organisation))
    await (await (await desk.open("/sittings")).follow("QSO-2026Q4")).press("签发 1 份证书")
    ready = (await phone.wait_for("《人员能力验证证书》已签发"))["content"]
    await story.stranger_verifies(site, ready)
    listed = await desk.open("/certificates")
    [paper] = re.findall(r"PTA2026000001\w", listed.text)
    page = await (await listed.follow(paper)).follow("撤销")
    page = await page.press("确认撤销", {"reason": "经查实由他人代考"})
    assert "证书已撤销" in page.text
    told = await phone.wait_for("状态变为：已撤销")
    assert "原因：经查实由他人代考" in told["content"]
    assert "已撤销" in await phone.say("证书")
    verdict, shown = await story.seen_by_a_stranger(site, ready)
    assert verdict == "revoked"
    assert "本证书已被签发机构撤销，不再有效。" in shown
    assert "经查实由他人代考" in shown
    async with site.http.get(f"{site.server}/verify/revoked") as answer:
        announced = await answer.text()
    assert paper in announced
    assert "持证人 王*明" in announced
    assert "原因：经查实由他人代考" in announced
