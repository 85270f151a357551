"""`robust-v1` (B5, B6)."""

from decimal import Decimal

import pytest

from services.rules.benchmark import Basis, Estimate, Parameters, algorithm_a, benchmark, consistency, share

#: 24 determinations of copper in wholemeal flour, a set that statistics texts publish a robust fit for.
COPPER = (
    "2.90 3.10 3.40 3.40 3.70 3.70 2.80 2.50 2.40 2.40 2.70 2.20 "
    "5.28 3.37 3.03 3.03 28.95 3.77 3.40 2.20 3.50 3.60 3.70 3.70"
)


def pool(count: int, *, middle: str = "70") -> list[Decimal]:
    return [Decimal(middle) + (index % 9 - 4) * 3 for index in range(count)]


def test_algorithm_a_agrees_with_the_published_fit_of_the_copper_values_b5() -> None:
    scale = Decimal(1000)  # four decimals are kept: scaled, they show seven of the published figures
    found = algorithm_a([Decimal(value) * scale for value in COPPER.split()])
    assert found.mean == Decimal("3205.4981")
    assert found.deviation == Decimal("673.6526")
    assert abs(consistency(1.5) - 1.1334) < 0.0001


def test_without_any_spread_in_the_middle_nothing_is_iterated_and_it_is_flagged() -> None:
    found = algorithm_a([Decimal(80)] * 20 + [Decimal(40)])
    assert found.degenerate
    assert found.mean == Decimal("78.0952")


@pytest.mark.parametrize(
    ("count", "last", "basis"),
    [
        (30, None, Basis.POOL),
        (29, None, Basis.PROVISIONAL),
        (18, None, Basis.PROVISIONAL),
        (17, Estimate(mean=Decimal("66.5"), deviation=Decimal(8)), Basis.SNAPSHOT),
        (17, None, Basis.PRIOR),
        (0, None, Basis.PRIOR),
    ],
)
def test_how_many_scores_decide_what_is_graded_by_b5(count: int, last: Estimate | None, basis: Basis) -> None:
    found = benchmark(pool(count), last=last)
    assert found.basis is basis
    assert found.count == count
    if basis is Basis.SNAPSHOT:
        assert found.mean == Decimal("66.5")


def test_the_cut_is_kept_between_its_limits() -> None:
    assert benchmark(pool(40, middle="95")).cut == 65
    assert benchmark(pool(40, middle="40")).cut == 55


@pytest.mark.parametrize(
    ("raw", "score", "grade"),
    [
        ("60", "65.00", "合格"),
        ("59.99", "64.99", "不合格"),
        ("70", "75.00", "良好"),
        ("69.99", "74.99", "合格"),
        ("80", "85.00", "优秀"),
        ("100", "100.00", "优秀"),
        ("0", "5.00", "不合格"),
    ],
)
def test_the_standard_score_decides_the_grade_b6(raw: str, score: str, grade: str) -> None:
    found = benchmark([])
    assert found.index == Decimal("65.00")
    x = share(Decimal(raw), Decimal(100))
    assert found.standard_score(x) == Decimal(score)
    assert found.grade(x) == grade
    assert found.passed(x) == (grade != "不合格")


def test_a_paper_of_150_points_is_judged_by_its_share() -> None:
    assert share(Decimal(90), Decimal(150)) == 60


def test_nobody_is_good_who_is_hardly_above_the_index() -> None:
    hard = benchmark([], parameters=Parameters(prior_mean=Decimal(60), prior_deviation=Decimal(5)))
    assert hard.index == Decimal("65.00")
    lenient = benchmark([], parameters=Parameters(prior_mean=Decimal(55), prior_deviation=Decimal(20)))
    assert lenient.index == Decimal("75.00")
    assert lenient.grade(Decimal(60)) == "合格"
    assert lenient.grade(Decimal(65)) == "良好"


def test_the_same_pool_in_another_order_is_the_same_benchmark() -> None:
    scores = pool(35)
    assert benchmark(scores) == benchmark(list(reversed(scores)))
