"""C2–C4 and C14 at the command line: the society's work on its sub-centres."""

import pytest

from services.models import StaffRole
from services.staff import StaffService
from services.unit_of_work import Work
from tests import sub_centres
from tests.bot.cli.conftest import Terminal


async def society(work: Work) -> None:
    """A sub-centre, and an administrator of its society."""
    made = await sub_centres.authorised(work)
    await StaffService(work).add(
        None,
        login="wang",
        name="王主任",
        password="correct-horse-9",
        role=StaffRole.ADMIN,
        organisation_id=made.society_id,
    )
    await StaffService(work).add(
        None,
        login="li",
        name="李老师",
        password="correct-horse-9",
        role=StaffRole.OFFICER,
        organisation_id=made.id,
    )


def test_a_society_suspends_lifts_finds_and_ends_c3_c4_c14(
    zhengtu: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    zhengtu.put(society)
    monkeypatch.setenv("ZHENGTU_STAFF", "wang")
    assert zhengtu("authorisations", "list", "--json").document[0]["plaque_number"] == "FZX-052"
    assert zhengtu("authorisations", "suspend", "FZX-052", "--reason", "税务调查").code == 0
    refused = zhengtu(
        "classes", "add", "CD4-1", "--as", "li", "--scheme", "metrology-length-4", "--title", "中级工班",
        "--starts-on", "2099-12-01", "--ends-on", "2099-12-02",
    )  # fmt: skip
    assert refused.code == 1
    assert "评价工作已暂停（税务调查）" in refused.err
    assert zhengtu("authorisations", "lift", "FZX-052", "--reason", "没有问题").code == 0
    seen = zhengtu("authorisations", "show", "FZX-052", "--json").document
    assert [one["code"] for one in seen["attempts"]] == ["authorisation.suspended"]
    ended = zhengtu(
        "authorisations", "end", "FZX-052", "--cause", "agents", "--reason", "查实", "--yes", "--json"
    )
    assert ended.document == {"plaque_number": "FZX-052", "state": "ended"}
    assert "已取消" in zhengtu("authorisations", "list").out
