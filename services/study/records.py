"""Study records as rows, and what an enrolment says of its hours: shared by import, proof and progress."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from services.rules import hours as rules
from services.schemes.models import FieldKind, Hours
from services.unit_of_work import Work
from storage.tables import Enrolment, StudyRecord

#: Sources of records: a table, a paper (A4), a day of class that was signed for, practice that was recorded (B1, C8).
IMPORT, PROOF, ATTENDANCE, PRACTICE = "import", "proof", "attendance", "practice"


def required_hours(work: Work, enrolment: Enrolment) -> Decimal:
    """The hours that the scheme asks for, theory and practice together; 0 for none."""
    asked = work.scheme(enrolment.scheme_ref).hours
    return asked.total if asked else Decimal(0)


def counted_hours(asked: Hours | None, done: Decimal, practice: Decimal) -> Decimal:
    """What of `done`, of which `practice` are hours of practice, counts against `required_hours`."""
    if asked is None:
        return max(done, Decimal(0))
    return rules.counted(done - practice, practice, asked.required, asked.practice_required)


def counted_records(work: Work, enrolment: Enrolment, rows: Iterable[StudyRecord]) -> Decimal:
    """`counted_hours` of these records of the enrolment."""
    kept = [(row.hours, row.source == PRACTICE) for row in rows]
    return counted_hours(
        work.scheme(enrolment.scheme_ref).hours,
        sum((hours for hours, _ in kept), Decimal(0)),
        sum((hours for hours, practised in kept if practised), Decimal(0)),
    )


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
