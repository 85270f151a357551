"""Requests to delete one's own data at the command line: the same verbs as in the console (C11)."""

from services.erasure import AskingService
from services.erasure.asking import fingerprint
from services.models import StaffRole
from services.staff import StaffService
from services.unit_of_work import Work
from tests import factories
from tests.bot.cli.conftest import Terminal
from tests.services import erasure_stories


def test_two_administrators_delete_and_a_restricted_enrolment_opens_for_a_reason_c11(
    zhengtu: Terminal,
) -> None:
    async def story(work: Work) -> int:
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
        who = await factories.follower(work)
        await erasure_stories.in_review(work, home, who.id)
        kept = await erasure_stories.refused(work, home, who.id)
        asking = AskingService(work)
        await asking.ask(
            who.id, seen=fingerprint(await asking.look(who.id)), actor=factories.applicant_actor(who)
        )
        return kept.number

    number = str(zhengtu.put(story))
    (line,) = zhengtu("erasures", "list", "--as", "li", "--json").document
    assert (line["number"], line["state"], line["enrolments"]) == (1, "waiting", 2)
    shown = zhengtu("erasures", "show", "1", "--as", "li").out
    assert "停止使用" in shown
    assert "现在可以删除的：1 份报名，1 张照片" in shown
    assert (
        "confirm 1 --files 1" in zhengtu("erasures", "propose", "1", "--reason", "本人要求", "--as", "li").out
    )
    assert "不能是同一个人" in zhengtu("erasures", "confirm", "1", "--files", "1", "--as", "li").err
    done = zhengtu("erasures", "confirm", "1", "--files", "1", "--as", "zhou", "--json").document
    assert done["line"]["state"] == "confirmed"
    closed = zhengtu("enrolments", "show", number, "--as", "li")
    assert (closed.code, "enrolments open" in closed.err) == (1, True)
    opened = zhengtu("enrolments", "open", number, "--reason", "核对成绩", "--as", "li", "--json").document
    assert opened == {"number": int(number), "minutes": 30}
    assert "王小明" in zhengtu("enrolments", "show", number, "--as", "li").out
