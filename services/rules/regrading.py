"""What a sitting that is marked anew means for one person: never a worse grade than before (B5): pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

#: From best to worst, where a benchmark grades.
GRADES: Final = ("优秀", "良好", "合格", "不合格")


@dataclass(frozen=True, kw_only=True)
class Standing:
    """A raw score and what it came to."""

    raw: Decimal
    grade: str
    passed: bool


def better(old: Standing, new: Standing, order: Sequence[str]) -> tuple[str, bool, bool]:
    """Grade, whether it passes, and whether the old grade was kept because the new one is worse.

    `order`: grades from best to worst; one that is not in it counts as the worst.
    """
    if _rank(old, order) < _rank(new, order):
        return old.grade, old.passed, True
    return new.grade, new.passed, False


def _rank(standing: Standing, order: Sequence[str]) -> tuple[bool, int]:
    place = order.index(standing.grade) if standing.grade in order else len(order)
    return not standing.passed, place
