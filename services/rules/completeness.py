"""What an enrolment still lacks, and in which order it is asked."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

from services.rules import tables
from services.schemes.models import FieldKind, FormField, Scheme


@dataclass(frozen=True)
class Step:
    """One thing to ask for: a field's answer or a material's picture."""

    kind: Literal["field", "material"]
    key: str


def steps(
    scheme: Scheme, answers: Mapping[str, str], handed_in: Collection[str], settled: Collection[str] = ()
) -> tuple[Step, ...]:
    """All steps that apply with these answers, in the order of the scheme file, but for what is `settled` unasked.

    Of materials of which one set suffices, those of the set that `handed_in` speaks for.
    """
    known = dict(answers)
    fields = [
        Step("field", field.key)
        for field in scheme.fields
        if field.asked and field.key not in settled and (field.when is None or field.when.holds(known))
    ]
    spared = {
        key
        for group in scheme.alternatives
        for keys in group.sets
        for key in keys
        if keys != group.chosen(handed_in)
    }
    materials = [
        Step("material", material.key)
        for material in scheme.materials
        if material.key not in spared and (material.when is None or material.when.holds(known))
    ]
    return (*fields, *materials)


def missing(
    scheme: Scheme, answers: Mapping[str, str], handed_in: Collection[str], skipped: Collection[str] = ()
) -> tuple[Step, ...]:
    """The steps that are not done: a question that is neither answered nor, being optional, skipped; a table with an
    empty row; a material without a picture that was not skipped (`handed_in` and `skipped` hold materials' keys).
    """
    return tuple(
        step
        for step in steps(scheme, answers, handed_in)
        if (
            not _answered(scheme.field(step.key), answers)
            if step.kind == "field"
            else step.key not in handed_in
            and (step.key not in skipped or scheme.material(step.key).is_required(dict(answers)))
        )
    )


def _answered(field: FormField, answers: Mapping[str, str]) -> bool:
    if field.key not in answers or (not answers[field.key] and field.is_required(dict(answers))):
        return False
    return field.kind is not FieldKind.TABLE or tables.next_row(field, answers) is None


def reopened(scheme: Scheme, keys: Collection[str]) -> frozenset[str]:
    """What may be changed when these were sent back: they, and what would do instead of a material among them (C6)."""
    groups = [{key for keys_ in group.sets for key in keys_} for group in scheme.alternatives]
    return frozenset(keys).union(*(group for group in groups if group & set(keys)))


def instead_of(scheme: Scheme, key: str) -> tuple[str, ...]:
    """The materials with which each other set begins that would do instead of this material's (C6)."""
    for group in scheme.alternatives:
        if any(key in keys for keys in group.sets):
            return tuple(keys[0] for keys in group.sets if key not in keys)
    return ()
