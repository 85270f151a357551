"""`zhengtu doctor`: one fault after the other is put in, and its step says so and what to do (issue 4, point 7)."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bot.cli.accounts import menu_document
from bot.doctor import Finding, Verdict, account, examine
from bot.doctor.templates import template_findings
from bot.settings import Settings
from services.typesetting import readiness
from services.unit_of_work import SystemClock
from tests.conftest import RunningClock
from tests.installation import OTHER_AES_KEY, Installation, free_port, installation
from tests.scheduler.test_leader import candidate, leading

OK, WARNING, FAULT, SKIPPED = Verdict.OK, Verdict.WARNING, Verdict.FAULT, Verdict.SKIPPED


@dataclass
class Clinic:
    """An installation that runs, and the doctor."""

    house: Installation
    database_url: str

    @property
    def settings(self) -> Settings:
        return self.house.running.settings

    async def examined(self, settings: Settings | None = None, **kwargs: Any) -> list[Finding]:
        """The whole report."""
        given = {"production": False, "clock": SystemClock(), "only": None, **kwargs}
        url = given.pop("url", self.database_url)
        return [one async for one in examine(settings or self.settings, url, **given)]

    async def of_account(self, settings: Settings | None = None) -> list[Finding]:
        """The part about the official account."""
        return [one async for one in account.examine(settings or self.settings, "main", clock=SystemClock())]

    def with_account(self, **changes: Any) -> Settings:
        """The settings with something of the account changed."""
        changed = self.settings.wechat["main"].model_copy(update=changes)
        return self.settings.model_copy(update={"wechat": {"main": changed}})

    async def platform(self, method: str, at: str, **body: Any) -> None:
        """Through the simulator's control."""
        address = f"{self.settings.wechat['main'].api_url}/sim/{at}"
        async with self.house.http.request(method, address, json=body) as answer:
            assert answer.status < 300, await answer.text()

    async def spoiled(self, path: str, kind: str, value: Any = None, errmsg: str = "") -> list[Finding]:
        """The report while WeChat's API at `path` goes wrong."""
        body = {"path": f"/cgi-bin/{path}", "kind": kind, "value": value, "errmsg": errmsg, "times": None}
        await self.platform("POST", "faults", **body)
        found = await self.of_account()
        await self.platform("DELETE", "faults")
        return found


@pytest.fixture
async def clinic(database_url: str, tmp_path: Path) -> AsyncIterator[Clinic]:
    async with installation(database_url, tmp_path) as house:
        yield Clinic(house, database_url)


def at(found: list[Finding], step: str) -> Finding:
    """What was said first of the worst at a step."""
    order = (FAULT, WARNING, SKIPPED, OK)
    return min((one for one in found if one.step == step), key=lambda one: order.index(one.verdict))


def says(found: list[Finding], step: str, verdict: Verdict, *words: str) -> None:
    one = at(found, step)
    assert one.verdict is verdict, one
    for word in words:
        assert word in one.said + one.advice, one
    assert (one.advice == "") is (verdict in (OK, SKIPPED)), one


async def test_a_sound_installation_is_found_sound(clinic: Clinic) -> None:
    menu = menu_document(clinic.settings.public_url, clinic.house.running.tools.schemes.offered_by("main"))
    await clinic.house.running.clients["main"].menu.create(menu)
    async with candidate(clinic.database_url) as scheduler:
        await leading(scheduler)
        found = await clinic.examined()
    unwell = {one.step for one in found if one.verdict is not OK}
    # Its address is http on loopback, and its PostgreSQL is a test's.
    assert unwell <= {"settings", "database"}, [one for one in found if one.step in unwell]
    assert {one.step for one in found if one.account == "main"} == {
        "callback", "token", "wechat_addresses", "wechat_clock", "templates", "menu",
    }  # fmt: skip
    told = "".join(one.said + one.advice for one in found)
    main = clinic.settings.wechat["main"]
    for secret in (main.app_secret, main.token, main.aes_keys[0], *clinic.settings.secret_keys):
        assert secret not in told


async def test_each_fault_of_wechats_side_is_told_at_its_step(clinic: Clinic) -> None:
    seen = "invalid ip 203.0.113.7 ipv6 ::ffff:203.0.113.7, not in whitelist rid: 1"
    found = await clinic.spoiled("stable_token", "errcode", 40164, seen)
    says(found, "token", FAULT, "203.0.113.7", "IP 白名单")
    says(found, "templates", SKIPPED)
    says(await clinic.spoiled("stable_token", "errcode", 40125), "token", FAULT, "__MAIN__APP_SECRET")
    says(await clinic.spoiled("stable_token", "drop_before"), "token", FAULT, "没有正常回应")
    says(await clinic.spoiled("getcallbackip", "errcode", 48001), "wechat_addresses", FAULT, "48001")
    says(await clinic.spoiled("template/get_all", "garbage"), "templates", FAULT, "没有正常回应")
    says(await clinic.spoiled("menu/get", "errcode", 48001), "menu", FAULT, "权限")
    found = await clinic.examined()
    says(found, "menu", WARNING, "还没有菜单", "zhengtu menu push --account main")
    says(found, "running", WARNING, "zhengtu worker")
    await clinic.platform("PATCH", "accounts/main", menu={"button": [{"name": "旧", "key": "旧"}]})
    says(await clinic.of_account(), "menu", WARNING, "和程序的不一样")
    unreachable = clinic.with_account(api_url=f"http://127.0.0.1:{free_port()}")
    says(await clinic.of_account(unreachable), "token", FAULT, "连不上微信的接口")


async def test_each_fault_of_the_server_address_is_told(clinic: Clinic) -> None:
    async def address(settings: Settings, *words: str) -> None:
        says(await clinic.of_account(settings), "callback", FAULT, *words)

    def elsewhere(url: str) -> Settings:
        return clinic.settings.model_copy(update={"public_url": url})

    await address(clinic.with_account(token="another"), "403", "__MAIN__TOKEN")
    await address(clinic.with_account(aes_keys=(OTHER_AES_KEY,)), "解不开", "__MAIN__AES_KEYS")
    await address(clinic.with_account(mode="plain"), "解不开", "MODE")
    await address(elsewhere(f"http://127.0.0.1:{free_port()}"), "连不上", "zhengtu serve")
    # The platform lives there, and not our server.
    await address(elsewhere(clinic.settings.wechat["main"].api_url), "404")
    await address(elsewhere("http://no-such-host.invalid"), "域名")


async def test_clocks_that_differ_are_told(clinic: Clinic) -> None:
    ahead = RunningClock()
    ahead.go_on_to(max(SystemClock().now(), ahead.now()))
    ahead.move(minutes=10)
    found = await clinic.examined(clock=ahead)
    for step in ("database_clock", "wechat_clock"):
        says(found, step, FAULT, "慢 600 秒" if step == "database_clock" else "慢", "timedatectl")
    says(found, "callback", OK)


async def test_each_fault_of_the_house_is_told_and_the_rest_is_still_looked_at(
    clinic: Clinic, cluster_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def set_to(**changes: Any) -> Settings:
        return clinic.settings.model_copy(update=changes)

    refused = f"postgresql://zhengtu:hunter22@127.0.0.1:{free_port()}/zhengtu"
    found = await clinic.examined(url=refused)
    says(found, "database", FAULT, "连不上", "ZHENGTU_DATABASE_URL")
    assert "hunter22" not in at(found, "database").said
    says(found, "migrations", SKIPPED)
    says(found, "token", OK)
    says(await clinic.examined(url=cluster_url), "migrations", FAULT, "空的", "zhengtu migrate")
    says(await clinic.examined(set_to(secret_keys=("short",))), "keys", FAULT, "openssl")
    says(await clinic.examined(set_to(files_url="/dev/null/files")), "files", FAULT, "文件不能保存")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "bad.toml").write_text("id = 1\n")
    says(await clinic.examined(set_to(schemes_dir=tmp_path / "mine")), "schemes", FAULT, "bad.toml")
    monkeypatch.setattr(readiness, "FONT_DIRECTORY", tmp_path)
    found = await clinic.examined(set_to(wechat={}), production=True)
    says(found, "fonts", FAULT, "NotoSerifSC-Regular.ttf")
    says(found, "settings", FAULT, "ZHENGTU_")
    says(found, "schemes", WARNING, "accounts")


IDS = {key: f"id-{key}" for key in ("progress", "payment", "study", "exam", "result", "certificate")}


def listed(**others: str) -> dict[str, str]:
    """The account's templates, with the fields that our notices fill."""
    from bot.demo.platform import TEMPLATES

    contents = {key: "\n".join(f"{name}：{{{{{name}.DATA}}}}" for name in TEMPLATES[key][1]) for key in IDS}
    return {f"id-{key}": content for key, content in {**contents, **others}.items()}


@pytest.mark.parametrize(
    ("change", "verdict", "words"),
    [
        (lambda ids, has: None, OK, ("6 个模板",)),
        (lambda ids, has: ids.pop("exam"), WARNING, ("没有设置模板 exam", "__TEMPLATES__EXAM")),
        (lambda ids, has: has.pop("id-exam"), FAULT, ("id-exam", "不在公众号的模板列表里")),
        (
            lambda ids, has: has.update({"id-exam": has["id-exam"] + "{{remark9.DATA}}"}),
            FAULT,
            ("模板多出 remark9",),
        ),
        (lambda ids, has: has.update({"id-exam": "{{thing1.DATA}}"}), FAULT, ("模板没有", "time2")),
        (lambda ids, has: ids.update({"exams": "id-exam"}), WARNING, ("程序不用的模板：exams",)),
    ],
)
def test_a_template_that_does_not_fit_is_told_with_its_fields(
    change: Callable[[dict[str, str], dict[str, str]], object], verdict: Verdict, words: tuple[str, ...]
) -> None:
    ids, has = dict(IDS), listed()
    change(ids, has)
    says(list(template_findings("main", ids, has)), "templates", verdict, *words)
