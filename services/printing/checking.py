"""Whether a photographed form was printed before its answers changed, and which of them did (D6, E3, E5)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from services.answers import is_still, plain_answers
from services.printing.content import code_of, is_outdated, items_of, shown_code
from services.printing.service import photo_of
from services.schemes.models import Scheme
from services.unit_of_work import Work
from storage.repositories.printed_forms import PrintedFormRepository
from storage.tables import Document, Enrolment


@dataclass(frozen=True, kw_only=True)
class FormCheck:
    """What must stand at the foot of the paper, and what was printed last before it was photographed."""

    #: As it stands on the paper: `1A2B-3C4D`.
    code: str
    #: None when nothing was printed here before the photo came.
    printed: str | None
    outdated: bool


@dataclass(frozen=True, kw_only=True)
class OutdatedForm:
    """A paper that says something else than the answers."""

    material_key: str
    label: str
    #: Field keys, and the photo's material key; empty where it is not known which.
    keys: tuple[str, ...]
    #: How these are called.
    items: tuple[str, ...]


async def outdated_forms(
    work: Work, enrolment: Enrolment, documents: Iterable[Document]
) -> tuple[OutdatedForm, ...]:
    """The papers among these documents that were printed before their answers changed, with what differs."""
    scheme, answers, rows = (
        work.scheme(enrolment.scheme_ref),
        plain_answers(work, enrolment),
        tuple(documents),
    )
    checks = check_forms(scheme, answers, rows, enrolment.id)
    outdated = [key for key, check in checks.items() if check.outdated]
    if not outdated:
        return ()
    codes = {
        row.material_key: row.printed_code
        for row in rows
        if row.printed_code and row.material_key in outdated
    }
    printed = await PrintedFormRepository(work.session).with_codes(
        enrolment.id, [code for code in codes.values() if code]
    )
    forms = []
    for key in outdated:
        before = next((row.items for row in printed if (row.material_key, row.code) == (key, codes[key])), {})
        material = scheme.material(key)
        keys = _differing(work, scheme, material.printable or "", answers, before, rows) if before else ()
        names = (
            scheme.field(one).label if scheme.has_field(one) else scheme.material(one).label for one in keys
        )
        forms.append(OutdatedForm(material_key=key, label=material.label, keys=keys, items=tuple(names)))
    return tuple(forms)


def _differing(
    work: Work,
    scheme: Scheme,
    printable_key: str,
    answers: Mapping[str, str],
    before: Mapping[str, str],
    documents: tuple[Document, ...],
) -> tuple[str, ...]:
    printable = scheme.printable(printable_key)
    now = items_of(scheme, printable, answers)
    changed = [key for key, answer in now.items() if not is_still(work, answer, before.get(key, ""))]
    ordered = [field.key for field in scheme.fields if field.key in changed]
    if printable.photo is not None:
        portrait = photo_of(documents, printable.photo)
        if (portrait.pixels_sha256 if portrait else None) != before.get(printable.photo):
            ordered.append(printable.photo)
    return tuple(ordered)


def check_forms(
    scheme: Scheme, answers: Mapping[str, str], documents: Iterable[Document], enrolment_id: UUID
) -> dict[str, FormCheck]:
    """By material key, for every current document that is a printed form."""
    rows = tuple(documents)
    checks: dict[str, FormCheck] = {}
    for row in rows:
        material = next((item for item in scheme.materials if item.key == row.material_key), None)
        if material is None or material.printable is None:
            continue
        printable = scheme.printable(material.printable)
        portrait = photo_of(rows, printable.photo)
        photo = portrait.pixels_sha256 if portrait else None
        code = code_of(scheme, printable, answers, enrolment_id=enrolment_id, photo=photo)
        check = FormCheck(
            code=shown_code(code),
            printed=shown_code(row.printed_code) if row.printed_code else None,
            outdated=is_outdated(row.printed_code, code),
        )
        # Of several pages one that is old is enough.
        if material.key not in checks or check.outdated:
            checks[material.key] = check
    return checks
