"""Log lines: JSON where nobody watches, without secrets and people's data."""

import io
import json
import logging
from typing import Any

import pytest
import structlog

from bot import logs
from bot.redaction import HIDDEN, pseudonym, redacted_text

OPENID = "oABCDEFGHIJKLMNOPQRSTUVWXYZ1"
NUMBER = "52010219900307123X"


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What was logged so far, as JSON."""
    written, root = io.StringIO(), logging.getLogger()
    monkeypatch.setattr("sys.stderr", written)
    handlers, root.handlers = root.handlers, []
    level = root.level
    logs.configure("debug")
    yield lambda: [json.loads(line) for line in written.getvalue().splitlines()]
    structlog.reset_defaults()
    root.handlers = handlers
    root.setLevel(level)


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [
        ("openid", OPENID, pseudonym(OPENID)),
        ("touser", OPENID, pseudonym(OPENID)),
        ("access_token", "81_abc", HIDDEN),
        ("app_secret", "s3cret", HIDDEN),
        ("Authorization", "Bearer abc", HIDDEN),
        ("identity_number", "1", HIDDEN),
        ("phone", 13800138000, HIDDEN),
        ("person_name", "王小明", HIDDEN),
        ("facts", {"mobile": "1", "scheme": "quality"}, {"mobile": HIDDEN, "scheme": "quality"}),
        ("notice", "admitted", "admitted"),
        ("count", 3, 3),
        ("messages", [f"to {OPENID}", b"\xff"], [f"to {pseudonym(OPENID)}", HIDDEN]),
    ],
)
def test_a_field_is_kept_hashed_or_hidden_by_its_name(lines: Any, key: str, value: Any, shown: Any) -> None:
    structlog.get_logger().info("event", **{key: value})
    (line,) = lines()
    assert line[key] == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://api/x?access_token=81_abcdef&a=1", f"https://api/x?access_token={HIDDEN}&a=1"),
        ('{"secret": "0123456789abcdef"}', f'{{"secret": "{HIDDEN}"}}'),
        ("postgresql://zhengtu:hunter22@db/zhengtu", f"postgresql://zhengtu:{HIDDEN}@db/zhengtu"),
        (f"身份证号{NUMBER}的人".replace("号", "号 ").replace("的", " 的"), f"身份证号 {HIDDEN} 的人"),
        ("call 13800138000 or +86 138-0013-8000", f"call {HIDDEN} or {HIDDEN}"),
        (f"no user {OPENID}.", f"no user {pseudonym(OPENID)}."),
        ("message 0193a1b2-1111-7000-8000-13800138000a is late", None),
        ("2026-11-21T10:00:00.123456Z, 4.13800138000 s", None),
    ],
)
def test_free_text_loses_what_looks_like_a_secret_or_a_person(text: str, shown: str | None) -> None:
    assert redacted_text(text) == (text if shown is None else shown)


def test_a_traceback_and_a_librarys_line_go_the_same_way(lines: Any) -> None:
    try:
        raise ValueError(f"cannot send to {OPENID} at https://x/y?secret=0123456789")
    except ValueError:
        structlog.get_logger().exception("broken")
    logging.getLogger("somebody.elses").warning("phone %s refused", "13800138000")
    ours, theirs = lines()
    assert OPENID not in str(ours)
    assert "0123456789" not in str(ours)
    assert "ValueError" in ours["exception"]
    assert theirs["event"] == f"phone {HIDDEN} refused"
    assert (theirs["level"], theirs["logger"]) == ("warning", "somebody.elses")
