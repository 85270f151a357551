"""Key rotation at the command line."""

import pytest

from services.unit_of_work import Work
from tests import certificate_rows, factories
from tests.bot.cli.conftest import Terminal
from tests.conftest import SECRET

NEW_SECRET = "another-secret-for-tests-only-9876543210-zyxwv"


async def somebody_enrolled(work: Work) -> None:
    await certificate_rows.enrolled(work, await factories.organisation(work))


def test_keys_are_counted_rotated_and_the_old_one_is_dropped(
    zhengtu: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    zhengtu.put(somebody_enrolled)
    assert "全部在当前密钥下" in zhengtu("keys", "check").out

    monkeypatch.setenv("ZHENGTU_SECRET_KEYS", f"{NEW_SECRET},{SECRET}")
    told = zhengtu("keys", "check")
    assert told.code == 0, told.err
    assert "还有 4 个值在旧密钥下" in told.out
    rotated = zhengtu("keys", "rotate")
    assert rotated.code == 0, rotated.err
    assert "本次更新 2" in rotated.out
    assert "旧密钥可以去掉" in rotated.out

    monkeypatch.setenv("ZHENGTU_SECRET_KEYS", NEW_SECRET)
    counts = {line["place"]: line for line in zhengtu("keys", "check", "--json").document}
    assert counts["persons"] == {"place": "persons", "current": 1, "older": 0, "unreadable": 0, "renewed": 0}
    assert counts["documents"]["current"] == 1


def test_a_key_that_was_dropped_too_early_is_said_so(
    zhengtu: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    zhengtu.put(somebody_enrolled)
    monkeypatch.setenv("ZHENGTU_SECRET_KEYS", NEW_SECRET)
    told = zhengtu("keys", "rotate")
    assert told.code == 1
    assert "4 个值用现有的密钥都解不开" in told.err
