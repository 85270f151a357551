"""What the person is told: that they are heard first, what was decided, and that it is over (C7)."""

from services.models import BlacklistState
from services.notices import NoticeService
from services.notices.outbox import Addressed
from services.rules import barring
from services.rules.calendar import next_allowed
from services.rules.localtime import local_date, local_datetime, local_day
from services.schemes.models import Blacklist, Scheme
from services.unit_of_work import Work
from storage.repositories.blacklist import BlacklistRepository
from storage.repositories.organisations import OrganisationRepository
from storage.tables import BlacklistEntry, Enrolment


def group_of(entry: BlacklistEntry) -> str:
    """The outbox's group of the messages that tell of the hearing."""
    return f"blacklist:{entry.id}"


async def hearing(
    work: Work, entry: BlacklistEntry, blacklist: Blacklist, scheme: Scheme, enrolment: Enrolment | None
) -> None:
    """Tell the person in every chat that is theirs, and set the last day to answer.

    Nobody to write to: the entry stays untold, and staff tell on paper.
    """
    followers = list(await BlacklistRepository(work.session).reachable_followers(entry.person_id))
    if not followers:
        return
    # The days count from when the message may leave.
    due = next_allowed(work.now) if work.tools.quiet_hours else work.now
    entry.told_at, entry.told_by = due, "chat"
    entry.heard_until = barring.last_day_to_answer(local_day(due), blacklist.hearing_days)
    facts = {
        "scheme": scheme.short_title,
        "organisation": await _organisation(work, entry),
        "reason": blacklist.label(entry.reason),
        "allegation": entry.allegation,
        "years": blacklist.years,
        "until": local_date(entry.heard_until),
        "hint": "请回复 陈述 说明情况",
        "time": local_datetime(work.now),
    }
    await NoticeService(work).send_many(
        [
            Addressed(
                follower_id=follower,
                notice="blacklist_hearing",
                cause=f"{entry.id}:{follower}",
                facts=facts,
                enrolment_id=enrolment.id if enrolment is not None else None,
                group=group_of(entry),
            )
            for follower in followers
        ]
    )


async def decision(work: Work, entry: BlacklistEntry, blacklist: Blacklist) -> None:
    """Tell what became of it."""
    scheme = work.scheme(f"{entry.scheme_id}@{entry.scheme_version}")
    notice, facts = {
        BlacklistState.CONFIRMED: ("blacklist_confirmed", {"hint": "回复 陈述 可提出异议"}),
        BlacklistState.DISMISSED: ("blacklist_dismissed", {"hint": "不列入黑名单"}),
        BlacklistState.LIFTED: ("blacklist_lifted", {"hint": "可以重新报名"}),
    }[BlacklistState(entry.state)]
    facts |= {
        "scheme": scheme.short_title,
        "organisation": await _organisation(work, entry),
        "reason": blacklist.label(entry.reason),
        "since": local_date(entry.starts_on) if entry.starts_on is not None else "",
        "until": local_date(entry.last_on) if entry.last_on is not None else "",
        "why": entry.lift_reason if entry.state == BlacklistState.LIFTED else entry.decision_reason,
        "time": local_datetime(work.now),
    }
    await NoticeService(work).send_many(
        [
            Addressed(
                follower_id=follower,
                notice=notice,
                cause=f"{entry.id}:{follower}",
                facts=facts,
                enrolment_id=entry.enrolment_id,
            )
            for follower in await BlacklistRepository(work.session).reachable_followers(entry.person_id)
        ]
    )


async def _organisation(work: Work, entry: BlacklistEntry) -> str:
    found = await OrganisationRepository(work.session).find(entry.organisation_id)
    return found.name if found is not None else ""
