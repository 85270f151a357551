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


def steps(scheme: Scheme, answers: Mapping[str, str]) -> tuple[Step, ...]:
    """All steps that apply with these answers, in the order of the scheme file."""
    known = dict(answers)
    fields = [
        Step("field", field.key)
        for field in scheme.fields
        if field.asked and (field.when is None or field.when.holds(known))
    ]
    materials = [
        Step("material", material.key)
        for material in scheme.materials
        if material.when is None or material.when.holds(known)
    ]
    return (*fields, *materials)


def missing(scheme: Scheme, answers: Mapping[str, str], handed_in: Collection[str]) -> tuple[Step, ...]:
    """The steps that are not done: a question that is neither answered nor, being optional, skipped; a table with an
    empty row; a required material without a picture (`handed_in` holds the good materials' keys).
    """
    return tuple(
        step
        for step in steps(scheme, answers)
        if (
            not _answered(scheme.field(step.key), answers)
            if step.kind == "field"
            else step.key not in handed_in and scheme.material(step.key).required
        )
    )


def _answered(field: FormField, answers: Mapping[str, str]) -> bool:
    if field.key not in answers:
        return False
    return field.kind is not FieldKind.TABLE or tables.next_row(field, answers) is None
