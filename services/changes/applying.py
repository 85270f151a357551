"""What a change writes: the answer, what follows from it, and who the person is (E8)."""

from services.answers import plain_answers, seal
from services.blacklist import ensure_clear
from services.errors import ConflictError
from services.rules import identity, tables
from services.rules.answers import derived
from services.rules.localtime import local_day
from services.schemes.models import FieldKind, FormField, Scheme
from services.unit_of_work import Work
from storage.repositories.people import PeopleRepository
from storage.states import EnrolmentState
from storage.tables import Enrolment, Person

#: Data are changed when the review is over: while it lasts, through its returns.
CHANGEABLE = (EnrolmentState.ADMITTED, EnrolmentState.CONCLUDED)
_IDENTITY_CONTEXT = b"persons.identity_number"


async def apply(work: Work, enrolment: Enrolment, field: FormField, value: str) -> None:
    """Write the value into the locked enrolment, and what follows from it.

    Raises:
        services.blacklist.BarredError: a new identity number that is barred (C7).
        ConflictError: `change.running`, the bearer of the new number has an enrolment in this scheme already.
    """
    scheme = work.scheme(enrolment.scheme_ref)
    answers = plain_answers(work, enrolment) | {field.key: value}
    if field.kind is FieldKind.IDENTITY_NUMBER:
        await _move_to_bearer(work, enrolment, scheme, answers, value)
    if field.kind is FieldKind.NAME and enrolment.person_id is not None:
        (await PeopleRepository(work.session).get_person(enrolment.person_id)).name = value
    changed = {field.key: value} | {
        table.key: tables.pruned(table, answers)
        for table in scheme.fields
        if table.rows_of == field.key and table.key in answers
    }
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
    await ensure_clear(work, scheme, number=number, name=name)
    people, keyring = PeopleRepository(work.session), work.tools.keyring
    parsed = identity.parse(number, today=local_day(work.now))
    bearer = await people.identify(
        Person(
            identity_cipher=keyring.encrypt_text(number, context=_IDENTITY_CONTEXT),
            identity_digest=keyring.digest(number, context=_IDENTITY_CONTEXT),
            name=name,
            birth_on=parsed.birth_on,
            sex=parsed.sex,
            created_at=work.now,
        ),
        keyring.digests(number, context=_IDENTITY_CONTEXT),
        scheme_id=enrolment.scheme_id,
        other_than=enrolment.id,
    )
    if bearer.running_number is not None:
        raise ConflictError("change.running", number=bearer.running_number)
    enrolment.person_id = bearer.person.id
    (await people.get_follower(enrolment.follower_id)).person_id = bearer.person.id
