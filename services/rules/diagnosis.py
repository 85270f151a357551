"""Which knowledge areas of a paper are weak or strong, and the means of many papers without giving anybody away (B11): pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final

from services.schemes.diagnosis import Area, Diagnosis

#: What the groups are called that are too small to be shown alone.
OTHERS: Final = "其他"
_MOST_WEAKEST: Final = 3


class Strength(StrEnum):
    """How somebody stands in an area."""

    STRONG = "strong"
    EVEN = "even"
    WEAK = "weak"


@dataclass(frozen=True, kw_only=True)
class AreaProfile:
    """One area of one paper; shares in per cent, to one decimal."""

    key: str
    label: str
    score: Decimal
    full: Decimal
    percent: Decimal
    #: Everybody's mean in it; None where too few are known.
    mean: Decimal | None
    strength: Strength
    #: What to take; empty unless it is weak.
    trainings: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Group:
    """Means of some people, by area key, in per cent."""

    name: str
    people: int
    means: Mapping[str, Decimal]
    #: Labels of the weakest areas, the weakest first.
    weakest: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Analysis:
    """What is shown of many papers: nothing of fewer people than the scheme allows."""

    people: int
    least: int
    #: None: too few in all.
    everybody: Group | None
    groups: tuple[Group, ...]
    #: How many groups were put together as 其他, or are left out when that is too small as well.
    small: int


def profile(
    diagnosis: Diagnosis, scores: Mapping[str, Decimal], means: Mapping[str, Decimal] | None = None
) -> tuple[AreaProfile, ...]:
    """Every area that has a score, in the file's order. `means`: everybody's, in per cent, by key."""
    found = []
    for area in diagnosis.areas:
        if area.key not in scores:
            continue
        percent, mean = _percent(scores[area.key], area), (means or {}).get(area.key)
        strength = _strength(diagnosis, percent, mean)
        found.append(
            AreaProfile(
                key=area.key,
                label=area.label,
                score=scores[area.key],
                full=area.full_score,
                percent=_rounded(percent),
                mean=_rounded(mean) if mean is not None else None,
                strength=strength,
                trainings=area.trainings if strength is Strength.WEAK else (),
            )
        )
    return tuple(found)


def means_of(diagnosis: Diagnosis, sums: Mapping[str, tuple[Decimal, int]]) -> Mapping[str, Decimal] | None:
    """Everybody's mean by area, in per cent, of sums and counts of scores; None when they are too few."""
    if not sums or min(count for _, count in sums.values()) < diagnosis.least_people:
        return None
    return {
        area.key: _percent(sums[area.key][0] / sums[area.key][1], area)
        for area in diagnosis.areas
        if area.key in sums
    }


def analyse(diagnosis: Diagnosis, rows: Iterable[tuple[str, Mapping[str, Decimal]]]) -> Analysis:
    """Means over everybody and by group of `rows` (group, scores by area key).

    Groups that are too small become one; if that is too small still, or the only one that is hidden could be computed
    from the others, the smallest of the others goes with it.
    """
    by_name: dict[str, list[Mapping[str, Decimal]]] = defaultdict(list)
    for name, scores in rows:
        by_name[name].append(scores)
    people, least = sum(len(papers) for papers in by_name.values()), diagnosis.least_people
    if people < least:
        return Analysis(people=people, least=least, everybody=None, groups=(), small=len(by_name))
    shown = {name: papers for name, papers in by_name.items() if len(papers) >= least}
    hidden = [papers for name, papers in by_name.items() if name not in shown]
    while hidden and shown and sum(map(len, hidden)) < least:
        smallest = min(shown, key=lambda name: (len(shown[name]), name))
        hidden.append(shown.pop(smallest))
    groups = [_group(diagnosis, name, papers) for name, papers in shown.items()]
    groups.sort(key=lambda group: (-group.people, group.name))
    if hidden:
        groups.append(_group(diagnosis, OTHERS, [paper for papers in hidden for paper in papers]))
    everybody = [paper for papers in by_name.values() for paper in papers]
    return Analysis(
        people=people,
        least=least,
        everybody=_group(diagnosis, "全部", everybody),
        groups=tuple(groups),
        small=len(hidden),
    )


def _group(diagnosis: Diagnosis, name: str, papers: Sequence[Mapping[str, Decimal]]) -> Group:
    means = {}
    for area in diagnosis.areas:
        scores = [paper[area.key] for paper in papers if area.key in paper]
        if scores:
            means[area.key] = _rounded(_percent(sum(scores, Decimal(0)) / len(scores), area))
    labels = {area.key: area.label for area in diagnosis.areas}
    ordered = sorted(means, key=lambda key: means[key])
    return Group(
        name=name,
        people=len(papers),
        means=means,
        weakest=tuple(labels[key] for key in ordered[:_MOST_WEAKEST] if means[key] < diagnosis.strong_from),
    )


def _strength(diagnosis: Diagnosis, percent: Decimal, mean: Decimal | None) -> Strength:
    below = mean is not None and percent <= mean - diagnosis.margin
    above = mean is not None and percent >= mean + diagnosis.margin
    if percent < diagnosis.weak_below or (below and percent < diagnosis.strong_from):
        return Strength.WEAK
    return Strength.STRONG if percent >= diagnosis.strong_from or above else Strength.EVEN


def _percent(score: Decimal, area: Area) -> Decimal:
    return score * 100 / area.full_score


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.1"), ROUND_HALF_UP)
