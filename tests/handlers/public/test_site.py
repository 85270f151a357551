"""The landing page, the holder's PDF, faults, health."""

from dataclasses import replace
from urllib.parse import unquote, urlsplit
from uuid import uuid4

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import text

from handlers.public import mount
from services.certificates import CertificateService
from services.unit_of_work import Tools
from storage.database import Database
from tests.conftest import FixedClock

from .conftest import Browser, Issued


async def download_path(tools: Tools, issued: Issued) -> str:
    async with tools.unit_of_work() as work:
        return urlsplit(await CertificateService(work).download_link(issued.view.id)).path


async def test_the_holder_saves_the_pdf_and_no_cache_keeps_it(
    browser: Browser, tools: Tools, issued: Issued
) -> None:
    answer = await browser.get(await download_path(tools, issued))
    assert answer.status == 200
    assert answer.content_type == "application/pdf"
    assert answer.headers["Cache-Control"] == "no-store"
    disposition = unquote(answer.headers["Content-Disposition"])
    assert disposition == f"attachment; filename*=UTF-8''人员能力验证证书-{issued.view.number}.pdf"
    assert (await answer.read()).startswith(b"%PDF")


async def test_the_pdf_is_not_to_be_had_from_the_qr_s_address(browser: Browser, issued: Issued) -> None:
    for path in (f"{issued.path}/certificate.pdf", f"/h5/papers/{issued.view.id}.pdf"):
        assert (await browser.get(path)).status == 404
    page = await (await browser.get(issued.path)).text()
    assert ".pdf" not in page
    assert "/h5/" not in page


async def test_a_download_that_is_over_says_how_to_get_a_new_one(
    browser: Browser, tools: Tools, issued: Issued, clock: FixedClock
) -> None:
    path = await download_path(tools, issued)
    clock.move(days=8)
    answer = await browser.get(path)
    assert answer.status == 410
    assert "回复“证书”" in await answer.text()


@pytest.mark.parametrize("part", ["certificate", "expiry", "signature"])
async def test_a_changed_download_address_is_not_found(
    browser: Browser, tools: Tools, issued: Issued, part: str
) -> None:
    certificate, expires, signature = (
        (await download_path(tools, issued)).removesuffix(".pdf").split("/")[-3:]
    )
    changed = {
        "certificate": f"{uuid4()}/{expires}/{signature}",
        "expiry": f"{certificate}/{int(expires) + 86400}/{signature}",
        "signature": f"{certificate}/{expires}/{signature[::-1]}",
    }
    answer = await browser.get(f"/h5/papers/{changed[part]}.pdf")
    assert answer.status == 404
    assert answer.content_type == "text/html"


async def test_the_first_page_leads_to_both_ways_of_checking(browser: Browser) -> None:
    page = await (await browser.get("/")).text()
    assert "扫二维码" in page
    assert 'href="/verify"' in page


async def test_the_stylesheet_may_be_kept_because_its_address_changes_with_it(browser: Browser) -> None:
    page = await (await browser.get("/")).text()
    address = page.split('rel="stylesheet" href="')[1].split('"')[0]
    answer = await browser.get(address)
    assert answer.content_type == "text/css"
    assert "immutable" in answer.headers["Cache-Control"]
    assert "?" in address


async def test_an_address_that_nobody_answers_gets_a_friendly_page_or_json(browser: Browser) -> None:
    page = await browser.get("/no/such/page")
    assert page.status == 404
    assert "没有这个页面" in await page.text()
    document = await browser.get("/no/such/page", headers={"Accept": "application/json"})
    assert (await document.json())["error"] == "没有这个页面"
    wrong = await browser.put("/verify")
    assert wrong.status == 405
    assert set(wrong.headers["Allow"].split(",")) >= {"GET", "POST"}


async def test_a_fault_inside_is_a_friendly_page_without_details(tools: Tools) -> None:
    app = web.Application()
    broken = replace(tools, database=Database("postgresql://nobody@127.0.0.1:1/none"))
    mount(app, broken)
    async with TestClient(TestServer(app)) as client:
        answer = await client.get("/c/00000000000000000000")
        page = await answer.text()
        assert answer.status == 500
        assert "系统出了点问题" in page
        assert "127.0.0.1" not in page
        assert "Traceback" not in page
        assert answer.headers["Cache-Control"] == "no-store"
        assert (await client.get("/healthz")).status == 200
        unready = await client.get("/readyz")
        assert unready.status == 503
        assert await unready.json() == {"ready": False, "problems": ["database_unreachable"]}
    await broken.database.close()


async def test_a_process_is_ready_when_its_database_is_at_the_newest_revision(
    browser: Browser, tools: Tools
) -> None:
    answer = await browser.get("/readyz")
    assert (answer.status, await answer.json()) == (200, {"ready": True, "problems": []})
    async with tools.unit_of_work() as work:
        await work.session.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    answer = await browser.get("/readyz")
    assert (answer.status, await answer.json()) == (503, {"ready": False, "problems": ["migrations_pending"]})


async def test_other_rooms_of_the_house_answer_in_their_own_way(tools: Tools) -> None:
    app = web.Application()
    mount(app, tools, framed_by=("http://127.0.0.1:8090",))

    async def webhook(_request: web.Request) -> web.Response:
        raise web.HTTPForbidden(text="signature")

    app.router.add_get("/wechat/main", webhook)
    async with TestClient(TestServer(app)) as client:
        answer = await client.get("/wechat/main")
        assert (answer.status, await answer.text()) == (403, "signature")
        page = await client.get("/verify")
        assert "frame-ancestors http://127.0.0.1:8090" in page.headers["Content-Security-Policy"]
        assert "X-Frame-Options" not in page.headers
