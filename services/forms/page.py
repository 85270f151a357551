"""A draft as a page: which questions it has, and what stands in each. Pure but for the fingerprints it is given."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from services.enrolments.draft import Draft
from services.forms.models import Cell, Entry, Row, Sheet
from services.models import EnrolmentState
from services.rules import tables
from services.rules.answers import shown
from services.rules.errors import InvalidValueError
from services.rules.tables import Grid, InvalidTableError
from services.schemes.kept import values_of
from services.schemes.models import FieldKind, FormField

Fingerprint = Callable[[str | None], str]


def editable(draft: Draft) -> tuple[FormField, ...]:
    """The questions that the applicant may answer now: all, or after a return those that were sent back."""
    fields = (draft.scheme.field(step.key) for step in draft.steps if step.kind == "field")
    returned = draft.state is EnrolmentState.RETURNED
    return tuple(field for field in fields if not returned or field.key in draft.reopened)


def asked_now(draft: Draft, wanted: str) -> str:
    """The question that the page is about: the one it was opened for, else the first that is missing."""
    keys = [field.key for field in editable(draft)]
    if wanted in keys:
        return wanted
    return next((step.key for step in draft.missing if step.key in keys), keys[0] if keys else "")


def sheet(
    draft: Draft,
    wanted: str,
    fingerprint: Fingerprint,
    troubles: Mapping[str, Entry],
    kept: tuple[str, ...] = (),
) -> Sheet:
    """The page; `troubles` are entries that stand as they were typed instead of as they are kept."""
    now, lacking = asked_now(draft, wanted), {step.key for step in draft.missing}
    entries = [
        troubles.get(field.key) or entry(field, draft, fingerprint, answered=field.key not in lacking)
        for field in editable(draft)
    ]
    return Sheet(
        scheme=draft.scheme,
        number=draft.number,
        now=tuple(one for one in entries if one.field.key == now),
        open=tuple(one for one in entries if one.field.key != now and (not one.answered or one.wrong)),
        answered=tuple(one for one in entries if one.field.key != now and one.answered and not one.wrong),
        unmet=draft.unmet,
        short=draft.falling_short,
        closed=not draft.open,
        kept=kept,
    )


def entry(field: FormField, draft: Draft, fingerprint: Fingerprint, *, answered: bool) -> Entry:
    """One question with its answer as it is kept."""
    value = draft.answers.get(field.key)
    plain = Entry(
        field=field,
        seen=fingerprint(value),
        answered=answered,
        optional=not field.is_required(dict(draft.answers)),
        reason=draft.returned.get(field.key, ""),
        masked=shown(field, value) if field.sensitive and value else "",
    )
    if field.sensitive:
        return plain
    return _holding(plain, _as_typed(field, value or ""), draft)


def troubled(
    plain: Entry, typed: str | Grid, draft: Draft, *, error: InvalidValueError | None = None, theirs: str = ""
) -> Entry:
    """The question with what was typed, and what is wrong with it."""
    return replace(_holding(plain, typed, draft, error), error=error, theirs=theirs)


def is_blank(typed: str | Grid) -> bool:
    """Nothing but white space."""
    if isinstance(typed, str):
        return not typed.strip()
    return not any(cell.strip() for row in typed.values() for cell in row.values())


def _holding(plain: Entry, typed: str | Grid, draft: Draft, error: InvalidValueError | None = None) -> Entry:
    field = plain.field
    if isinstance(typed, str):
        numbers = frozenset(typed.split("、")) if field.options else frozenset()
        return replace(plain, value=typed, chosen=numbers)
    faults = (
        {(row, column): fault for row, column, fault in error.faults}
        if isinstance(error, InvalidTableError)
        else {}
    )
    rows = tuple(
        Row(
            name=name,
            cells=tuple(
                Cell(
                    column=column,
                    value=typed.get(name, {}).get(column.key, ""),
                    error=faults.get((name, column.key)),
                )
                for column in field.columns
            ),
        )
        for name in tables.row_names(field, draft.answers)
    )
    return replace(plain, rows=rows)


def _as_typed(field: FormField, value: str) -> str | Grid:
    """An answer as somebody would type it; of options their numbers."""
    if field.kind is FieldKind.TABLE:
        return tables.filled(value)
    if field.options:
        numbers = {option.value: str(place) for place, option in enumerate(field.options, start=1)}
        return "、".join(numbers[item] for item in values_of(value) if item in numbers)
    if field.kind is FieldKind.CHOICES:
        return "、".join(values_of(value))
    return value
