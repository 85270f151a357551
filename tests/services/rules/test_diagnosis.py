"""Weak and strong areas, and means that give nobody away (B11)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.rules.diagnosis import OTHERS, Analysis, Strength, analyse, means_of, profile
from services.schemes.diagnosis import Area, Diagnosis

DIAGNOSIS = Diagnosis(
    areas=(
        Area(key="law", label="法律法规", full_score=Decimal(60), trainings=("普法宣贯",)),
        Area(key="cases", label="案例分析", full_score=Decimal(40), trainings=("案例研讨",)),
    )
)


@pytest.mark.parametrize(
    ("score", "mean", "strength"),
    [
        ("35.99", None, Strength.WEAK),
        ("36", None, Strength.EVEN),
        ("51", None, Strength.STRONG),
        ("42", "80", Strength.WEAK),
        ("43", "81", Strength.EVEN),
        ("51", "100", Strength.STRONG),
        ("48", "70", Strength.STRONG),
    ],
)
def test_an_area_is_weak_below_a_share_or_far_below_the_mean_and_names_its_training_b11(
    score: str, mean: str | None, strength: Strength
) -> None:
    means = {"law": Decimal(mean)} if mean else None
    (one,) = profile(DIAGNOSIS, {"law": Decimal(score)}, means)
    assert one.strength is strength
    assert one.trainings == (("普法宣贯",) if strength is Strength.WEAK else ())


def test_means_of_few_people_are_not_told_b11() -> None:
    assert means_of(DIAGNOSIS, {"law": (Decimal(120), 4), "cases": (Decimal(80), 4)}) is None
    assert means_of(DIAGNOSIS, {"law": (Decimal(150), 5), "cases": (Decimal(100), 5)}) == {
        "law": Decimal(50),
        "cases": Decimal(50),
    }


def papers(**groups: int) -> Analysis:
    paper = {"law": Decimal(30), "cases": Decimal(30)}
    return analyse(DIAGNOSIS, [(name, paper) for name, count in groups.items() for _ in range(count)])


@pytest.mark.parametrize(
    ("groups", "shown"),
    [
        ({"甲": 4}, None),
        ({"甲": 9, "乙": 7}, [("甲", 9), ("乙", 7)]),
        ({"甲": 9, "乙": 3, "丙": 2}, [("甲", 9), (OTHERS, 5)]),
        # The one small group could be computed from the others: the smallest of them goes with it.
        ({"甲": 9, "乙": 6, "丙": 2}, [("甲", 9), (OTHERS, 8)]),
        ({"甲": 9, "丙": 2}, [(OTHERS, 11)]),
    ],
)
def test_groups_of_few_people_are_put_together_until_nobody_can_be_computed_b11(
    groups: dict[str, int], shown: list[tuple[str, int]] | None
) -> None:
    found = papers(**groups)
    if shown is None:
        assert (found.everybody, found.groups) == (None, ())
    else:
        assert [(group.name, group.people) for group in found.groups] == shown


@given(st.dictionaries(st.sampled_from("甲乙丙丁戊己"), st.integers(1, 12)))
def test_no_group_that_is_shown_has_few_people_and_all_are_counted_b11(groups: dict[str, int]) -> None:
    found = papers(**groups)
    assert all(group.people >= DIAGNOSIS.least_people for group in found.groups)
    if found.everybody is not None:
        assert sum(group.people for group in found.groups) == found.people


def test_the_weakest_areas_of_a_group_stand_first_b11() -> None:
    assert papers(甲=6).groups[0].weakest == ("法律法规", "案例分析")
    assert papers(甲=6).groups[0].means == {"law": Decimal("50.0"), "cases": Decimal("75.0")}
