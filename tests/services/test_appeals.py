"""Appeals: the figures are given, the one paper is marked again against what was frozen, people decide (B7)."""

from decimal import Decimal

import pytest
from sqlalchemy import select

from services.appeals import AppealDesk, AppealService, NamedCertificateService, decide, reading
from services.appeals.models import AppealDetail
from services.appeals.telling import late_facts
from services.certificates import CertificateService
from services.errors import ConflictError, ForbiddenError, NotFoundError
from services.exams.benchmarks import BenchmarkService
from services.exams.result_views import ResultView
from services.exams.results import ResultService
from services.links import LinkGoneError
from services.models import Actor, CertificateState, StaffRole
from services.unit_of_work import Tools
from storage.appeal_states import AppealOutcome, AppealState, NamedCertificate
from storage.tables import Result
from tests.conftest import FixedClock
from tests.factories import staff_actor
from tests.services.appeal_stories import WHY, Hearing, published
from tests.services.exam_stories import Candidate, text_of

BANDS = "2024.4"


async def shown(hearing: Hearing, appeal_id: object, actor: Actor | None = None) -> AppealDetail:
    async with hearing.house.tools.unit_of_work() as work:
        return await AppealDesk(work).show(actor or hearing.house.officer, appeal_id)  # type: ignore[arg-type]


async def ended(
    hearing: Hearing, appeal_id: object, outcome: AppealOutcome, actor: Actor | None = None
) -> None:
    async with hearing.house.tools.unit_of_work() as work:
        await decide(work, actor or hearing.house.officer, appeal_id, outcome, "复核了答卷")  # type: ignore[arg-type]


async def result_of(hearing: Hearing, who: Candidate | None = None) -> ResultView:
    async with hearing.house.tools.unit_of_work() as work:
        view = await ResultService(work).of_enrolment((who or hearing.who).enrolment_id)
    assert view is not None
    return view


async def test_the_pack_has_raw_score_benchmark_and_the_formula_with_the_numbers_put_in_b7(
    tools: Tools, clock: FixedClock
) -> None:
    hearing = await published(tools, clock, "59.99", "72")
    own = await hearing.disclosed()
    one = await shown(hearing, own.id)
    async with tools.unit_of_work() as work:
        (public,) = await BenchmarkService(work).list_published()
    pack = one.pack
    assert (pack.score, pack.full, pack.grade) == (Decimal("59.99"), Decimal(100), "不合格")
    assert pack.frozen is not None
    assert pack.frozen.benchmark == public.benchmark
    assert pack.frozen.sha256 == public.sha256
    steps = {step.label: step.text for step in pack.steps}
    mean, deviation = pack.frozen.benchmark.mean, pack.frozen.benchmark.deviation
    score = pack.frozen.benchmark.standard_score(Decimal("59.99"))
    assert f"75 + 10 × (59.99 − {mean}) ÷ {deviation} = {score}" in steps["标准分"]
    assert f"= {public.benchmark.index}" in steps["基准指数"]
    assert steps["评定"].endswith("不合格")
    assert [note.text for note in one.notes] == [WHY]


async def test_the_pack_of_a_result_by_bands_shows_the_bands_b7(tools: Tools, clock: FixedClock) -> None:
    hearing = await published(tools, clock, "59.99", version=BANDS)
    pack = (await shown(hearing, (await hearing.lodge()).id)).pack
    assert pack.frozen is None
    assert pack.bands[2] == ("合格", "60")
    assert [step.text for step in pack.steps] == [
        "100 × 59.99 ÷ 100 = 59.99%",
        "优秀 85% 起；良好 75% 起；合格 60% 起；不合格 0% 起",
        "得分率 59.99%，不合格",
    ]


async def test_the_link_leaves_with_the_message_and_opens_in_one_browser_only_b7(
    tools: Tools, clock: FixedClock
) -> None:
    hearing = await published(tools, clock, "59.99", version=BANDS)
    await hearing.disclosed()
    (message,) = [one for one in await hearing.house.told(hearing.who) if one.notice == "appeal_disclosed"]
    assert "http" not in str(message.facts)
    async with tools.unit_of_work() as work:
        link = str((await late_facts(work, message.facts))["link"])
    token = link.rpartition("/")[2]
    async with tools.unit_of_work() as work:
        assert await reading.look(work, token, browser="mine") is None
        await reading.open_(work, token, browser="mine")
    async with tools.unit_of_work() as work:
        pack = await reading.look(work, token, browser="mine")
        assert pack is not None
        assert pack.score == Decimal("59.99")
        with pytest.raises(LinkGoneError):
            await reading.look(work, token, browser="a stranger's")


async def test_a_changed_result_is_a_new_version_by_the_frozen_snapshot_and_a_certificate_follows_b7(
    tools: Tools, clock: FixedClock
) -> None:
    hearing = await published(tools, clock, "50", "72", "80")
    async with tools.unit_of_work() as work:
        before = await BenchmarkService(work).of_sitting(hearing.sitting.id)
        others = [
            (line.grade, line.version)
            for line in await ResultService(work).list_for_sitting(hearing.house.officer, hearing.sitting.id)
        ][1:]
    own = await hearing.disclosed()
    await hearing.remark(own, "70")
    assert (await result_of(hearing)).grade == "不合格"
    await ended(hearing, own.id, AppealOutcome.CHANGED)
    assert before is not None
    after = await result_of(hearing)
    assert (after.grade, after.version, after.score) == (before.grade(Decimal(70)), 2, Decimal(70))
    async with tools.unit_of_work() as work:
        assert await BenchmarkService(work).of_sitting(hearing.sitting.id) == before
        lines = await ResultService(work).list_for_sitting(hearing.house.officer, hearing.sitting.id)
        assert [(line.grade, line.version) for line in lines][1:] == others
        rows = await work.session.scalars(
            select(Result).where(Result.enrolment_id == hearing.who.enrolment_id).order_by(Result.version)
        )
        assert [(row.raw, row.grade, row.state) for row in rows] == [
            (Decimal(50), "不合格", "superseded"),
            (Decimal(70), after.grade, "published"),
        ]
        (certificate,) = await CertificateService(work).of_enrolment(hearing.who.enrolment_id)
    assert certificate.state is CertificateState.VALID
    (message,) = [one for one in await hearing.house.told(hearing.who) if one.notice == "appeal_decided"]
    assert "成绩已更正" in text_of(message)
    assert f"更正后：{after.grade}（70 分），原为 不合格（50 分）" in text_of(message)


async def test_a_certificate_whose_result_no_longer_passes_is_named_and_a_person_decides_b7(
    tools: Tools, clock: FixedClock
) -> None:
    hearing = await published(tools, clock, "61", "62", version=BANDS)
    for who in hearing.house.candidates:
        async with tools.unit_of_work() as work:
            await CertificateService(work).issue(hearing.house.officer, who.enrolment_id)
        own = await hearing.disclosed(who)
        await hearing.remark(own, "55")
        await ended(hearing, own.id, AppealOutcome.CHANGED)
    async with tools.unit_of_work() as work:
        named = await AppealDesk(work).named(hearing.other)
        states = [
            (await CertificateService(work).show(hearing.other, one.certificate_id)).state for one in named
        ]
    # Nothing is revoked by itself.
    assert states == [CertificateState.VALID, CertificateState.VALID]
    async with tools.unit_of_work() as work:
        service = NamedCertificateService(work)
        await service.revoke(hearing.other, named[0].certificate_id, "复核后不合格")
        await service.keep(hearing.other, named[1].certificate_id, "差错不在本人，予以保留")
    async with tools.unit_of_work() as work:
        assert await AppealDesk(work).named(hearing.other) == ()
        first = await CertificateService(work).show(hearing.other, named[0].certificate_id)
        with pytest.raises(NotFoundError):
            await NamedCertificateService(work).keep(hearing.other, named[0].certificate_id, "再来")
    assert first.state is CertificateState.REVOKED
    kept = (await shown(hearing, named[1].appeal_id)).named
    assert kept is not None
    assert (kept.state, kept.decided_by) == (NamedCertificate.KEPT, "钱老师")


async def test_nobody_judges_their_own_work_alone_b7(tools: Tools, clock: FixedClock) -> None:
    hearing = await published(tools, clock, "58", version=BANDS)
    approver, other = hearing.house.officer, hearing.other
    own = await hearing.lodge()
    with pytest.raises(ConflictError) as early:
        await ended(hearing, own.id, AppealOutcome.UPHELD, other)
    assert early.value.code == "appeal.not_disclosed"
    async with tools.unit_of_work() as work:
        await AppealDesk(work).disclose(approver, own.id)
    for outcome, actor, code in (
        (AppealOutcome.UPHELD, approver, "appeal.approver_decides"),
        (AppealOutcome.CHANGED, other, "appeal.nothing_changed"),
    ):
        with pytest.raises((ConflictError, ForbiddenError)) as refused:
            await ended(hearing, own.id, outcome, actor)
        assert refused.value.code == code
    with pytest.raises(ForbiddenError) as refused_remark:
        await hearing.remark(own, "60", approver)
    assert refused_remark.value.code == "appeal.approver_remarks"
    await hearing.remark(own, "60", other)
    for outcome, actor, code in (
        (AppealOutcome.CHANGED, other, "appeal.same_person"),
        (AppealOutcome.UPHELD, other, "appeal.remark_differs"),
        (AppealOutcome.CHANGED, staff_actor(hearing.house.organisation.id, StaffRole.VIEWER), None),
    ):
        with pytest.raises((ConflictError, ForbiddenError)) as refused:
            await ended(hearing, own.id, outcome, actor)
        assert code in (None, refused.value.code)
    await ended(hearing, own.id, AppealOutcome.CHANGED, approver)
    assert (await result_of(hearing)).grade == "合格"


async def test_a_result_that_stands_is_said_with_the_reason_and_whom_to_call_b7_a9(
    tools: Tools, clock: FixedClock
) -> None:
    hearing = await published(tools, clock, "58", version=BANDS)
    own = await hearing.disclosed()
    await hearing.remark(own, "58")
    await ended(hearing, own.id, AppealOutcome.UPHELD)
    (message,) = [one for one in await hearing.house.told(hearing.who) if one.notice == "appeal_decided"]
    assert "维持原成绩。\n理由：复核了答卷" in text_of(message)
    assert "010-82261357" in text_of(message)
    assert (await result_of(hearing)).version == 1
    with pytest.raises(ConflictError) as again:
        await hearing.lodge()
    assert again.value.code == "appeal.decided_before"


async def test_after_its_days_a_result_cannot_be_objected_to_b7(tools: Tools, clock: FixedClock) -> None:
    hearing = await published(tools, clock, "58", version=BANDS)
    # Published on Saturday 26 December 2026; 30 days later is Monday 25 January 2027.
    clock.move(days=30)
    async with tools.unit_of_work() as work:
        (item,) = await AppealService(work).appealable(hearing.who.follower_id)
    assert (item.until.isoformat(), item.obstacle) == ("2027-01-25", "")
    clock.move(days=1)
    with pytest.raises(ConflictError) as refused:
        await hearing.lodge()
    assert refused.value.code == "appeal.over"


async def test_an_appeal_taken_back_can_be_lodged_again_and_nobody_decides_it_b7(
    tools: Tools, clock: FixedClock
) -> None:
    hearing = await published(tools, clock, "58", version=BANDS)
    own = await hearing.disclosed()
    async with tools.unit_of_work() as work:
        await AppealService(work).withdraw(hearing.who.follower_id, own.id, actor=hearing.who.actor)
    with pytest.raises(ConflictError):
        await ended(hearing, own.id, AppealOutcome.UPHELD, hearing.other)
    again = await hearing.lodge()
    assert again.number == own.number + 1
    async with tools.unit_of_work() as work:
        queue = await AppealDesk(work).queue(hearing.other)
    assert [(line.number, line.state) for line in queue.items] == [(again.number, AppealState.LODGED)]


async def test_an_appeal_is_not_there_for_another_organisation_nor_for_another_follower_b9(
    tools: Tools, clock: FixedClock
) -> None:
    hearing = await published(tools, clock, "58", "59", version=BANDS)
    own = await hearing.lodge()
    second = hearing.house.candidates[1]
    async with tools.unit_of_work() as work:
        with pytest.raises(NotFoundError):
            await AppealService(work).add(second.follower_id, own.id, "我也看看", actor=second.actor)
        with pytest.raises(NotFoundError):
            await AppealService(work).write(second.follower_id, await hearing.result_id(), WHY)
    stranger = staff_actor(second.enrolment_id)
    with pytest.raises(NotFoundError):
        await shown(hearing, own.id, stranger)
