"""Sign-in, lockout, CSRF, headers and errors, as a browser meets them."""

import asyncio

import pytest
from aiohttp import FormData
from sqlalchemy import event

from services import staff
from storage.database import Database
from tests.handlers.console.conftest import PASSWORD, TOKEN, Browser


async def test_without_a_sign_in_every_page_leads_to_the_login(stranger: Browser) -> None:
    response = await stranger.client.get("/console/audit", allow_redirects=False)
    assert (response.status, response.headers["Location"]) == (303, "/console/login?next=/console/audit")
    assert "登录" in await stranger.open("/")


async def test_the_address_without_its_slash_works_and_stylesheets_need_no_sign_in(stranger: Browser) -> None:
    assert "证途工作台" in await stranger.open("")
    response = await stranger.client.get("/console/static/console.css")
    assert response.status == 200
    assert response.headers["Cache-Control"] == "public, max-age=3600"


async def test_after_the_login_one_is_where_one_wanted_to_be(officer: Browser, stranger: Browser) -> None:
    response = await stranger.sign_in("staff-0", next="/console/audit")
    assert response.headers["Location"] == "/console/audit"
    assert "操作日志" in await stranger.open("/audit")


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example", "//evil.example", "/console//evil.example", "/\\evil"]
)
async def test_the_login_never_leads_to_another_site(
    officer: Browser, stranger: Browser, elsewhere: str
) -> None:
    response = await stranger.sign_in("staff-0", next=elsewhere)
    assert response.headers["Location"] == "/console/"


async def test_the_first_page_says_who_one_is_and_for_whom_one_works(officer: Browser) -> None:
    page = await officer.open("/")
    assert "今日待办" in page
    assert "谢老师" in page
    assert "贵州省 ISO9000 质量促进会" in page
    assert "今天的事都办完了" in page


async def test_a_wrong_password_an_unknown_login_and_a_locked_account_look_the_same(
    officer: Browser, stranger: Browser
) -> None:
    async def refusal(login: str, password: str) -> str:
        response = await stranger.sign_in(login, password)
        assert response.status == 403
        return (await response.text()).replace(login, "")

    wrong = await refusal("staff-0", "wrong-password")
    unknown = await refusal("nobody", "wrong-password")
    for _ in range(4):
        await refusal("staff-0", "wrong-password")
    locked = await refusal("staff-0", PASSWORD)
    assert wrong == unknown == locked
    assert "账号或密码不正确" in wrong


async def test_a_crowd_at_the_login_leaves_connections_to_everybody_else(
    officer: Browser, stranger: Browser, database: Database
) -> None:
    most = 0

    @event.listens_for(database.engine.sync_engine.pool, "checkout")
    def count(*_: object) -> None:
        nonlocal most
        most = max(most, database.engine.sync_engine.pool.checkedout())  # type: ignore[attr-defined]

    found = TOKEN.search(await stranger.open("/login"))
    assert found is not None
    form = {"csrf_token": found[1], "login": "staff-0", "password": "wrong-password"}
    answers = await asyncio.gather(
        *(stranger.client.post("/console/login", data=form) for _ in range(12)),
    )
    assert {answer.status for answer in answers} == {403}
    assert most <= 3


async def test_signing_out_ends_the_sign_in(officer: Browser) -> None:
    assert "已退出登录" in await officer.send("/logout", {})
    response = await officer.client.get("/console/", allow_redirects=False)
    assert response.status == 303


async def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(
    officer: Browser, stranger: Browser
) -> None:
    cookie = (await stranger.sign_in("staff-0")).cookies["zhengtu_staff"]
    assert cookie["httponly"]
    assert (cookie["samesite"], cookie["path"]) == ("Lax", "/console")


async def test_a_form_without_this_browsers_token_is_refused(officer: Browser, stranger: Browser) -> None:
    for token in ("", "another-token"):
        response = await officer.client.post("/console/logout", data={"csrf_token": token})
        assert response.status == 403
        assert "页面已过期" in await response.text()
    response = await stranger.client.post(
        "/console/login", data={"csrf_token": "made-up", "login": "staff-0", "password": PASSWORD}
    )
    assert response.status == 403
    assert "今日待办" in await officer.open("/")


async def test_the_token_may_come_as_a_header(officer: Browser) -> None:
    response = await officer.client.post("/console/logout", headers={"X-CSRF-Token": await officer.token()})
    assert response.status == 200


async def test_a_page_can_be_framed_by_nobody_and_runs_only_our_scripts(officer: Browser) -> None:
    response = await officer.client.get("/console/")
    policy = response.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    page = await response.text()
    assert " style=" not in page
    assert "<script>" not in page
    assert " onclick" not in page


async def test_an_unknown_page_is_said_in_chinese(officer: Browser) -> None:
    assert "没有这个页面" in await officer.open("/nowhere", status=404)


async def test_what_no_table_can_hold_is_refused_and_is_no_fault(officer: Browser, stranger: Browser) -> None:
    for path in ("/enrolments?q=%00", "/enrolments?scheme=%00", "/certificates?q=a%00", "/audit?q=%00"):
        assert "请求无法完成" in await officer.open(path, status=400)
    assert "请求无法完成" in await officer.send("/classes/new", {"code": "A\0B"}, status=400)
    assert (await stranger.sign_in("staff\0")).status == 400
    foreign = {"Cookie": b"zhengtu_staff=\xff; zhengtu_login=\xff".decode("utf-8", "surrogateescape")}
    response = await stranger.client.get("/console/login", headers=foreign)
    assert response.status == 200


async def test_an_upload_above_five_megabytes_is_refused(officer: Browser) -> None:
    form = FormData()
    form.add_field("file", b"x" * (5 * 1024 * 1024 + 100_000), filename="big.xlsx")
    assert "最大 5 MB" in await officer.send("/password", form, status=413)


async def test_a_fault_shows_a_number_and_no_traceback(
    officer: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = await officer.token()

    def broken(*_: object) -> None:
        raise RuntimeError("the secret inside")

    monkeypatch.setattr(staff.StaffService, "sign_out", broken)
    response = await officer.client.post("/console/logout", data={"csrf_token": token})
    page = await response.text()
    assert response.status == 500
    assert "故障编号" in page
    assert "secret" not in page
    assert "Traceback" not in page


async def test_a_password_is_changed_by_its_owner(officer: Browser, stranger: Browser) -> None:
    new = "a-better-horse-7"
    wrong = {"old": "not-the-password", "new": new, "again": new}
    assert "原密码不正确" in await officer.send("/password", wrong, status=422)
    different = {"old": PASSWORD, "new": new, "again": "another-horse-7"}
    assert "两次输入的新密码不一样" in await officer.send("/password", different, status=422)
    short = {"old": PASSWORD, "new": "short", "again": "short"}
    assert "至少要 10 个字符" in await officer.send("/password", short, status=422)
    assert "密码已修改" in await officer.send("/password", {"old": PASSWORD, "new": new, "again": new})
    assert (await stranger.sign_in("staff-0", new)).status == 303


async def test_the_audit_log_shows_sign_ins_and_finds_nothing_for_a_strange_word(officer: Browser) -> None:
    page = await officer.open("/audit")
    assert "登录" in page
    assert "没有找到操作记录" in await officer.open("/audit?q=没有这个词")
