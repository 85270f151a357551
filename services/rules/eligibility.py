"""Whether somebody may apply: what a scheme's requirements and routes still lack (D3, D4, D5, D8, E2)."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import assert_never

from services.rules.answers import shown
from services.rules.numbers import plain
from services.rules.text import length
from services.schemes.eligibility import (
    AllOf,
    AnyOf,
    AtLeast,
    CharactersAtLeast,
    CountAtLeast,
    HasMaterial,
    IsIn,
    Requirement,
    YearsAtLeast,
)
from services.schemes.kept import values_of
from services.schemes.models import Condition, FieldKind, FormField, Scheme


@dataclass(frozen=True)
class Facts:
    """What is known: answers in the clear by field key, and the keys of materials that are handed in and not refused."""

    answers: Mapping[str, str]
    materials: Collection[str] = ()


@dataclass(frozen=True)
class Unmet:
    """One condition that does not hold.

    `code` is the condition's kind. `facts`: `subject` (label of the field or material), `needed` (what would meet it) and
    `actual` (as people see it; empty when there is no answer). For `any_of` there are `instead` the conditions of which
    one would do.
    """

    code: str
    facts: Mapping[str, str]
    #: Key of the route that it stands in the way of; empty for what everybody must meet.
    route: str = ""
    instead: tuple["Unmet", ...] = field(default=())
    #: Key of the field or material that it is about; empty for `any_of`.
    about: str = field(default="", compare=False)

    @property
    def keys(self) -> frozenset[str]:
        """The fields and materials that would have to change."""
        return frozenset({self.about} - {""}).union(*(other.keys for other in self.instead))


def assess(facts: Facts, scheme: Scheme) -> tuple[Unmet, ...]:
    """What stands in the way; nothing when all requirements hold and, where there are routes, any one of them.

    When no route holds, the conditions that each lacks are given, route by route in the order of the file.
    """
    return _assess(facts, scheme, _nothing_is_open)


def certain(facts: Facts, scheme: Scheme) -> tuple[Unmet, ...]:
    """As `assess`, of a draft in the middle: only what stands in the way whatever is still answered and handed in.

    A question without an answer counts as open while it is still going to be asked, a material always.
    """
    return _assess(facts, scheme, _is_open)


def falling_short(facts: Facts, scheme: Scheme) -> tuple[Unmet, ...]:
    """Years and counts that were answered and are too few for a way to apply, though another way may still be open."""
    gaps = (
        gap
        for route in scheme.routes
        for item in route.conditions
        for gap in _gaps(item, facts, scheme, route.key, _is_open)
    )
    return tuple(
        gap
        for gap in gaps
        if gap.code in ("years_at_least", "count_at_least")
        and gap.facts["actual"]
        and gap.about in facts.answers
    )


_Open = Callable[[Requirement, Facts, Scheme], bool]


def _assess(facts: Facts, scheme: Scheme, is_open: _Open) -> tuple[Unmet, ...]:
    general = [gap for item in scheme.requirements for gap in _gaps(item, facts, scheme, "", is_open)]
    by_route = [
        [gap for item in route.conditions for gap in _gaps(item, facts, scheme, route.key, is_open)]
        for route in scheme.routes
    ]
    if all(by_route):
        general += [gap for gaps in by_route for gap in gaps]
    return tuple(general)


def _nothing_is_open(_requirement: Requirement, _facts: Facts, _scheme: Scheme) -> bool:
    return False


def _is_open(requirement: Requirement, facts: Facts, scheme: Scheme) -> bool:
    match requirement:
        case AllOf() | AnyOf():
            return False
        case HasMaterial():
            return not _left_out(scheme.material(requirement.material).when, facts)
        case _:
            asked = scheme.field(requirement.field)
            return asked.key not in facts.answers and not _left_out(asked.when, facts)


def _left_out(condition: Condition | None, facts: Facts) -> bool:
    """What depends on it will not be asked for: the answer that it depends on is there, and is another one."""
    return (
        condition is not None
        and condition.field in facts.answers
        and not condition.holds(dict(facts.answers))
    )


def _gaps(
    requirement: Requirement, facts: Facts, scheme: Scheme, route: str, is_open: _Open
) -> Iterator[Unmet]:
    if is_open(requirement, facts, scheme):
        return
    match requirement:
        case AllOf():
            for inner in requirement.conditions:
                yield from _gaps(inner, facts, scheme, route, is_open)
        case AnyOf():
            ways = [list(_gaps(inner, facts, scheme, route, is_open)) for inner in requirement.conditions]
            if all(ways):
                yield Unmet("any_of", {}, route, tuple(gap for gaps in ways for gap in gaps))
        case HasMaterial():
            if requirement.material not in facts.materials:
                label = scheme.material(requirement.material).label
                yield Unmet(
                    requirement.kind,
                    {"subject": label, "needed": label, "actual": ""},
                    route,
                    about=requirement.material,
                )
        case _:
            asked = scheme.field(requirement.field)
            value = facts.answers.get(asked.key, "")
            if not _holds(requirement, asked, value, scheme):
                yield Unmet(
                    requirement.kind,
                    {
                        "subject": asked.label,
                        "needed": _needed(requirement, asked),
                        "actual": _actual(requirement, asked, value),
                    },
                    route,
                    about=asked.key,
                )


_OfField = AtLeast | YearsAtLeast | CountAtLeast | CharactersAtLeast | IsIn


def _holds(requirement: _OfField, asked: FormField, value: str, scheme: Scheme) -> bool:
    match requirement:
        case AtLeast():
            scale = scheme.scales[requirement.scale]
            return value in scale and scale.index(value) >= scale.index(requirement.level)
        case YearsAtLeast():
            return _number(value) >= requirement.years
        case CountAtLeast():
            counted = len(values_of(value)) if asked.kind is FieldKind.CHOICES else _number(value)
            return counted >= requirement.count
        case CharactersAtLeast():
            return length(value) >= requirement.count
        case IsIn():
            return any(item in requirement.values for item in values_of(value))
        case _:
            assert_never(requirement)


def _needed(requirement: _OfField, asked: FormField) -> str:
    match requirement:
        case AtLeast():
            return shown(asked, requirement.level)
        case YearsAtLeast():
            return plain(requirement.years)
        case CountAtLeast():
            return f"{requirement.count}{asked.unit or '项'}"
        case CharactersAtLeast():
            return str(requirement.count)
        case IsIn():
            labels = {option.value: option.label for option in asked.options}
            return "、".join(labels.get(value, value) for value in requirement.values)
        case _:
            assert_never(requirement)


def _actual(requirement: _OfField, asked: FormField, value: str) -> str:
    return str(length(value)) if isinstance(requirement, CharactersAtLeast) else shown(asked, value)


def _number(value: str) -> Decimal:
    try:
        return Decimal(value)
    except InvalidOperation:
        return Decimal(-1)
