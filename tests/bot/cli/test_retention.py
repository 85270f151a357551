"""Retention at the command line: the same verbs as in the console (C11)."""

from services.models import StaffRole
from services.staff import StaffService
from services.unit_of_work import Work
from tests import factories
from tests.bot.cli.conftest import Terminal
from tests.services.retention_stories import ended, reported


def test_one_administrator_proposes_and_the_other_confirms_with_the_number_of_files_c11(
    zhengtu: Terminal,
) -> None:
    async def story(work: Work) -> None:
        home = await factories.organisation(work)
        for login, name in (("li", "李老师"), ("zhou", "周老师")):
            await StaffService(work).add(
                None,
                login=login,
                name=name,
                password="a-long-password-77",
                role=StaffRole.ADMIN,
                organisation_id=home.id,
            )
        await ended(work, home)
        await reported(work)

    zhengtu.put(story)
    (line,) = zhengtu("retention", "list", "--as", "li", "--json").document
    assert (line["number"], line["state"], line["items"]) == (1, "open", 1)
    assert "继续保存" in zhengtu("retention", "list", "--as", "li").out
    assert "confirm 1 --files 1" in zhengtu("retention", "propose", "1", "--reason", "期满", "--as", "li").out
    alone = zhengtu("retention", "confirm", "1", "--files", "1", "--as", "li")
    assert (alone.code, "不能是同一个人" in alone.err) == (1, True)
    done = zhengtu("retention", "confirm", "1", "--files", "1", "--as", "zhou", "--json").document
    assert done["line"]["state"] == "confirmed"
