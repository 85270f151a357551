"""What the year brings by itself: self-checks open, are reminded of, are missed; few people are proposed (C12, C13)."""

from uuid import uuid4

from services import audit
from services.authorisation import training
from services.authorisation.measures import measures
from services.authorisation.proposals import propose
from services.models import Actor
from services.rules.authorisation import last_year_due, proposed_by_numbers, reminders_due
from services.rules.localtime import local_day
from services.unit_of_work import Work
from storage.authorisation_states import AuthorisationState, EndingCause, SelfCheckState
from storage.repositories.authorisation import AuthorisationRepository
from storage.repositories.authorisation_life import LifeRepository
from storage.tables import Authorisation, SelfCheck

_ACTOR = Actor.system("authorisations")


async def follow_year(work: Work) -> int:
    """Do what is due today, and what was missed while nothing ran; says how much was done. Safe to repeat."""
    days, today = measures().self_check, local_day(work.now)
    month, day = days.due
    past = last_year_due(today, month=month, day=day)
    done = await _open(work, past)
    if today >= days.opens_on(past + 1):
        done += await _open(work, past + 1)
    for row, authorisation in await LifeRepository(work.session).open_self_checks():
        done += _remind(work, row, authorisation)
        done += _miss(work, row, authorisation)
    await work.session.flush()
    return done + await _propose(work, past)


async def _open(work: Work, year: int) -> int:
    """A self-check for everybody who owes one for this year and has none."""
    rows = await LifeRepository(work.session).without_self_check(year)
    for authorisation in rows:
        row = SelfCheck(
            id=uuid4(),
            authorisation_id=authorisation.id,
            year=year,
            due_on=measures().self_check.due_on(year),
            state=SelfCheckState.OPEN,
            reminders=0,
            created_at=work.now,
        )
        work.session.add(row)
        _record(work, "self_check.opened", row, authorisation)
    await work.session.flush()
    return len(rows)


def _remind(work: Work, row: SelfCheck, authorisation: Authorisation) -> int:
    due = reminders_due(local_day(work.now), row.year, measures().self_check.reminders)
    if due <= row.reminders:
        return 0
    row.reminders = due
    _record(work, "self_check.reminded", row, authorisation)
    return 1


def _miss(work: Work, row: SelfCheck, authorisation: Authorisation) -> int:
    if local_day(work.now) <= row.due_on:
        return 0
    row.state = SelfCheckState.MISSED
    _record(work, "self_check.missed", row, authorisation)
    return 1


async def _propose(work: Work, year: int) -> int:
    """Of a year that is over: fewer people than the measures ask for, or none."""
    rows = await AuthorisationRepository(work.session).list_of_society(
        None, states=(AuthorisationState.ACTIVE, AuthorisationState.SUSPENDED)
    )
    life, made = LifeRepository(work.session), 0
    for authorisation, _ in rows:
        limits = measures().limits
        # Who was not authorised for the whole year is not counted at all.
        if not proposed_by_numbers(0, year=year, authorised_on=authorisation.authorised_on, limits=limits):
            continue
        trained = sum(line.trained for line in await training.counted(work, authorisation, year))
        cause = proposed_by_numbers(
            trained, year=year, authorised_on=authorisation.authorised_on, limits=limits
        )
        if not cause:
            continue
        check = await life.find_self_check_of(authorisation.id, year)
        declared = sum(one["trained"] for one in check.declared) if check is not None else 0
        facts = {"year": year, "trained": trained, "declared": declared, "needed": limits.people_a_year}
        made += await propose(work, authorisation, EndingCause(cause), f"year:{year}", facts)
    return made


def _record(work: Work, action: str, row: SelfCheck, authorisation: Authorisation) -> None:
    audit.record(
        work,
        _ACTOR,
        action,
        "self_check",
        row.id,
        after={"state": str(row.state), "year": row.year, "reminders": row.reminders},
        organisation_id=authorisation.organisation_id,
    )
