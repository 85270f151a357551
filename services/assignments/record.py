"""What an applicant says of their work as an examiner, beside what is on record (D3)."""

from datetime import date
from uuid import UUID

from services.answers import plain_answers
from services.assignments.models import Compared, OnRecord
from services.rules.answers import shown
from services.rules.localtime import local_date, local_day
from services.unit_of_work import Work
from storage.repositories.assignments import AssignmentRepository
from storage.repositories.cards import CardRepository
from storage.repositories.enrolments import EnrolmentRepository


async def compared(work: Work, enrolment_id: UUID) -> tuple[Compared, ...]:
    """One for every field that can be compared; the caller has checked who asks. No statement where there is none.

    An applicant's work elsewhere, or before this system, is not on record: a difference is a question, no fault.
    """
    enrolment = await EnrolmentRepository(work.session).get(enrolment_id)
    scheme = work.scheme(enrolment.scheme_ref)
    fields = [field for field in scheme.fields if field.on_record is not None]
    if not fields or scheme.card is None or enrolment.person_id is None:
        return ()
    answers = plain_answers(work, enrolment)
    known = await on_record(work, enrolment.person_id, scheme.card.family)
    return tuple(
        Compared(
            label=field.label,
            said=shown(field, answers.get(field.key, "")),
            known=f"{known.assignments_done}次"
            if field.on_record == "assignments_done"
            else f"{known.years_with_card}年（首张证卡 {local_date(known.first_card_on)}）"
            if known.first_card_on is not None
            else "没有证卡记录",
        )
        for field in fields
    )


async def on_record(work: Work, person_id: UUID, family: str) -> OnRecord:
    """What we know of a person's work with a family's cards; the caller has checked who asks (D3)."""
    first = await CardRepository(work.session).first_numbered_on(person_id, family)
    return OnRecord(
        assignments_done=await AssignmentRepository(work.session).count_done(person_id, family),
        first_card_on=first,
        years_with_card=_full_years(first, local_day(work.now)) if first is not None else 0,
    )


def _full_years(first: date, day: date) -> int:
    return day.year - first.year - ((day.month, day.day) < (first.month, first.day))
