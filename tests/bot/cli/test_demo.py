"""The demo: what it is made of, and the whole journey as a script."""

import json
import os
import stat
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from bot.cli.accounts import menu_document
from bot.cli.problems import CommandError
from bot.demo.house import alone_in, free_port, settings_from
from bot.demo.person import SpecimenPerson
from bot.demo.platform import TEMPLATES, platform_for
from bot.demo.rehearsal import last_verification_day
from bot.demo.secrets import DemoSecrets, keep_environment
from services.notices.catalogue import NOTICES
from services.rules import identity
from services.schemes.loader import load_catalogue

ROOT = Path(__file__).parents[3]


def test_the_script_goes_from_follow_to_a_verdict(no_settings: Path) -> None:
    """A1, A5, A6, A7, A10, A11, A12"""
    played = subprocess.run(
        [sys.executable, "-m", "bot", "demo", "--script", "--json"],
        capture_output=True,
        text=True,
        check=False,
        env={name: value for name, value in os.environ.items() if not name.startswith("ZHENGTU_")}
        | {"PYTHONPATH": str(ROOT)},
    )
    assert played.returncode == 0, played.stderr[-2000:]
    ended = json.loads(played.stdout)
    assert ended["status"] == "valid"
    assert "/c/" in ended["url"]
    for said in ("已提交", "审核已通过", "已收到您的", "学时证明", "准考证号", "成绩", ended["certificate"]):
        assert said in played.stderr
    assert SpecimenPerson().identity_number not in played.stderr.replace("「学员」   520", "")


def test_secrets_are_made_once_and_are_their_owners_only(tmp_path: Path) -> None:
    made = DemoSecrets.load_or_make(tmp_path)
    assert DemoSecrets.load_or_make(tmp_path) == made
    keep_environment(tmp_path, {"ZHENGTU_PORT": "1"})
    for name in ("secrets.json", "environment.json"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    assert len(made.aes_key) == 43


def test_program_and_platform_of_a_demo_know_the_same_account(tmp_path: Path) -> None:
    made = DemoSecrets.load_or_make(tmp_path)
    environment = made.environment(
        tmp_path, server_url="http://127.0.0.1:8080", platform_url="http://127.0.0.1:8090"
    )
    settings = settings_from(environment)
    account = platform_for(settings, "http://127.0.0.1:8080", None).accounts[0]
    assert (account.app_id, account.token, account.aes_key) == (made.app_id, made.token, made.aes_key)
    assert account.callback_url == "http://127.0.0.1:8080/wechat/main"
    assert settings.wechat["main"].api_url == "http://127.0.0.1:8090"
    assert {item.template_id for item in account.templates} == set(settings.wechat["main"].templates.values())


def test_the_platform_has_every_template_with_every_field() -> None:
    used = {notice.template.key for notice in NOTICES.values() if notice.template is not None}
    assert used <= TEMPLATES.keys()
    for notice in NOTICES.values():
        if notice.template is not None:
            assert notice.template.fields.keys() <= TEMPLATES[notice.template.key][1].keys()


@pytest.mark.parametrize(
    ("account", "own"),
    [("main", "我的证书"), ("metrology", "我的证书"), ("sichuan", "我的证卡"), ("cqc", "我的聘用")],
)
def test_the_menu_fits_what_wechat_allows_and_what_the_account_offers(account: str, own: str) -> None:
    """The account of E has neither hours nor exams, and the list of who is appointed in the place of the verification."""
    schemes = load_catalogue().offered_by(account)
    buttons = menu_document("https://zhengtu.example.org", schemes)["button"]
    names = [item["name"] for button in buttons for item in button["sub_button"]]
    assert own in names
    assert ("考试安排" in names, "聘用名录" in names) == (account != "cqc", account == "cqc")
    assert len(buttons) <= 3
    for button in buttons:
        assert len(button["name"]) <= 4
        assert 1 <= len(button["sub_button"]) <= 5
        assert all(len(item["name"]) <= 8 for item in button["sub_button"])


def test_the_specimen_persons_are_different_and_valid() -> None:
    numbers = [SpecimenPerson(index=index).identity_number for index in range(60)]
    assert len(set(numbers)) == 60
    assert all(identity.parse(number, today=date(2026, 11, 21)).number == number for number in numbers)


@pytest.mark.parametrize(
    ("until", "saturday"),
    [
        (date(2026, 11, 21), date(2026, 9, 26)),
        (date(2026, 12, 26), date(2026, 12, 26)),
        (date(2026, 1, 10), date(2025, 12, 27)),
    ],
)
def test_the_rehearsal_takes_the_season_that_has_passed(until: date, saturday: date) -> None:
    """A5"""
    assert last_verification_day(until) == saturday


def test_a_taken_port_is_said_to_be_taken() -> None:
    import socket

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(CommandError, match="--port"):
            free_port(other.getsockname()[1], 0, "--port")


def test_two_demos_never_share_a_folder(tmp_path: Path) -> None:
    with alone_in(tmp_path), pytest.raises(CommandError, match="已经在运行"), alone_in(tmp_path):
        pass
