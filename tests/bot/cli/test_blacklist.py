"""The blacklist at the command line: the same verbs as in the console (C7)."""

import pytest

from services.models import StaffRole
from services.staff import StaffService
from services.unit_of_work import Work
from tests import factories, sub_centres
from tests.bot.cli.conftest import Terminal

NUMBER = factories.identity_number(7)


@pytest.fixture
def centre(zhengtu: Terminal) -> Terminal:
    async def open_(work: Work) -> None:
        home = await sub_centres.authorised(work)
        for login, name in (("li", "李老师"), ("zhou", "周老师")):
            await StaffService(work).add(
                None,
                login=login,
                name=name,
                password="a-long-password-77",
                role=StaffRole.OFFICER,
                organisation_id=home.id,
            )

    zhengtu.put(open_)
    return zhengtu


def test_somebody_is_proposed_by_number_and_not_confirmed_before_they_were_told_c7(centre: Terminal) -> None:
    proposal = (
        "blacklist",
        "propose",
        "--reason",
        "false_degree",
        "--allegation",
        "学信网查无此人",
        "--identity",
        NUMBER,
    )
    assert "报名号" in centre(*proposal, "--as", "li").err
    assert "证据材料" in centre(*proposal, "--name", "王小明", "--as", "li").err
    made = centre(*proposal, "--name", "王小明", "--papers", "存档 2026-17", "--as", "li", "--json").document
    number = str(made["line"]["number"])
    assert NUMBER not in str(made)
    refused = centre("blacklist", "confirm", number, "--reason", "属实", "--as", "zhou")
    assert (refused.code, "书面告知" in refused.err) == (1, True)
    assert "王小明" in centre("blacklist", "list", "--as", "zhou").out
    assert centre("blacklist", "check", NUMBER, "--as", "zhou", "--json").document == {"barred": False}
    shown = centre("blacklist", "statement", number, "--text", "证书编号写错了", "--as", "zhou").out
    assert "证书编号写错了" in shown
    assert (
        "不予列入" in centre("blacklist", "dismiss", number, "--reason", "编号更正后查到", "--as", "zhou").out
    )
