"""Results against a benchmark index: frozen, published before any grade, and every figure of it kept (B5–B7)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from handlers.chat.texts.progress import result as said
from services.errors import ConflictError
from services.exams.benchmarks import BenchmarkService
from services.exams.results import ResultService
from services.exams.views import SittingView
from services.models import Actor
from services.rules.benchmark import Basis
from services.unit_of_work import Tools
from tests.conftest import FixedClock
from tests.factories import staff_actor
from tests.services.exam_stories import SATURDAY_END, House, open_house


@pytest.fixture
async def house(tools: Tools) -> House:
    return await open_house(tools)


async def held(house: House, clock: FixedClock, *scores: str) -> SittingView:
    """A sitting that is over, with these scores imported."""
    view = await house.sitting(capacity=60)
    rows = []
    for place, score in enumerate(scores, start=1):
        await house.book(await house.candidate("王小明"), view.id)
        rows.append(f"{view.code}-{place:03d},王小明,{score}")
    clock.moment = SATURDAY_END + timedelta(hours=3)
    content = "\n".join(["准考证号,姓名,成绩", *rows]).encode()
    async with house.tools.unit_of_work() as work:
        report = await ResultService(work).import_scores(
            house.officer, "成绩.csv", content, sitting_code=view.code, dry_run=False
        )
    assert report.new == len(scores)
    return view


async def approve(house: House, sitting: SittingView) -> None:
    async with house.tools.unit_of_work() as work:
        await ResultService(work).approve(house.officer, sitting.id)


async def publish(house: House, sitting: SittingView, actor: Actor | None = None) -> int:
    async with house.tools.unit_of_work() as work:
        return await ResultService(work).publish(actor or house.officer, sitting.id)


async def test_a_few_scores_are_graded_by_the_prior_and_the_index_is_published_with_them_b5(
    tools: Tools, house: House, clock: FixedClock
) -> None:
    sitting = await held(house, clock, "86.5", "78", "59.99")
    async with house.tools.unit_of_work() as work:
        lines = await ResultService(work).list_for_sitting(house.officer, sitting.id)
        assert [line.grade for line in lines] == ["待评定"] * 3
    await approve(house, sitting)
    async with house.tools.unit_of_work() as work:
        assert await BenchmarkService(work).list_published() == ()
        lines = await ResultService(work).list_for_sitting(house.officer, sitting.id)
    assert [(line.grade, line.passed) for line in lines] == [
        ("优秀", True),
        ("良好", True),
        ("不合格", False),
    ]
    assert await publish(house, sitting) == 3
    async with house.tools.unit_of_work() as work:
        (published,) = await BenchmarkService(work).list_published()
        view = await ResultService(work).of_enrolment(house.candidates[2].enrolment_id)
    assert published.benchmark.basis is Basis.PRIOR
    assert published.benchmark.index == Decimal("65.00")
    assert view is not None
    assert view.standard_score == Decimal("64.99")
    assert "标准分：64.99\n基准指数：65" in said(view, tools.schemes.current("quality-safety-officer"))


async def test_a_correction_after_publication_is_graded_by_the_frozen_benchmark_and_moves_nobody_b7(
    house: House, clock: FixedClock
) -> None:
    sitting = await held(house, clock, *["70", "72", "68"] * 10)
    await approve(house, sitting)
    async with house.tools.unit_of_work() as work:
        first = await BenchmarkService(work).of_sitting(sitting.id)
    assert first is not None
    assert (first.basis, first.count) == (Basis.POOL, 30)
    await publish(house, sitting)
    late = await house.candidate("李雷")
    clock.moment = SATURDAY_END - timedelta(days=1)
    await house.book(late, sitting.id)
    clock.moment = SATURDAY_END + timedelta(days=1)
    async with house.tools.unit_of_work() as work:
        await ResultService(work).import_scores(
            house.officer,
            "补.csv",
            f"准考证号,姓名,成绩\n{sitting.code}-031,李雷,20".encode(),
            sitting_code=sitting.code,
            dry_run=False,
        )
    await approve(house, sitting)
    async with house.tools.unit_of_work() as work:
        assert await BenchmarkService(work).of_sitting(sitting.id) == first
        lines = await ResultService(work).list_for_sitting(house.officer, sitting.id)
    assert lines[-1].grade == "不合格"


async def test_a_small_pool_is_published_by_somebody_else_than_who_approved_it_b5(
    house: House, clock: FixedClock
) -> None:
    sitting = await held(house, clock, *["70", "72", "68"] * 6)
    await approve(house, sitting)
    with pytest.raises(ConflictError) as refused:
        await publish(house, sitting)
    assert (refused.value.code, refused.value.facts["count"]) == ("result.two_people", 18)
    assert await publish(house, sitting, staff_actor(house.organisation.id, name="钱老师")) == 18
