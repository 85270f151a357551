"""What of the installation's figures somebody should look at."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.operations import (
    JobCount,
    LastRun,
    Leader,
    OutboxCount,
    SentCount,
    Snapshot,
    concerns,
)

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Disk:
    total: int
    free: int


HEALTHY = Snapshot(
    at=NOW,
    outbox=(OutboxCount(account="main", state="due", messages=3, oldest=NOW - timedelta(seconds=2)),),
    sent=(SentCount(account="main", api="template", last_hour=10, today=80_000),),
    receipts=(),
    jobs=JobCount(due=2, later=0, doing=1, failed=0, workers=2),
    ticks=(LastRun(tick="x", scheduled_for=NOW, started_at=NOW - timedelta(seconds=8)),),
    leader=Leader(process="host:1", since=NOW - timedelta(hours=3)),
    database_bytes=10**9,
    files=Disk(10**12, 10**11),
)


def waiting(state: str, messages: int, minutes: int = 0) -> tuple[OutboxCount, ...]:
    oldest = NOW - timedelta(minutes=minutes) if minutes else None
    return (OutboxCount(account="main", state=state, messages=messages, oldest=oldest),)


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({}, []),
        ({"files": None}, []),
        ({"leader": None}, ["no_leader"]),
        ({"jobs": replace(HEALTHY.jobs, workers=0)}, ["no_worker"]),
        ({"jobs": replace(HEALTHY.jobs, failed=2, due=501)}, ["jobs_failed", "jobs_late"]),
        ({"ticks": ()}, ["ticks_stopped"]),
        ({"at": NOW + timedelta(minutes=3)}, ["ticks_stopped"]),
        # A leader that has only begun has not run a tick yet.
        ({"ticks": (), "leader": Leader(process="host:1", since=NOW - timedelta(seconds=5))}, []),
        ({"outbox": waiting("due", 1, minutes=11)}, ["stuck"]),
        ({"outbox": waiting("due", 1, minutes=9)}, []),
        ({"outbox": waiting("unknown", 2) + waiting("dead", 1)}, ["unknown", "dead"]),
        ({"files": Disk(10**12, 10**10)}, ["disk_low"]),
        ({"files": Disk(10**10, 9 * 10**8)}, ["disk_low"]),
        (
            {"sent": (SentCount(account="main", api="template", last_hour=1, today=95_000),)},
            ["quota_low"],
        ),
    ],
)
def test_what_is_not_as_it_should_be_is_named(change: dict[str, Any], codes: list[str]) -> None:
    assert [one.code for one in concerns(replace(HEALTHY, **change), ("main",))] == codes


def test_the_day_s_calls_that_are_left_never_fall_below_none() -> None:
    assert HEALTHY.quota_left("main", "template") == 20_000
    assert HEALTHY.quota_left("main", "custom") == 500_000
    used_up = replace(HEALTHY, sent=(replace(HEALTHY.sent[0], today=120_000),))
    assert used_up.quota_left("main", "template") == 0
