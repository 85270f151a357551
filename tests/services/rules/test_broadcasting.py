"""Which state of a broadcast may follow which, how batches are cut, and what an answer means for one (issue 4, point 3)."""

from datetime import UTC, datetime, timedelta

import pytest

from services.ports import Reaction
from services.rules.broadcasting import (
    MOST_OF_A_CHUNK,
    REPEAT_WITHIN,
    TRANSITIONS,
    ChunkFate,
    Verb,
    chunk_size,
    filled,
    judge_chunk,
    month_began,
    too_many_failed,
    unknown_fields,
)
from storage.broadcast_states import BroadcastState


def test_every_state_of_the_table_is_one_of_a_broadcast_and_what_is_over_stays_over() -> None:
    known = {state.value for state in BroadcastState}
    assert {state for state, _ in TRANSITIONS} | set(TRANSITIONS.values()) == known
    assert not [verb for state, verb in TRANSITIONS if state == "cancelled"]
    assert ("draft", Verb.START) not in TRANSITIONS
    assert ("submitted", Verb.START) not in TRANSITIONS


@pytest.mark.parametrize(
    ("waiting", "size"),
    [(2, 2), (10_000, 10_000), (10_001, 9_999), (10_002, 10_000), (1_000_000, MOST_OF_A_CHUNK)],
)
def test_no_batch_is_cut_so_that_one_person_alone_is_left(waiting: int, size: int) -> None:
    assert chunk_size(waiting) == size


@pytest.mark.parametrize(
    ("reaction", "may_have_left", "fate", "pauses"),
    [
        (Reaction.OK, False, ChunkFate.ACCEPTED, False),
        (Reaction.DUPLICATE, True, ChunkFate.ACCEPTED, False),
        (Reaction.UNKNOWN, False, ChunkFate.AGAIN, False),
        (Reaction.PAUSE_MINUTE, False, ChunkFate.AGAIN, False),
        (Reaction.UPLOAD_AGAIN, False, ChunkFate.AGAIN, False),
        (Reaction.QUOTA_GONE, False, ChunkFate.RELEASE, True),
        (Reaction.MISCONFIGURED, False, ChunkFate.RELEASE, True),
        (Reaction.CAPABILITY_OFF, True, ChunkFate.AGAIN, True),
        (Reaction.DEAD, False, ChunkFate.FAILED, False),
        (Reaction.DEAD, True, ChunkFate.UNKNOWN, False),
        (Reaction.TOO_LONG, False, ChunkFate.FAILED, False),
    ],
)
def test_an_answer_decides_what_becomes_of_a_batch(
    reaction: Reaction, may_have_left: bool, fate: ChunkFate, pauses: bool
) -> None:
    verdict = judge_chunk(reaction, tries=1, may_have_left=may_have_left, tried_for=timedelta(0), jitter=0.5)
    assert (verdict.fate, verdict.pauses) == (fate, pauses)


def test_a_batch_is_repeated_under_its_id_only_while_wechat_remembers_it() -> None:
    late = judge_chunk(Reaction.UNKNOWN, tries=1, may_have_left=True, tried_for=REPEAT_WITHIN, jitter=0)
    assert late.fate is ChunkFate.UNKNOWN
    often = judge_chunk(Reaction.RETRY, tries=5, may_have_left=False, tried_for=timedelta(0), jitter=0)
    assert often.fate is ChunkFate.FAILED


@pytest.mark.parametrize(
    ("failed", "decided", "stops"), [(1, 10, False), (1, 20, False), (2, 20, True), (50, 1000, False)]
)
def test_more_than_five_in_a_hundred_stop_a_broadcast_once_twenty_are_known(
    failed: int, decided: int, stops: bool
) -> None:
    assert too_many_failed(failed, decided) is stops


def test_a_month_begins_in_shanghai_and_fields_are_put_in_as_they_are_written() -> None:
    assert month_began(datetime(2026, 11, 30, 17, tzinfo=UTC)).isoformat() == "2026-12-01T00:00:00+08:00"
    assert (
        filled("{姓名}，{项目}：{x}", {"姓名": "王{项目}", "项目": "质量安全员"})
        == "王质量安全员，质量安全员：{x}"
    )
    assert unknown_fields("{姓名} {性名} {a\nb}") == ("性名",)
