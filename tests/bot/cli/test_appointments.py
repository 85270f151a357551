"""Appointments and roster checks at the command line: the same verbs as in the console (E4, E6, E7)."""

from pathlib import Path

import pytest

from services.models import StaffRole
from services.staff import StaffService
from services.unit_of_work import Work
from tests import factories
from tests.appointment_stories import LABORATORY, open_house
from tests.bot.cli.conftest import Terminal


@pytest.fixture
def cqc(zhengtu: Terminal) -> Terminal:
    """An appointed person, and staff of the training centre and of a department."""

    async def story(work: Work) -> None:
        house = await open_house(work.tools)
        await house.appointed("CCC")
        await house.approve(await house.applicant("CCC", name="李红", serial=2))
        for login, where in (
            ("training", "training"),
            ("product", "product"),
            ("lab", "laboratory"),
            ("branch", "sub_centre"),
            ("business", "business"),
        ):
            await StaffService(work).add(
                None,
                login=login,
                name="谢老师",
                password="correct-horse-9",
                role=StaffRole.OFFICER,
                organisation_id=house.ids[where],
            )

    zhengtu.put(story)
    return zhengtu


def test_appointments_are_listed_suspended_evaluated_and_ended_e4_e6_e7(
    cqc: Terminal, tmp_path: Path
) -> None:
    training, product = ("--as", "training"), ("--as", "product")
    [line] = cqc("appointments", "list", *training, "--json").document
    assert (line["number"], line["fields"], line["right"]) == ("CQC000001", ["CCC"], "granted")
    refused = cqc("appointments", "suspend", "CQC000001", "--reason", "核查", *training)
    assert (refused.code, "CCC 将没有人覆盖" in refused.err, "--uncovers" in refused.err) == (1, True, True)
    given = ("--reason", "核查", "--uncovers", "CCC", *training, "--json")
    suspended = cqc("appointments", "suspend", "CQC000001", *given)
    assert suspended.document["state"] == "suspended", suspended.err
    assert cqc("appointments", "restore", "CQC000001", "--reason", "无误", *training).code == 0
    told = cqc("appointments", "evaluate", "CQC000001", "--period", "2026年度", "--mark", "合格", *product)
    assert told.code == 0, told.err
    kept = cqc(
        "appointments", "decide", "CQC000001", "keep", "--period", "2026年度", "--reason", "合格", *training
    )
    assert "保持资格" in kept.out, kept.err
    assert "2026年度" in cqc("appointments", "show", "CQC000001", *training).out
    coverage = cqc("appointments", "coverage", *training, "--json").document
    assert {one["name"]: one["gaps"] for one in coverage}[LABORATORY] == []
    begun = cqc("rosters", "begin", "核查", "--due-on", "2999-12-30", *training, "--json")
    check = begun.document["id"]
    file = tmp_path / "logins.csv"
    file.write_text(f"姓名,登录账号,检测机构\n孙丽,sunli,{LABORATORY}\n", encoding="utf-8")
    assert cqc("rosters", "import", check, str(file), *training, "--json").document["new"] == 1
    shown = cqc("rosters", "show", check, *training, "--json").document
    assert {one["name"]: one["case"] for one in shown["people"]} == {
        "孙丽": "unconfirmed", "王小明": "unconfirmed",
    }  # fmt: skip
    ended = cqc("appointments", "end", "CQC000001", "--reason", "离职", "--uncovers", "CCC", *training)
    assert "已终止" in ended.out, ended.err


def test_account_business_login_and_roster_are_settled_at_the_command_line_too_e4_e5_e6(
    cqc: Terminal, tmp_path: Path
) -> None:
    training, lab, branch, business = (("--as", who) for who in ("training", "lab", "branch", "business"))
    set_ = cqc("appointments", "set-business", LABORATORY, "--field", "CCC", "--field", "PSE", *lab, "--json")
    assert (set_.document["business"], set_.document["gaps"]) == (["CCC", "PSE"], ["PSE"]), set_.err
    unknown = cqc("appointments", "set-business", "没有的机构", "--field", "CCC", *lab)
    assert "没有检测机构“没有的机构”" in unknown.err

    [waiting] = cqc("enrolments", "list", *branch, "--json").document
    number = str(waiting["number"])
    given = ("--mailed-on", "2026-11-20", *branch, "--json")
    kept = cqc("appointments", "register-account", number, *given)
    assert kept.document["origin"] == "created", kept.err
    assert cqc("enrolments", "approve", number, *branch).code == 0
    assert cqc("enrolments", "approve", number, *training).code == 0
    login = cqc("appointments", "reveal-login", "CQC000002", *business, "--json").document["login"]
    assert login == factories.identity_number(2)
    assert cqc("appointments", "request-login", "CQC000002", *lab).code == 0
    assert cqc("appointments", "grant-login", "CQC000002", *business).code == 0
    assert cqc("appointments", "confirm-login", "CQC000002", *business, "--json").document["applied"]

    check = cqc("rosters", "begin", "核查", "--due-on", "2999-12-30", *training, "--json").document["id"]
    file = tmp_path / "logins.csv"
    file.write_text(f"姓名,登录账号,检测机构\n孙丽,sunli,{LABORATORY}\n", encoding="utf-8")
    assert cqc("rosters", "import", check, str(file), *business).code == 0
    people = cqc("rosters", "show", check, *lab, "--json").document["people"]
    entries = {one["name"]: one["id"] for one in people}
    for name, there in (("孙丽", "no"), ("王小明", "yes"), ("李红", "yes")):
        assert cqc("rosters", "answer", entries[name], there, *lab).code == 0
    assert cqc("rosters", "name", check, "周强", *lab).code == 0
    assert "1 人没有处理完" in cqc("rosters", "close", check, *training).err
    settled = cqc("rosters", "settle", entries["孙丽"], "purged", "--reason", "已离岗", *training)
    assert "已清理" in settled.out, settled.err
    assert cqc("rosters", "close", check, *training, "--json").document["closed"]
