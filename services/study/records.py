"""Study records as rows, and what an enrolment says of its hours: shared by import, proof and progress."""

from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from services.schemes.models import FieldKind
from services.unit_of_work import Work
from storage.tables import Enrolment


def required_hours(work: Work, enrolment: Enrolment) -> Decimal:
    """The hours that the scheme asks for; 0 for none."""
    asked = work.scheme(enrolment.scheme_ref).hours
    return asked.required if asked else Decimal(0)


def given_name(work: Work, enrolment: Enrolment, otherwise: str) -> str:
    """The name as it was given for this enrolment."""
    name_field = work.scheme(enrolment.scheme_ref).field_of_kind(FieldKind.NAME)
    return str(enrolment.answers.get(name_field.key, otherwise)) if name_field else otherwise


def new_record(
    work: Work, enrolment_id: UUID, source: str, reference: str, course: str, hours: Decimal
) -> dict[str, Any]:
    """Columns of a new record; `course` is the title of the paper for a proof."""
    return {
        "id": uuid4(),
        "enrolment_id": enrolment_id,
        "source": source,
        "reference": reference,
        "course": course,
        "studied_on": None,
        "hours": hours,
        "import_id": None,
        "created_at": work.now,
    }
