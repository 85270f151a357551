"""The tree of organisations at the command line."""

from pathlib import Path

from tests.bot.cli.conftest import Terminal


def test_a_tree_is_planted_listed_and_changed(office: Terminal) -> None:
    assert office("organisations", "add", "四川省职鉴中心", "--kind", "province_centre").code == 0
    city = ("organisations", "add", "成都市职鉴中心", "--kind", "city_centre")
    wrong = office(*city)
    assert wrong.code == 1
    assert "市（州）职鉴中心不能放在（最上级）下面，它的上级只能是：省职鉴中心" in wrong.err
    made = office(*city, "--parent", "四川省职鉴中心", "--json").document
    assert (made["kind"], made["parent"], made["depth"]) == ("city_centre", "四川省职鉴中心", 1)
    renamed = office("organisations", "rename", "成都市职鉴中心", "成都市职业技能鉴定指导中心", "--json")
    assert renamed.document["name"] == "成都市职业技能鉴定指导中心"
    listed = office("organisations", "list", "--kind", "city_centre", "--json").document
    assert [node["name"] for node in listed] == ["成都市职业技能鉴定指导中心"]
    shown = office("organisations", "show", "四川省职鉴中心").out
    assert "省职鉴中心" in shown
    assert office("organisations", "show", "没有的机构").code == 1

    suspended = office("organisations", "suspend", "成都市职业技能鉴定指导中心", "--reason", "整改", "--json")
    assert (suspended.document["status"], suspended.document["status_reason"]) == ("suspended", "整改")
    assert office("organisations", "under-way", "成都市职业技能鉴定指导中心", "--json").document == []
    resumed = office("organisations", "resume", "成都市职业技能鉴定指导中心", "--reason", "完成", "--json")
    assert resumed.document["status"] == "active"
    assert office("organisations", "end", "成都市职业技能鉴定指导中心", "--reason", "撤并").code == 0
    # The one who proposed it is the command line itself.
    assert "要两个人" in office("organisations", "end", "成都市职业技能鉴定指导中心", "--confirm").err


def test_the_trees_of_the_sources_are_planted_at_once_and_a_second_time_changes_nothing_d2_e5_c1(
    office: Terminal, tmp_path: Path
) -> None:
    assert office("organisations", "plant", "sichuan", "--json").document == {"added": 22, "there": 0}
    assert office("organisations", "plant", "sichuan", "--json").document == {"added": 0, "there": 22}
    assert office("organisations", "plant", "cqc", "--json").document == {"added": 3, "there": 0}
    assert office("organisations", "plant", "metrology").code == 0
    unknown = office("organisations", "plant", "yunnan")
    assert "cqc、metrology、sichuan" in unknown.err
    file = tmp_path / "树.toml"
    file.write_text('[[organisations]]\nname = "某某学院"\nkind = "institution"\nunder = "没有的中心"\n')
    assert "“没有的中心”还没有" in office("organisations", "plant", str(file)).err
    file.write_text('[[organisations]]\nname = "某某学院"\nkind = "school"\n')
    assert "organisations.1.kind" in office("organisations", "plant", str(file)).err
