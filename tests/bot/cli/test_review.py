"""Reviewing, paying, studying at the command line: the same verbs as in the console."""

from pathlib import Path

from services.models import EnrolmentState
from services.spreadsheets import template_workbook
from services.unit_of_work import Work
from storage.repositories.organisations import OrganisationRepository
from tests import factories
from tests.bot.cli.conftest import Terminal


def _enrolled(office: Terminal, state: EnrolmentState = EnrolmentState.IN_REVIEW) -> int:
    async def story(work: Work) -> int:
        organisation = await OrganisationRepository(work.session).find_by_name("贵州省 ISO9000 质量促进会")
        assert organisation is not None
        row = await factories.enrolment(
            work, organisation=organisation, follower=await factories.follower(work), state=state
        )
        return row.number

    return office.put(story)


def test_the_queue_shows_masked_numbers_only(office: Terminal) -> None:
    number = _enrolled(office)
    listed = office("enrolments", "list", "--json")
    assert [line["number"] for line in listed.document] == [number]
    assert factories.IDENTITY_NUMBER not in listed.out
    assert listed.err == ""
    table = office("enrolments", "list").out
    assert "王小明" in table
    assert "待审核" in table


def test_an_enrolment_is_shown_and_approved_once(office: Terminal) -> None:
    number = _enrolled(office)
    shown = office("enrolments", "show", str(number))
    assert "王小明" in shown.out
    assert factories.MOBILE not in shown.out
    approved = office("enrolments", "approve", str(number), "--json")
    assert approved.document == {"number": number, "state": "admitted"}
    again = office("enrolments", "approve", str(number))
    assert again.code == 1
    assert "不在审核中" in again.err


def test_only_the_named_items_are_returned(office: Terminal) -> None:
    number = _enrolled(office)
    told = office("enrolments", "return", str(number), "--reason", "联系电话=号码少一位", "--json")
    assert told.document["returned"] == {"mobile": "号码少一位"}
    assert office("enrolments", "list", "--state", "returned", "--json").document[0]["number"] == number


def test_a_reason_has_to_name_its_item(office: Terminal) -> None:
    told = office("enrolments", "return", "1", "--reason", "不清楚")
    assert told.code == 1
    assert "项目=原因" in told.err


def test_an_enrolment_is_rejected_with_a_reason(office: Terminal) -> None:
    number = _enrolled(office)
    assert office("enrolments", "reject", str(number), "--reason", "材料不属于本人").code == 0
    assert office("enrolments", "show", str(number), "--json").document["state"] == "rejected"


def test_a_transfer_is_confirmed_by_its_fee_and_the_remark_is_checked(office: Terminal) -> None:
    """A7"""
    number = _enrolled(office)
    office("enrolments", "approve", str(number))
    wrong = office("payments", "confirm", str(number), "verification", "--remark", "培训费")
    assert wrong.code == 1
    assert "人员能力验证费" in wrong.err
    short = office("payments", "confirm", str(number), "人员能力验证费", "--amount", "100", "--json")
    assert (short.document["state"], short.document["paid_fen"]) == ("short", 10000)
    rest = office("payments", "confirm", str(number), "verification", "--json")
    assert (rest.document["state"], rest.document["paid_fen"]) == ("confirmed", 8000)
    unknown = office("payments", "confirm", str(number), "lunch")
    assert "应缴的有" in unknown.err
    assert {line["state"] for line in office("payments", "list", "--json").document} == {"confirmed", "due"}


def test_a_class_is_announced_joined_and_listed(office: Terminal) -> None:
    """A5, A7"""
    number = _enrolled(office, EnrolmentState.ADMITTED)
    added = office(
        "classes", "add", "2026-11", "--scheme", "quality-safety-officer", "--title", "十一月班",
        "--starts-on", "2999-11-01", "--ends-on", "2999-11-20", "--fee", "4000",
        "--payee", "促进会,某银行,123456", "--json",
    )  # fmt: skip
    assert (added.code, added.document["training_fee_fen"]) == (0, 400000), added.err
    assert office("classes", "join", str(number), "2026-11").code == 0
    assert office("classes", "list", "--json").document[0]["members"] == 1
    assert "已经用过" in office(
        "classes", "add", "2026-11", "--scheme", "quality-safety-officer", "--title", "x",
        "--starts-on", "2999-11-01", "--ends-on", "2999-11-20",
    ).err  # fmt: skip


def test_hours_are_tried_then_imported_and_the_same_file_changes_nothing(
    office: Terminal, tmp_path: Path
) -> None:
    from services.study.hours_sheet import TEMPLATE_COLUMNS

    number = _enrolled(office, EnrolmentState.ADMITTED)
    row = {"number": str(number), "name": "王小明", "course": "法规", "studied_on": "2026-01-10", "hours": 8}
    file = tmp_path / "学时.xlsx"
    file.write_bytes(template_workbook(TEMPLATE_COLUMNS, [row, row | {"name": "李四", "course": "标准"}]))
    tried = office("hours", "import", str(file), "--dry-run", "--json").document
    assert (tried["new"], tried["applied"], len(tried["errors"])) == (1, False, 1)
    real = office("hours", "import", str(file), "--errors", str(tmp_path / "errors.xlsx"))
    assert "新增 1" in real.out
    assert "第 3 行" in real.out
    assert (tmp_path / "errors.xlsx").exists()
    assert office("hours", "import", str(file), "--json").document["same"] == 1


def test_a_template_is_never_written_over_a_file(office: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "学时表.xlsx"
    assert office("hours", "template", str(file)).code == 0
    told = office("hours", "template", str(file))
    assert told.code == 1
    assert "已经存在" in told.err


def test_a_sitting_off_the_calendar_needs_the_official_notice(office: Terminal) -> None:
    """A5"""
    given = (
        "sittings", "add", "--scheme", "quality-safety-officer", "--capacity", "30", "--place", "平台",
    )  # fmt: skip
    off = office(*given, "--starts-at", "2999-11-05T09:00", "--ends-at", "2999-11-05T10:30")
    assert off.code == 1
    assert "--override-reason" in off.err
    added = office(
        *given, "--starts-at", "2999-11-05T09:00", "--ends-at", "2999-11-05T10:30",
        "--override-reason", "黔质促会〔2999〕1号", "--json",
    )  # fmt: skip
    assert added.code == 0, added.err
    assert added.document["starts_at"] == "2999-11-05T09:00:00+08:00"
    code = added.document["code"]
    assert (
        office("sittings", "cancel", code, "--reason", "平台检修", "--json").document["state"] == "cancelled"
    )
    assert "已取消" in office("sittings", "list").out
    assert "还没有人预约" in office("sittings", "show", code).out


def test_a_certificate_that_is_not_there_is_said_so(office: Terminal) -> None:
    told = office("certificates", "revoke", "PTA2026000001D", "--reason", "试")
    assert (told.code, "没有编号为" in told.err) == (1, True)
    assert office("certificates", "list").out == "没有符合条件的证书。\n"
