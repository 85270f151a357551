"""Lists, cards and assignments at the command line, each organisation's staff their own step (D7, D8, D9)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.models import StaffRole
from services.spreadsheets.workbook import read_first_sheet
from services.staff import StaffService
from services.unit_of_work import Work
from tests.bot.cli.conftest import Terminal
from tests.services import sichuan_stories as stories


async def people(work: Work) -> dict[str, int]:
    """The centres with an account each; one who passed, two whose 附件5 is to be exported."""
    at = await stories.centres(work)
    for login, organisation in (("city", at.city), ("province", at.province), ("second", at.city)):
        await StaffService(work).add(
            None,
            login=login,
            name=login,
            password="correct-horse-9",
            role=StaffRole.OFFICER,
            organisation_id=organisation.id,
        )
    passed = await stories.passed(work, at.institution, name="考评甲", employer="单位甲")
    await stories.applicant(work, at.city, scheme_id="sichuan-supervisor")
    lacking = await stories.applicant(work, at.city, scheme_id="sichuan-supervisor", name="李四", email="")
    return {"passed": passed.number, "lacking": lacking.number}


def test_annex_5_is_exported_after_what_lacks_was_named_d8(zhengtu: Terminal, tmp_path: Path) -> None:
    numbers = zhengtu.put(people)
    file = tmp_path / "annex5.xlsx"
    wanted = (
        "lists",
        "export",
        str(file),
        "--scheme",
        "sichuan-supervisor",
        "--list",
        "annex5",
        "--as",
        "city",
    )
    refused = zhengtu(*wanted)
    assert refused.code == 1
    assert f"报名号 {numbers['lacking']} 李四：电子邮箱" in refused.err
    assert not file.exists()
    made = zhengtu(*wanted, "--complete-only", "--json")
    assert (made.document["rows"], made.document["left_out"]) == (1, 1)
    assert len(read_first_sheet(file.read_bytes())[1]) == 14


def test_a_card_goes_from_report_to_cancellation_for_ever_d7_d9(zhengtu: Terminal, tmp_path: Path) -> None:
    number = str(zhengtu.put(people)["passed"])
    assert "考评甲" in zhengtu("cards", "waiting", "--as", "city").out
    assert "已上报" in zhengtu("cards", "report", number, "--as", "city").out
    assert zhengtu("cards", "number", number, "--as", "city").code == 1
    (card,) = zhengtu("cards", "number", number, "--as", "province", "--json").document
    assert card["number"].startswith("SCKP")
    file = tmp_path / "cards.pdf"
    assert zhengtu("cards", "print", str(file), number, "--as", "city").code == 0
    assert file.read_bytes().startswith(b"%PDF-")
    plan = zhengtu(
        "assignments", "add", "--cards", "sichuan_examiner", "--occupation", "电工", "--day", _soon(), "--place", "成都",
        "--assessed", "某机构", "--wanted", "1", "--as", "city", "--json",
    ).document  # fmt: skip
    drawn = zhengtu("assignments", "draw", str(plan["number"]), "--as", "city", "--json").document
    assert drawn["chosen"] == [card["number"]]
    checked = zhengtu(
        "assignments",
        "check",
        str(plan["number"]),
        "--card",
        card["number"],
        "--name",
        "冒名",
        "--as",
        "city",
    )
    assert "人证不符" in checked.out
    evidence = ("--reason", "伪造", "--evidence", "报告", "--for-ever")
    assert zhengtu("cards", "make", number, "--as", "city").code == 0
    copied = zhengtu(
        "cards", "replace", number, "--reason", "本人书面说明", "--as", "city", "--json"
    ).document
    assert (copied["number"], copied["copy"]) == (card["number"], 2)
    assert "起可以办理" in zhengtu("cards", "renew", number, "--reason", "复核合格", "--as", "city").err
    assert "等待另一位" in zhengtu("cards", "cancel", number, *evidence, "--as", "city").out
    refused = zhengtu("cards", "confirm", number, "--as", "city")
    assert "永久取消要两个人" in refused.err
    assert "已永久取消" in zhengtu("cards", "confirm", number, "--as", "second").out
    (left,) = zhengtu("cards", "list", "--as", "city", "--json").document
    assert left["state"] == "cancelled_for_ever"
    assert "已取消" in zhengtu("assignments", "show", str(plan["number"]), "--as", "city").out


def _soon() -> str:
    """Commands go by the real clock."""
    return (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
