"""Class days and sign-ins at the command line (C8)."""

import pytest

from tests.bot.cli.conftest import Terminal
from tests.bot.cli.test_authorisations import society


def test_days_are_planned_and_listed_c8(zhengtu: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    zhengtu.put(society)
    monkeypatch.setenv("ZHENGTU_STAFF", "li")
    added = zhengtu(
        "classes", "add", "CD4-1", "--scheme", "metrology-length-4", "--title", "中级工班",
        "--starts-on", "2099-12-01", "--ends-on", "2099-12-02",
        "--item", "培训费|1800|人|黔价费〔2026〕1号|本期学员", "--hotline", "0851-85000000",
    )  # fmt: skip
    assert added.code == 0, added.err
    planned = zhengtu(
        "attendance", "plan", "CD4-1", "--title", "长度计量基础", "--starts-at", "2099-12-01T09:00",
        "--ends-at", "2099-12-01T17:00", "--hours", "8", "--json",
    ).document  # fmt: skip
    [listed] = zhengtu("attendance", "list", "CD4-1", "--json").document
    assert listed["code"] == planned["code"]
    assert zhengtu("attendance", "list", "CD4-1", "--day", planned["code"], "--json").document == []
    gone = zhengtu("attendance", "take-back", "CD4-1", planned["code"], "--reason", "停课", "--json").document
    assert gone == {"hours": "0", "people": 0, "below": []}
    refused = zhengtu("attendance", "add", "10001", "CD4-1", "nothing", "--reason", "手机没电")
    assert "没有签到码 nothing" in refused.err
