"""What becomes of an enrolment when the person asks for their data to be deleted (C11). Pure.

What was never handed in is nobody's but theirs. What was handed in and looked at is review material, kept for years;
what nobody looked at before it was taken back is not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from services.rules.retention import Standing, due_on


class Fate(StrEnum):
    """What becomes of one enrolment."""

    DRAFT = "draft"  #: never handed in: deleted at once
    ERASE = "erase"  #: handed in, and no duty keeps it: deleted by two people
    KEEP = "keep"  #: a duty keeps it: restricted until then
    RUNNING = "running"  #: under way, not touched


class Duty(StrEnum):
    """Why something is kept."""

    REVIEW = "review"  #: review material and exam files, for years from the end (C11)
    PAPER = "paper"  #: a certificate in force rests on it
    APPOINTMENT = "appointment"  #: an appointment has not ended (E5)
    BLACKLIST = "blacklist"  #: an entry runs, or the person is being heard (C7)
    CHANGE = "change"  #: a change of data waits to be decided (E8)
    APPEAL = "appeal"  #: an objection to a result waits to be decided (B7)
    CANCELLATION = (
        "cancellation"  #: a qualification is to be cancelled, or is for ever, by what is in it (D9)
    )


#: They end when something happens, not on a day.
_OPEN_ENDED: Final = frozenset(
    {Duty.APPOINTMENT, Duty.BLACKLIST, Duty.CHANGE, Duty.APPEAL, Duty.CANCELLATION}
)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One enrolment, as far as its deletion goes."""

    handed_in: bool
    #: Somebody decided about it: passed it on, sent it back, admitted or refused it.
    looked_at: bool
    #: In review or sent back: it is withdrawn by the request.
    in_review: bool
    #: Admitted, and not at its end.
    admitted: bool
    #: The day of its end; None while it has none.
    ended_on: date | None
    #: For how long its scheme keeps it.
    years: int
    standing: Sequence[Standing] = ()
    #: What else rests on it.
    held: frozenset[Duty] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Ruling:
    """What becomes of it, why, and until when."""

    fate: Fate
    duties: tuple[Duty, ...] = ()
    #: The first day on which it need not be kept; None where that is not known yet.
    kept_until: date | None = None
    #: The request takes it back from its review.
    withdraws: bool = False


def rule(case: Case, *, today: date) -> Ruling:
    """What becomes of an enrolment whose applicant asks for deletion today (Shanghai)."""
    if not case.handed_in:
        return Ruling(fate=Fate.DRAFT)
    if case.admitted:
        return Ruling(fate=Fate.RUNNING)
    if not case.looked_at and not case.standing and not case.held:
        return Ruling(fate=Fate.ERASE, withdraws=case.in_review)
    duties = [Duty.REVIEW]
    if case.standing:
        duties.append(Duty.PAPER)
    duties += sorted(case.held)
    until = due_on(case.ended_on or today, years=case.years, standing=case.standing)
    return Ruling(
        fate=Fate.KEEP,
        duties=tuple(duties),
        kept_until=None if case.held & _OPEN_ENDED else until,
        withdraws=case.in_review,
    )
