"""Staff accounts at the command line."""

import pytest

from tests.bot.cli.conftest import Terminal, Typed


def test_an_account_is_added_with_a_generated_password_and_listed(zhengtu: Terminal) -> None:
    added = zhengtu("staff", "add", "wang", "--name", "王老师", "--role", "admin", "--generate", "--json")
    assert added.code == 0, added.err
    assert len(added.document["password"]) >= 12
    assert "password_hash" not in added.document
    listed = zhengtu("staff", "list", "--json").document
    assert [(line["login"], line["role"]) for line in listed] == [("wang", "admin")]
    assert listed[0]["organisation"] == "贵州省 ISO9000 质量促进会"


def test_an_account_is_added_once(office: Terminal) -> None:
    again = office("staff", "add", "xie", "--name", "谢老师", "--generate")
    assert (again.code, again.err) == (1, "错误：账号 xie 已经有人用了。\n")


def test_a_short_password_is_refused(zhengtu: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", Typed("short\n"))
    told = zhengtu("staff", "add", "wang", "--name", "王老师", "--password-stdin")
    assert told.code == 1
    assert "至少要 10 个字符" in told.err


def test_a_new_password_is_set(office: Terminal) -> None:
    told = office("staff", "password", "xie", "--generate", "--json")
    assert told.document["login"] == "xie"
    assert len(told.document["password"]) >= 12
    assert "没有账号" in office("staff", "password", "nobody", "--generate").err


def test_with_several_accounts_one_has_to_be_named(office: Terminal) -> None:
    office("staff", "add", "wang", "--name", "王老师", "--generate")
    told = office("enrolments", "list")
    assert told.code == 1
    assert "--as" in told.err
    assert office("enrolments", "list", "--as", "wang").code == 0


def test_an_unknown_account_does_not_act(office: Terminal) -> None:
    told = office("enrolments", "list", "--as", "nobody")
    assert (told.code, told.err) == (1, "错误：没有在用的账号 nobody，用 zhengtu staff list 查看\n")


def test_without_any_account_one_is_told_how_to_add_it(zhengtu: Terminal) -> None:
    assert "zhengtu staff add" in zhengtu("enrolments", "list").err
