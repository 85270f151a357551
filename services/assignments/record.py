"""What an applicant says of their work as an examiner, beside what is on record (D3)."""

from uuid import UUID

from services.answers import plain_answers
from services.assignments.models import Compared
from services.assignments.service import AssignmentService
from services.rules.answers import shown
from services.rules.localtime import local_date
from services.unit_of_work import Work
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
    known = await AssignmentService(work).on_record(enrolment.person_id, scheme.card.family)
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
