"""Broadcasts at the command line: the same verbs as in the console (issue 4, point 3)."""

from pathlib import Path

import pytest

from services.models import StaffRole
from services.staff import StaffService
from services.unit_of_work import Work
from tests import factories
from tests.bot.cli.conftest import Terminal


async def _story(work: Work) -> None:
    home = await factories.organisation(work)
    for login, name in (("xie", "谢老师"), ("zhou", "周老师")):
        await StaffService(work).add(
            None,
            login=login,
            name=name,
            password="a-long-password-77",
            role=StaffRole.OFFICER,
            organisation_id=home.id,
        )
    for number in range(3):
        await factories.enrolment(
            work,
            organisation=home,
            follower=await factories.follower(work),
            identity_number=factories.identity_number(number),
        )


def test_one_writes_and_submits_and_another_approves_by_the_fingerprint_and_starts(
    zhengtu: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key, value in {
        "APP_ID": "wx1234567890abcdef",
        "APP_SECRET": "1234567890abcdef1234567890abcdef",
        "TOKEN": "token-main",
        "AES_KEYS": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG",
        "ORIGINAL_ID": "gh_5d1a7e0c3b42",
    }.items():
        monkeypatch.setenv(f"ZHENGTU_WECHAT__MAIN__{key}", value)
    zhengtu.put(_story)
    assert "broadcasts draft" in zhengtu("broadcasts", "list", "--as", "xie").out
    made = zhengtu(
        "broadcasts", "draft", "--title", "地点变更", "--text", "改在 302", "--as", "xie", "--json"
    )
    assert made.document["line"]["number"] == 1, made.err
    assert zhengtu("broadcasts", "count", "1", "--as", "xie", "--json").document["recipients"] == 3
    submitted = zhengtu("broadcasts", "submit", "1", "--as", "xie", "--json").document
    assert (submitted["line"]["state"], submitted["line"]["recipients"]) == ("submitted", 3)
    seen = ("--fingerprint", submitted["fingerprint"][:16])
    alone = zhengtu("broadcasts", "approve", "1", *seen, "--as", "xie")
    assert (alone.code, "不能自己审批" in alone.err) == (1, True)
    assert zhengtu("broadcasts", "approve", "1", *seen, "--as", "zhou").code == 0
    assert "2026" not in zhengtu("broadcasts", "schedule", "1", "--as", "zhou").out
    assert "已开始" in zhengtu("broadcasts", "start", "1", "--yes", "--as", "xie").out
    assert "已暂停" in zhengtu("broadcasts", "pause", "1", "--as", "xie").out
    shown = zhengtu("broadcasts", "show", "1", "--as", "xie")
    assert all(part in shown.out for part in ("已暂停", "改在 302", "周老师"))
    cancelled = zhengtu("broadcasts", "cancel", "1", "--reason", "写错了", "--as", "xie", "--json").document
    assert cancelled["progress"]["cancelled"] == 3
    assert "3 人" in zhengtu("broadcasts", "label", "1", "十二月", "--as", "xie").out
    assert zhengtu("broadcasts", "tags", "--as", "zhou", "--json").document == [
        {"tag": "十二月", "people": 3}
    ]
    assert "3 人" in zhengtu("broadcasts", "unlabel", "十二月", "--as", "xie").out
    book = tmp_path / "report.xlsx"
    assert zhengtu("broadcasts", "report", "1", str(book), "--as", "xie").code == 0
    assert book.read_bytes().startswith(b"PK")
