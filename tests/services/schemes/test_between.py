"""Files that are right by themselves and cannot work together are named, both of them."""

from pathlib import Path

import pytest

from services.schemes import between
from services.schemes.loader import BUILT_IN

OWN = Path(__file__).parents[2] / "journeys" / "schemes" / "community_first_aider.toml"


BESIDE = [
    BUILT_IN / name
    for name in ("sichuan_supervisor.toml", "quality_safety_officer.toml", "cqc_liaison_officer.toml")
]


def checked(folder: Path, *files: str, accounts: tuple[str, ...] = ("main", "branch")) -> str:
    """What is said of these files, each a text; nothing when they pass."""
    paths = []
    for index, text in enumerate(files, start=1):
        paths.append(folder / f"file{index}.toml")
        paths[-1].write_text(text, encoding="utf-8")
    try:
        between.check(paths, BESIDE, accounts)
    except between.SeveralFilesError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("change", "accounts", "told"),
    [
        (('["branch"]', '["mian"]'), ("main", "sichuan"), "没有公众号“mian”（是不是“main”？），已接入：main、sichuan"),
        (('["branch"]', '["mian"]'), (), "没有接入公众号，自带方案用的是：cqc、main、sichuan"),
        (('["branch"]', '["other"]'), ("main",), "ZHENGTU_WECHAT__OTHER__APP_ID"),
        (('["救护"]', '["救护", "我的成绩"]'), ("branch",), "entry_words[2]: “我的成绩”是聊天里的固定词（成绩）"),
        (('["救护"]\naccounts = ["branch"]', '["督导"]\naccounts = ["sichuan"]'), ("sichuan",),
         "“督导”已是方案 sichuan-supervisor（sichuan_supervisor.toml 的 entry_words[2]）"),
        (('"JHZ"', '"SCDD"'), ("branch",), "card.number_prefix: “SCDD”已用于方案 sichuan-supervisor"),
        (('"JHZ"', '"JHPX"'), ("branch",), "“JHPX”在本方案里用于两种证书"),
    ],
)  # fmt: skip
def test_what_a_file_shares_with_another_or_with_the_chat_is_named(
    tmp_path: Path, change: tuple[str, str], accounts: tuple[str, ...], told: str
) -> None:
    text = OWN.read_text(encoding="utf-8")
    assert change[0] in text
    said = checked(tmp_path, text.replace(*change, 1), accounts=accounts)
    assert told in said
    assert said.startswith("file1.toml: ")


def test_two_files_of_one_version_are_both_named(tmp_path: Path) -> None:
    text = OWN.read_text(encoding="utf-8")
    said = checked(tmp_path, text, text)
    assert "file1.toml 和 file2.toml 都是 community-first-aider@2026.1" in said
    assert said.count("community-first-aider@2026.1") == 2
    assert checked(tmp_path, text, text.replace('"2026.1"', '"2026.2"')) == ""


def test_every_faulty_file_is_told_at_once(tmp_path: Path) -> None:
    text = OWN.read_text(encoding="utf-8")
    said = checked(
        tmp_path, text.replace("[hours]", "[hous]"), text.replace('form = "on_site"', 'form = "x"')
    )
    assert "file1.toml: hous: 不认识的键（是不是“hours”？）" in said
    assert "file2.toml: exam.form: 没有这个选项" in said


def test_without_a_connected_account_a_new_name_is_said_to_be_unchecked() -> None:
    loaded = between.check([OWN], BESIDE, ())
    assert between.unconnected(loaded, ()) == ["branch"]
    assert between.unconnected(loaded, ("branch",)) == []
