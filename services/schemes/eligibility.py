"""Who may apply: closed conditions over the answers and materials; any one route suffices.

A condition is data (`kind` says which); what it finds is decided in `services.rules.eligibility`.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from services.schemes.forms import FieldKind, FormField
from services.schemes.parts import Key, Part, Text


class AtLeast(Part):
    """The answer stands on the scale at `level` or above; what is not on the scale is below it."""

    kind: Literal["at_least"]
    field: Key
    #: Name of a list in the scheme's `scales`, lowest first.
    scale: Key
    #: A word of that list.
    level: Text


class YearsAtLeast(Part):
    """The answer, a number of years, is at least `years`."""

    kind: Literal["years_at_least"]
    field: Key
    #: Half years are 0.5.
    years: Decimal = Field(gt=0)


class CountAtLeast(Part):
    """The answer, a number or several choices, counts at least `count`."""

    kind: Literal["count_at_least"]
    field: Key
    #: How many.
    count: int = Field(gt=0)


class CharactersAtLeast(Part):
    """The text has at least `count` characters, white space aside (D5, D8)."""

    kind: Literal["characters_at_least"]
    field: Key
    #: How many.
    count: int = Field(gt=0)


class IsIn(Part):
    """The answer, or one of several, is among the values."""

    kind: Literal["is_in"]
    field: Key
    #: Values of its options.
    values: tuple[Text, ...] = Field(min_length=1)


class HasMaterial(Part):
    """The material was handed in and not refused."""

    kind: Literal["has_material"]
    #: Key of the material.
    material: Key


class AllOf(Part):
    """All of these."""

    kind: Literal["all_of"]
    #: All have to hold.
    conditions: tuple["Requirement", ...] = Field(min_length=1)


class AnyOf(Part):
    """Any of these."""

    kind: Literal["any_of"]
    #: One has to hold.
    conditions: tuple["Requirement", ...] = Field(min_length=2)


Requirement = Annotated[
    AtLeast | YearsAtLeast | CountAtLeast | CharactersAtLeast | IsIn | HasMaterial | AllOf | AnyOf,
    Field(discriminator="kind"),
]
AllOf.model_rebuild()
AnyOf.model_rebuild()


class Route(Part):
    """One way to be eligible: all its conditions hold."""

    key: Key
    #: As the source says it, in short.
    label: Text
    #: All have to hold.
    conditions: tuple[Requirement, ...] = Field(min_length=1)


_KINDS: Mapping[str, tuple[FieldKind, ...]] = {
    "at_least": (FieldKind.CHOICE,),
    "years_at_least": (FieldKind.NUMBER,),
    "count_at_least": (FieldKind.NUMBER, FieldKind.CHOICES),
    "characters_at_least": (FieldKind.TEXT, FieldKind.LONG_TEXT),
    "is_in": (FieldKind.CHOICE, FieldKind.CHOICES),
}


def faults(
    requirement: Requirement,
    *,
    fields: Mapping[str, FormField],
    materials: frozenset[str],
    scales: Mapping[str, tuple[str, ...]],
) -> Iterator[str]:
    """What a condition names that the scheme does not have, or has as another kind."""
    match requirement:
        case AllOf() | AnyOf():
            for inner in requirement.conditions:
                yield from faults(inner, fields=fields, materials=materials, scales=scales)
        case HasMaterial():
            if requirement.material not in materials:
                yield f'has_material 的 material = "{requirement.material}" 不是本方案的材料'
        case _:
            yield from _field_faults(requirement, fields, scales)


def _field_faults(
    requirement: AtLeast | YearsAtLeast | CountAtLeast | CharactersAtLeast | IsIn,
    fields: Mapping[str, FormField],
    scales: Mapping[str, tuple[str, ...]],
) -> Iterator[str]:
    name, field = requirement.kind, fields.get(requirement.field)
    if field is None:
        yield f'{name} 的 field = "{requirement.field}" 不是本方案的字段'
        return
    if field.kind not in _KINDS[name]:
        kinds = "、".join(_KINDS[name])
        yield f'{name} 只用于 kind 为 {kinds} 的字段，"{field.key}" 是 {field.kind}'
        return
    options = {option.value for option in field.options}
    if isinstance(requirement, IsIn) and (unknown := set(requirement.values) - options) and options:
        yield f"is_in 的 values 含有 {field.key} 没有的选项：{'、'.join(sorted(unknown))}"
    if isinstance(requirement, AtLeast):
        scale = scales.get(requirement.scale)
        if scale is None:
            yield f'at_least 的 scale = "{requirement.scale}" 没有写在 scales 里'
        elif requirement.level not in scale:
            yield f'at_least 的 level = "{requirement.level}" 不在 scales.{requirement.scale} 里'
        elif unknown := set(scale) - options:
            yield f"scales.{requirement.scale} 含有 {field.key} 没有的选项：{'、'.join(sorted(unknown))}"
