"""Messages that have to be decided about, at the command line."""

from services import organisations
from services.unit_of_work import Work
from storage.tables import Organisation
from tests.bot.cli.conftest import Terminal
from tests.services.undecided_stories import given_up


def test_what_nobody_knows_is_listed_and_decided_by_the_consoles_verbs(office: Terminal) -> None:
    async def story(work: Work) -> list[str]:
        home = await work.session.get_one(
            Organisation, await organisations.ensure(work, "贵州省 ISO9000 质量促进会", "association")
        )
        return [str((await given_up(work, home)).id) for _ in range(2)]

    first, second = office.put(story)
    listed = office("deliveries", "list", "--json").document
    assert {line["id"] for line in listed} == {first, second}
    assert "结果不明" in office("deliveries", "list").out
    done = office("deliveries", "send-again", first, "--reason", "没有收到", "--json").document
    assert done["decision"] == "sent_again"
    assert "已经有人处理过" in office("deliveries", "set-aside", first, "--reason", "重复").err
    assert office("deliveries", "set-aside", second, "--reason", "已电话告知").code == 0
    assert "没有要核实的消息" in office("deliveries", "list").out
    assert office("deliveries", "status", "--json").document == {"circuits": [], "rests": [], "calls": []}
    assert "今天还没有发送" in office("deliveries", "status").out
    assert office("deliveries", "resume", "main", "--reason", "改好了").code == 1
