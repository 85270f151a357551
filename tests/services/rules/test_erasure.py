"""What becomes of an enrolment whose applicant asks for deletion (C11)."""

from datetime import date
from typing import Any

import pytest

from services.rules.erasure import Case, Duty, Fate, Ruling, rule
from services.rules.retention import Standing

TODAY = date(2026, 11, 21)
ENDED = date(2020, 5, 20)


def case(**changed: Any) -> Case:
    known: dict[str, Any] = {
        "handed_in": True,
        "looked_at": True,
        "in_review": False,
        "admitted": False,
        "ended_on": ENDED,
        "years": 10,
    }
    return Case(**(known | changed))


@pytest.mark.parametrize(
    ("given", "ruling"),
    [
        ({"handed_in": False, "looked_at": False}, Ruling(fate=Fate.DRAFT)),
        ({"admitted": True, "ended_on": None}, Ruling(fate=Fate.RUNNING)),
        # Taken back before anybody looked: no review, no review material.
        ({"looked_at": False}, Ruling(fate=Fate.ERASE)),
        (
            {"looked_at": False, "in_review": True, "ended_on": None},
            Ruling(fate=Fate.ERASE, withdraws=True),
        ),
        ({}, Ruling(fate=Fate.KEEP, duties=(Duty.REVIEW,), kept_until=date(2030, 5, 20))),
        # Sent back once and now withdrawn: it ends today.
        (
            {"in_review": True, "ended_on": None},
            Ruling(fate=Fate.KEEP, duties=(Duty.REVIEW,), kept_until=date(2036, 11, 21), withdraws=True),
        ),
        (
            {"standing": [Standing(last_on=date(2031, 12, 31))]},
            Ruling(fate=Fate.KEEP, duties=(Duty.REVIEW, Duty.PAPER), kept_until=date(2032, 1, 1)),
        ),
        (
            {"standing": [Standing(last_on=None)]},
            Ruling(fate=Fate.KEEP, duties=(Duty.REVIEW, Duty.PAPER), kept_until=None),
        ),
        (
            {"held": frozenset({Duty.BLACKLIST, Duty.APPOINTMENT})},
            Ruling(fate=Fate.KEEP, duties=(Duty.REVIEW, Duty.APPOINTMENT, Duty.BLACKLIST)),
        ),
        # Nobody decided a stage, but they are being heard: not erased.
        (
            {"looked_at": False, "held": frozenset({Duty.BLACKLIST})},
            Ruling(fate=Fate.KEEP, duties=(Duty.REVIEW, Duty.BLACKLIST)),
        ),
    ],
)
def test_what_goes_what_stays_why_and_until_when_c11(given: dict[str, Any], ruling: Ruling) -> None:
    assert rule(case(**given), today=TODAY) == ruling
