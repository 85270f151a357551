"""What a person reads when something is wrong: one line of Chinese, exit code 1, never a traceback."""

from pathlib import Path

import pytest

from bot.cli.application import run
from bot.cli.problems import report
from tests.bot.cli.conftest import Terminal


def test_a_production_start_without_real_settings_is_refused_with_the_list(
    no_settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["serve"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    for name in ("ZHENGTU_SECRET_KEYS", "ZHENGTU_PUBLIC_URL", "ZHENGTU_WECHAT__MAIN__APP_ID"):
        assert name in told.err
    assert "Traceback" not in told.err
    assert run(["worker"]) == 1


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("nonsense",), "没有 nonsense 这个命令"),
        (("schemes", "list", "--colour"), "没有 --colour 这个选项"),
        (("enrolments", "show"), "缺少 报名号"),
        (("enrolments", "show", "abc"), "报名号 写得不对（应为整数）"),
        (("payments", "list", "--state", "gone"), "--state 写得不对（只能是"),
        (("enrolments", "reject", "1"), "缺少 --reason"),
        (("schemes", "show", "gone"), "没有方案 gone"),
        (("hours", "import", "gone.xlsx"), "找不到文件：gone.xlsx"),
        (("certificates", "issue"), "请写一个报名号"),
        (("verify", "PTA2026000001D"), "--code"),
        (("simulator",), "没有公众号参数"),
        (("--demo", "staff", "list"), "请先运行 zhengtu demo"),
    ],
)
def test_a_wrong_command_is_answered_in_one_line(
    command: tuple[str, ...], said: str, no_settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(command) == 1
    told = capsys.readouterr()
    assert said in told.err
    assert told.err.startswith("错误：")
    assert told.err.count("\n") == 1
    assert told.out == ""


def test_missing_keys_are_named(
    no_settings: Path, monkeypatch: pytest.MonkeyPatch, database_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ZHENGTU_DATABASE_URL", database_url)
    assert run(["staff", "list"]) == 1
    assert "ZHENGTU_SECRET_KEYS" in capsys.readouterr().err


def test_a_setting_that_cannot_be_read_is_named(
    no_settings: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ZHENGTU_PORT", "many")
    assert run(["schemes", "list"]) == 1
    assert "设置有误：port" in capsys.readouterr().err


def test_a_database_that_is_away_is_said_to_be_away(
    zhengtu: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZHENGTU_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    told = zhengtu("staff", "list")
    assert told.code == 1
    assert told.err.startswith("错误：")
    assert "Traceback" not in told.err


def test_what_nobody_foresaw_is_told_by_a_number_only(
    no_settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report(RuntimeError("secret detail"), debug=False)
    last = capsys.readouterr().err.splitlines()[-1]
    assert last.startswith("错误：系统出了意外的问题，编号 ")
    assert "secret detail" not in last
    assert "ZHENGTU_LOG_LEVEL=debug" in last


def test_debugging_shows_where_it_came_from(no_settings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        raise RuntimeError("the detail")
    except RuntimeError as error:
        report(error, debug=True)
    assert "RuntimeError: the detail" in capsys.readouterr().err
