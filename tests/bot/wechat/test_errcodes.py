"""The platform's errcode table, line by line, written here a second time."""

import pytest

from bot.wechat.errcodes import TABLE, classify, classify_status, explain
from services.ports import Reaction

LINES: list[tuple[str, Reaction]] = [
    ("0", Reaction.OK),
    ("-1", Reaction.RETRY),
    ("40001 40014 42001", Reaction.REFRESH_TOKEN),
    ("40013 40125 40164 40243", Reaction.MISCONFIGURED),
    ("40003", Reaction.BAD_OPENID),
    ("43004 50005", Reaction.UNSUBSCRIBED),
    ("43019 48002", Reaction.BLOCKED),
    ("43101", Reaction.GRANT_GONE),
    ("45015 45047", Reaction.NO_WINDOW),
    ("45009", Reaction.PAUSE_DAY),
    ("45011", Reaction.PAUSE_MINUTE),
    ("40037 47003 43116", Reaction.DEAD),
    ("43117", Reaction.TOO_OFTEN),
    ("45065", Reaction.DUPLICATE),
    ("45066", Reaction.PAUSE_MINUTE),
    ("45067", Reaction.TOO_LONG),
    ("45028", Reaction.QUOTA_GONE),
    ("40007", Reaction.UPLOAD_AGAIN),
    ("40032 45002 45008", Reaction.TOO_LONG),
    ("48001 48004 50002", Reaction.CAPABILITY_OFF),
]


@pytest.mark.parametrize(("codes", "reaction"), LINES)
def test_each_line_of_the_table_has_its_reaction_and_a_sentence_for_staff(
    codes: str, reaction: Reaction
) -> None:
    for code in map(int, codes.split()):
        assert classify(code, "") is reaction
        assert "未知" not in explain(code)


def test_the_table_says_nothing_twice_and_nothing_else() -> None:
    listed = [int(code) for codes, _ in LINES for code in codes.split()]
    assert sorted(entry.code for entry in TABLE) == sorted(listed)


def test_an_unknown_code_is_a_dead_letter_that_names_the_code() -> None:
    assert classify(99999, "what is this") is Reaction.DEAD
    assert "99999" in explain(99999)


@pytest.mark.parametrize(
    ("status", "reaction"),
    [
        (500, Reaction.RETRY),
        (503, Reaction.RETRY),
        (502, Reaction.UNKNOWN),
        (504, Reaction.UNKNOWN),
        (413, Reaction.TOO_LONG),
        (429, Reaction.PAUSE_MINUTE),
        (302, Reaction.MISCONFIGURED),
        (404, Reaction.MISCONFIGURED),
    ],
)
def test_an_http_status_has_a_reaction_too(status: int, reaction: Reaction) -> None:
    assert classify_status(status) is reaction
