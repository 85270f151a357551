"""The cells of a list 名单: what stands in a row, and what is missing or not among the allowed words (D7, D8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.schemes.kept import values_of
from services.schemes.models import FieldKind, FormField, Scheme
from services.schemes.rosters import ListColumn, Roster

_JOINT = "、"


@dataclass(frozen=True, kw_only=True)
class Lack:
    """One required cell that cannot be filled in."""

    #: The column's heading on one line.
    column: str
    #: The first field behind it, for the officer who sends it back.
    field_key: str
    #: `missing`, or `not_allowed` with the `value` that is not one of the list's words.
    kind: str
    value: str = ""


@dataclass(frozen=True, kw_only=True)
class Line:
    """One person's cells, the running number left empty, and what is lacking."""

    cells: tuple[str, ...]
    lacks: tuple[Lack, ...]


def line(roster: Roster, scheme: Scheme, answers: Mapping[str, str]) -> Line:
    """The line of a person with these answers (in the clear, by field key)."""
    cells, lacks = [], []
    for column in roster.columns:
        values = _values(column, scheme, answers)
        cells.append(_JOINT.join(text for _, text in values))
        if lack := _lack(column, scheme, answers, cells[-1]):
            lacks.append(lack)
    return Line(cells=tuple(cells), lacks=tuple(lacks))


def heading(column: ListColumn) -> str:
    """The column's heading on one line."""
    return "".join(column.label.split("\n"))


def _lack(column: ListColumn, scheme: Scheme, answers: Mapping[str, str], cell: str) -> Lack | None:
    if column.value == "number":
        return None
    for field in (scheme.field(key) for key in column.fields if scheme.has_field(key)):
        allowed = {option.value for option in field.options}
        for value in _kept(field, answers):
            if allowed and value not in allowed:
                return Lack(column=heading(column), field_key=field.key, kind="not_allowed", value=value[:40])
    if column.required and not cell:
        return Lack(column=heading(column), field_key=column.fields[0], kind="missing")
    return None


def _values(column: ListColumn, scheme: Scheme, answers: Mapping[str, str]) -> Sequence[tuple[str, str]]:
    """(value, as it is written) of every answer, without 无 beside others."""
    found = [
        (value, written(scheme.field(key), value))
        for key in column.fields
        if scheme.has_field(key)
        for value in _kept(scheme.field(key), answers)
    ]
    said = [pair for pair in found if not column.none or pair[0] != column.none]
    return said or [(column.none, column.none) for _ in found[:1]]


def _kept(field: FormField, answers: Mapping[str, str]) -> tuple[str, ...]:
    kept = answers.get(field.key, "").strip()
    if not kept or (field.when is not None and not field.when.holds(dict(answers))):
        return ()
    return tuple(value for value in values_of(kept) if value.strip()) if field.max_choices else (kept,)


def written(field: FormField, value: str) -> str:
    """One value as a list writes it: choices by their labels, dates as `yyyy-mm-dd`, numbers plain, nothing masked."""
    if field.kind in (FieldKind.CHOICE, FieldKind.CHOICES):
        return next((option.label for option in field.options if option.value == value), value)
    return value
