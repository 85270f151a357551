"""`zhengtu doctor` at the terminal: one report, an exit code, JSON for programs."""

from pathlib import Path

import pytest

from tests.bot.cli.conftest import Terminal
from tests.installation import free_port


@pytest.fixture
def set_up(zhengtu: Terminal, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """An account whose platform nobody answers for."""
    for key, value in (
        ("APP_ID", "wx1234567890abcdef"),
        ("APP_SECRET", "0123456789abcdef0123456789abcdef"),
        ("TOKEN", "token-main"),
        ("MODE", "plain"),
        ("API_URL", f"http://127.0.0.1:{free_port()}"),
    ):
        monkeypatch.setenv(f"ZHENGTU_WECHAT__MAIN__{key}", value)
    monkeypatch.setenv("ZHENGTU_PUBLIC_URL", f"http://127.0.0.1:{free_port()}")
    return zhengtu


def test_faults_end_with_1_and_each_says_what_to_do(set_up: Terminal) -> None:
    screen = set_up("doctor", "--dev")
    assert screen.code == 1
    assert "✗ ［main］凭证：连不上微信的接口" in screen.out
    assert "→ 检查这台机器能否访问" in screen.out
    assert "✓ 字体：" in screen.out
    assert "2 项故障" in screen.out
    assert "0123456789abcdef0123456789abcdef" not in screen.out + screen.err


def test_as_json_it_is_one_document(set_up: Terminal) -> None:
    screen = set_up("doctor", "--dev", "--json", "--account", "main")
    assert (screen.code, screen.document["ok"]) == (1, False)
    token = next(one for one in screen.document["findings"] if one["step"] == "token")
    assert (token["account"], token["verdict"]) == ("main", "fault")


def test_without_faults_it_ends_with_0(zhengtu: Terminal, tmp_path: Path) -> None:
    screen = zhengtu("doctor", "--dev")
    assert screen.code == 0, screen.out
    assert "0 项故障" in screen.out
    assert list((tmp_path / "var" / "files").rglob("*.bin")) == []


def test_an_account_that_is_not_set_is_named(zhengtu: Terminal) -> None:
    assert "没有公众号 branch" in zhengtu("doctor", "--account", "branch").err
