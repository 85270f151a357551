"""What an applicant says of their work as an examiner, beside what is on record (D3)."""

from datetime import date
from uuid import UUID

from services.answers import plain_answers
from services.assignments.models import Compared, OnRecord
from services.cards.models import is_expired
from services.rules.answers import shown
from services.rules.localtime import local_date, local_day
from services.unit_of_work import Work
from storage.repositories.assignments import AssignmentRepository
from storage.repositories.cards import STANDING, CardRepository
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
    lines = []
    for field in fields:
        said = answers.get(field.key, "")
        match field.on_record:
            case "assignments_done":
                told = f"{known.assignments_done}次"
            case "card_number":
                told = await _card_known(work, said, enrolment.person_id, scheme.card.family)
            case _ if known.first_card_on is not None:
                told = f"{known.years_with_card}年（首张证卡 {local_date(known.first_card_on)}）"
            case _:
                told = "没有证卡记录"
        if said or told:
            lines.append(Compared(label=field.label, said=shown(field, said) if said else "", known=told))
    return tuple(lines)


async def _card_known(work: Work, said: str, person_id: UUID, family: str) -> str:
    """What we know of the card of this number, or of one that was not named; empty for neither."""
    cards = CardRepository(work.session)
    if not (number := "".join(said.split()).upper()):
        newest = await cards.newest_number(person_id, family)
        return f"本人有证卡 {newest}" if newest else ""
    found = await cards.find_by_number(number)
    if found is None:
        return "没有这个卡号的记录"
    card, person, _ = found
    if person.id != person_id:
        return "这是另一个人的证卡"
    if card.family != family:
        return "本人的另一类证卡"
    if card.state not in STANDING:
        return "本人的证卡，资格已取消"
    if is_expired(card, local_day(work.now)):
        return f"本人的证卡，{local_date(card.valid_until)}已过期" if card.valid_until else ""
    return (
        f"本人的证卡，有效期至{local_date(card.valid_until)}" if card.valid_until else "本人的证卡，长期有效"
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
