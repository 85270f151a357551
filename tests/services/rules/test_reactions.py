"""WeChat's answers line by line: from the errcode to what becomes of a message, written here a second time."""

from datetime import timedelta

import pytest

from bot.wechat.errcodes import TABLE, classify
from services.ports import Reaction
from services.rules.delivery import Channel, Fate, Mark, Rest, judge

#: Codes; what a first try of a template message comes to; who is marked; what rests.
LINES: list[tuple[str, Fate, Mark | None, Rest | None]] = [
    ("0 45065", Fate.ACCEPTED, None, None),
    ("-1 40001 40014 42001 40007 43117", Fate.RETRY, None, None),
    ("40013 40125 40164 40243", Fate.LATER, None, Rest.CIRCUIT),
    ("40003 43019 48002", Fate.FAILED, Mark.UNREACHABLE, None),
    ("43004 50005", Fate.FAILED, Mark.UNFOLLOWED, None),
    ("43101", Fate.FAILED, None, None),
    ("45009", Fate.LATER, None, Rest.API_DAY),
    ("45011 45066", Fate.LATER, None, Rest.API_MINUTE),
    ("45015 45047", Fate.RETRY, None, None),
    ("40037 47003 43116 45067 45028 40032 45002 45008", Fate.DEAD, None, None),
    ("48001 48004 50002", Fate.RETRY, None, Rest.API_HOUR),
]
CODES = [(int(code), fate, mark, rest) for codes, fate, mark, rest in LINES for code in codes.split()]


@pytest.mark.parametrize(("errcode", "fate", "mark", "rest"), CODES)
def test_each_errcode_decides_what_becomes_of_the_message_its_person_and_the_api(
    errcode: int, fate: Fate, mark: Mark | None, rest: Rest | None
) -> None:
    verdict = judge(
        classify(errcode), Channel.TEMPLATE, tries=1, repeated=False, tried_for=timedelta(0), jitter=0.5
    )
    assert (verdict.fate, verdict.mark, verdict.rest) == (fate, mark, rest)
    assert (verdict.delay >= timedelta(hours=1)) == (errcode == 43117)


def test_the_lines_are_those_of_the_table() -> None:
    assert sorted(code for code, *_ in CODES) == sorted(entry.code for entry in TABLE)


@pytest.mark.parametrize("errcode", [45015, 45047])
def test_without_a_window_a_customer_service_message_waits_and_its_window_is_closed(errcode: int) -> None:
    verdict = judge(
        classify(errcode),
        Channel.CUSTOMER_SERVICE,
        tries=1,
        repeated=False,
        tried_for=timedelta(0),
        jitter=0.5,
    )
    assert (verdict.fate, verdict.closes_window) == (Fate.LATER, True)


@pytest.mark.parametrize(
    ("channel", "tried_for", "fate"),
    [
        (Channel.TEMPLATE, timedelta(minutes=7), Fate.REPEAT),
        (Channel.TEMPLATE, timedelta(minutes=8), Fate.UNKNOWN),
        (Channel.CUSTOMER_SERVICE, timedelta(0), Fate.UNKNOWN),
        (Channel.AFTER_PICTURE, timedelta(0), Fate.UNKNOWN),
    ],
)
def test_what_may_have_left_is_repeated_by_its_id_within_eight_minutes_and_otherwise_never(
    channel: Channel, tried_for: timedelta, fate: Fate
) -> None:
    verdict = judge(Reaction.UNKNOWN, channel, tries=1, repeated=False, tried_for=tried_for, jitter=0.5)
    assert verdict.fate is fate
