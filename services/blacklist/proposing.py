"""A proposal: what is alleged with its evidence, and that the person is told of it and may answer."""

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from services import attachments, audit, people
from services.access import ensure_officer
from services.blacklist import access, telling
from services.blacklist.bars import DIGEST_CONTEXT, find_bar
from services.errors import ConflictError, NotFoundError, ServiceError
from services.models import Actor, BlacklistState
from services.rules import barring, identity, names, plain_words
from services.rules.localtime import SHANGHAI, local_day
from services.schemes.models import Blacklist, Scheme
from services.unit_of_work import Work
from storage.repositories.blacklist import BlacklistRepository
from storage.repositories.enrolments import EnrolmentRepository
from storage.repositories.people import PeopleRepository
from storage.tables import BlacklistEntry, Enrolment, Person

LONGEST_ALLEGATION = 300
LONGEST_PAPERS = 200


@dataclass(frozen=True, kw_only=True)
class Charge:
    """What is alleged. `papers` names documents that are kept elsewhere; a file or a reference is needed."""

    #: Key of one of the list's reasons.
    reason: str
    allegation: str
    papers: str = ""
    #: (file name, content)
    files: tuple[tuple[str, bytes], ...] = ()


async def by_enrolment(work: Work, actor: Actor, enrolment_id: UUID, charge: Charge) -> BlacklistEntry:
    """Propose the person of an enrolment. Raises as `_propose`."""
    enrolment = await EnrolmentRepository(work.session).find(enrolment_id)
    if enrolment is None or enrolment.person_id is None:
        raise NotFoundError("enrolment.not_found")
    ensure_officer(actor, enrolment.organisation_id)
    scheme = work.scheme(enrolment.scheme_ref)
    person = await PeopleRepository(work.session).get_person(enrolment.person_id)
    return await _propose(work, actor, scheme, person, charge, enrolment=enrolment)


async def by_number(
    work: Work, actor: Actor, list_key: str, number: str, name: str, charge: Charge
) -> BlacklistEntry:
    """Propose somebody by identity number and name, whether they enrolled here or not.

    Raises:
        services.rules.errors.InvalidValueError: the number or the name is none.
        ServiceError: `blacklist.name_differs` from the one that this number is known under; and as `_propose`.
    """
    scheme = next(
        (
            one
            for one in await access.list_keepers(work, actor)
            if one.blacklist and one.blacklist.list == list_key
        ),
        None,
    )
    if scheme is None or actor.organisation_id is None:
        raise NotFoundError("blacklist.no_list")
    ensure_officer(actor, actor.organisation_id)
    person = await _person(work, number, name)
    return await _propose(work, actor, scheme, person, charge, enrolment=None)


async def served_on_paper(work: Work, actor: Actor, entry_id: UUID, served_on: date) -> BlacklistEntry:
    """Keep that the person was told on paper: the days to answer begin anew.

    Raises:
        ConflictError: `blacklist.not_proposed`. ServiceError: `blacklist.served_on` (a day to come, or before the
            proposal).
    """
    entry = await access.locked(work, actor, entry_id)
    if entry.state != BlacklistState.PROPOSED:
        raise ConflictError("blacklist.not_proposed", state=entry.state)
    if not local_day(entry.created_at) <= served_on <= local_day(work.now):
        raise ServiceError("blacklist.served_on")
    blacklist = list_of(work, entry)
    before = _hearing(entry)
    entry.told_at = datetime.combine(served_on, time(), SHANGHAI)
    entry.told_by = "paper"
    until = barring.last_day_to_answer(served_on, blacklist.hearing_days)
    entry.heard_until = max(until, entry.heard_until or until)
    record(work, actor, "blacklist.served", entry, before=before, after=_hearing(entry))
    return entry


def list_of(work: Work, entry: BlacklistEntry) -> Blacklist:
    """What the entry's own scheme version says of the list."""
    blacklist = work.scheme(f"{entry.scheme_id}@{entry.scheme_version}").blacklist
    if blacklist is None:
        raise RuntimeError(f"{entry.scheme_id} keeps no list")
    return blacklist


def record(
    work: Work,
    actor: Actor,
    action: str,
    entry: BlacklistEntry,
    *,
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
    reason: str = "",
) -> None:
    """Into the audit log of the entry's organisation."""
    audit.record(
        work,
        actor,
        action,
        "blacklist",
        entry.id,
        before=before,
        after={"number": entry.number, **(after or {})},
        reason=reason,
        organisation_id=entry.organisation_id,
        scheme_ref=f"{entry.scheme_id}@{entry.scheme_version}",
    )


async def _propose(
    work: Work, actor: Actor, scheme: Scheme, person: Person, charge: Charge, *, enrolment: Enrolment | None
) -> BlacklistEntry:
    """Raises:
    ServiceError: `blacklist.no_list`, `blacklist.reason`, `blacklist.no_evidence`, and as `attachments.add_file`.
    InvalidValueError: `words.…` of what is alleged.
    ConflictError: `blacklist.already_proposed` or `blacklist.already_listed`, with the `number` where it is one's own.
    """
    blacklist = scheme.blacklist
    if blacklist is None:
        raise ServiceError("blacklist.no_list")
    if charge.reason not in {item.key for item in blacklist.reasons}:
        raise ServiceError("blacklist.reason")
    allegation = plain_words.reason(charge.allegation, most=LONGEST_ALLEGATION, label="情况说明")
    papers = (
        plain_words.reason(charge.papers, most=LONGEST_PAPERS, label="依据材料")
        if charge.papers.strip()
        else ""
    )
    if not charge.files and not papers:
        raise ServiceError("blacklist.no_evidence")
    repository = BlacklistRepository(work.session)
    number = people.identity_number(work, person)
    if await find_bar(work, scheme, number) is not None:
        raise ConflictError("blacklist.already_listed")
    if await repository.find_proposed(blacklist.list, person.id) is not None:
        raise ConflictError("blacklist.already_proposed")
    entry = BlacklistEntry(
        id=uuid.uuid4(),
        list_key=blacklist.list,
        identity_digest=work.tools.keyring.digest(number, context=DIGEST_CONTEXT),
        person_id=person.id,
        organisation_id=enrolment.organisation_id if enrolment is not None else actor.organisation_id,
        enrolment_id=enrolment.id if enrolment is not None else None,
        scheme_id=scheme.id,
        scheme_version=scheme.version,
        state=BlacklistState.PROPOSED,
        reason=charge.reason,
        allegation=allegation,
        papers=papers,
        proposed_by=actor.id,
        proposed_by_name=actor.name,
        read_by={},
        created_at=work.now,
    )
    try:
        async with work.session.begin_nested():
            await repository.add(entry)
    except IntegrityError as error:
        raise ConflictError("blacklist.already_proposed") from error
    for filename, content in charge.files:
        await attachments.add_file(
            work, "evidence", filename, content, added_by=actor.name, entry_id=entry.id
        )
    await telling.hearing(work, entry, blacklist, scheme, enrolment)
    record(
        work,
        actor,
        "blacklist.proposed",
        entry,
        after={"state": entry.state, "reason": charge.reason, **_hearing(entry)},
    )
    return entry


def _hearing(entry: BlacklistEntry) -> dict[str, object]:
    return {
        "told_by": entry.told_by,
        "heard_until": entry.heard_until.isoformat() if entry.heard_until is not None else None,
    }


async def _person(work: Work, typed_number: str, typed_name: str) -> Person:
    parsed = identity.parse(typed_number, today=local_day(work.now))
    name = names.parse(typed_name)
    person = await PeopleRepository(work.session).find_or_add(
        people.bearer(work, parsed.number, name), people.digests(work, parsed.number)
    )
    if person.name != name:
        raise ServiceError("blacklist.name_differs")
    return person
