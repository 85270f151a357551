"""Whether a photographed form was printed before its answers changed: for staff, and for the applicant's summary."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from services.printing.content import code_of, is_outdated, shown_code
from services.printing.service import photo_of
from services.schemes.models import Scheme
from storage.tables import Document


@dataclass(frozen=True, kw_only=True)
class FormCheck:
    """What must stand at the foot of the paper, and what was printed last before it was photographed."""

    #: As it stands on the paper: `1A2B-3C4D`.
    code: str
    #: None when nothing was printed here before the photo came.
    printed: str | None
    outdated: bool


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
