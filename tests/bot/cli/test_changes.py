"""Changes of personal data at the command line (E8)."""

from pathlib import Path

from services.models import StaffRole
from services.organisations import ensure
from services.pictures import specimen
from services.staff import StaffService
from services.unit_of_work import Work
from storage.tables import Organisation
from tests import factories
from tests.bot.cli.conftest import Terminal


def test_a_change_is_filed_and_decided_by_two_of_the_staff_e8(zhengtu: Terminal, tmp_path: Path) -> None:
    async def open_(work: Work) -> int:
        home = await ensure(work, "贵州省 ISO9000 质量促进会", "association")
        for login, name in (("li", "李老师"), ("zhou", "周老师")):
            await StaffService(work).add(
                None,
                login=login,
                name=name,
                password="a-long-password-77",
                role=StaffRole.OFFICER,
                organisation_id=home,
            )
        organisation = await work.session.get_one(Organisation, home)
        row = await factories.enrolment(
            work, organisation=organisation, follower=await factories.follower(work)
        )
        return row.number

    number = str(zhengtu.put(open_))
    proof = tmp_path / "proof.jpg"
    proof.write_bytes(specimen.id_card_front())
    file = (
        "changes",
        "file",
        number,
        "--field",
        "name",
        "--value",
        "王晓明",
        "--reason",
        "更名",
        "--proof",
        str(proof),
    )
    made = zhengtu(*file, "--as", "li", "--json").document
    assert (made["old"], made["new"], made["state"]) == ("王小明", "王晓明", "pending")
    change = str(made["number"])
    assert "不能是同一个人" in zhengtu("changes", "approve", change, "--as", "li").err
    assert "更名" in zhengtu("changes", "show", change, "--as", "zhou").out
    assert "已变更" in zhengtu("changes", "approve", change, "--as", "zhou").out
    assert "没有变更" in zhengtu("changes", "list", "--as", "zhou").out
    assert "王晓明" in zhengtu("changes", "list", "--all", "--as", "zhou").out
