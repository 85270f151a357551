"""What a change writes: the answer, what follows from it, and who the person is (E8)."""

from services import people
from services.answers import plain_answers, seal
from services.blacklist import ensure_answers_clear
from services.cards.bars import ensure_not_barred
from services.errors import ConflictError
from services.rules import tables
from services.rules.answers import derived
from services.rules.localtime import local_day
from services.schemes.models import FieldKind, FormField, Scheme
from services.unit_of_work import Work
from storage.repositories.people import PeopleRepository
from storage.tables import Enrolment


async def apply(work: Work, enrolment: Enrolment, field: FormField, value: str) -> None:
    """Write the value into the locked enrolment, and what follows from it.

    Raises:
        services.blacklist.BarredError: a new identity number that is barred (C7).
        ConflictError: `change.running`, the bearer of the new number has an enrolment in this scheme already;
            `card.barred`, this or that bearer's qualification was cancelled for ever (D9).
    """
    scheme = work.scheme(enrolment.scheme_ref)
    answers = plain_answers(work, enrolment) | {field.key: value}
    if field.kind is FieldKind.IDENTITY_NUMBER:
        await _move_to_bearer(work, enrolment, scheme, answers, value)
    if field.kind is FieldKind.NAME and enrolment.person_id is not None:
        (await PeopleRepository(work.session).get_person(enrolment.person_id)).name = value
    changed = tables.with_pruned(scheme.fields, field.key, answers)
    changed |= _derived(work, scheme, enrolment, answers)
    enrolment.answers = {
        **enrolment.answers,
        **{key: seal(work, scheme.field(key), enrolment.id, kept) for key, kept in changed.items()},
    }
    enrolment.last_activity_at = work.now


def _derived(work: Work, scheme: Scheme, enrolment: Enrolment, answers: dict[str, str]) -> dict[str, str]:
    """What follows from the identity number; the day of the submission stays."""
    submitted = local_day(enrolment.submitted_at or work.now).isoformat()
    return {
        item.key: derived(item, answers, short_title=scheme.short_title, submitted_on=submitted)
        for item in scheme.fields
        if not item.asked and item.source is not None and item.source.startswith("identity.")
    }


async def _move_to_bearer(
    work: Work, enrolment: Enrolment, scheme: Scheme, answers: dict[str, str], number: str
) -> None:
    """The enrolment, and the chat it came from, belong to the bearer of the corrected number."""
    name_field = scheme.field_of_kind(FieldKind.NAME)
    name = answers.get(name_field.key, "") if name_field is not None else ""
    await ensure_answers_clear(work, scheme, answers)
    if enrolment.person_id is not None:
        # A qualification that was cancelled for ever stays with who had it (D9).
        await ensure_not_barred(work, enrolment.person_id, scheme)
    repository = PeopleRepository(work.session)
    found = await repository.identify(
        people.bearer(work, number, name),
        people.digests(work, number),
        scheme_id=enrolment.scheme_id,
        other_than=enrolment.id,
    )
    if found.running_number is not None:
        raise ConflictError("change.running", number=found.running_number)
    await ensure_not_barred(work, found.person.id, scheme)
    enrolment.person_id = found.person.id
    (await repository.get_follower(enrolment.follower_id)).person_id = found.person.id
