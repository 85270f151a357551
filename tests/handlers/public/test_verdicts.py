"""Verification pages as a stranger's phone gets them (B8; issue 2, section 7)."""

import re
from datetime import date
from urllib.parse import urlsplit

import pypdfium2  # type: ignore[import-untyped]
import pytest
import zxingcpp

from services.certificates import CertificateService
from services.unit_of_work import Tools
from storage.tables import Certificate
from tests import certificate_rows, factories

from .conftest import Browser, Issued

JSON = {"Accept": "application/json"}


async def test_the_qr_of_the_pdf_at_100_dpi_opens_the_page_that_says_valid(
    browser: Browser, tools: Tools, issued: Issued
) -> None:
    async with tools.unit_of_work() as work:
        pdf = await CertificateService(work).pdf(issued.view.id)
    picture = pypdfium2.PdfDocument(pdf)[0].render(scale=100 / 72).to_pil()
    [code] = zxingcpp.read_barcodes(picture)
    assert code.text.startswith(tools.public_url)
    answer = await browser.get(urlsplit(code.text).path)
    page = await answer.text()
    assert answer.status == 200
    assert "<h1>真实有效</h1>" in page
    assert issued.view.number in page
    assert "王*明" in page
    assert "质量安全员" in page
    assert "良好" in page
    assert "2026-11-21 10:00:00" in page


async def test_number_and_code_as_printed_on_the_pdf_open_the_same_verdict(
    browser: Browser, tools: Tools, issued: Issued
) -> None:
    async with tools.unit_of_work() as work:
        pdf = await CertificateService(work).pdf(issued.view.id)
    printed = "".join(pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range().split())
    number = re.search(r"PTA2026[0-9]{6}[0-9A-Z]", printed)
    code = re.search(r"查验码([0-9A-Z]{6})", printed)
    assert number is not None
    assert code is not None
    answer = await browser.post("/verify", data={"number": number[0], "code": code[1]})
    assert answer.status == 200
    assert "真实有效" in await answer.text()


async def test_no_page_shows_a_full_name_a_full_identity_number_or_the_token(
    browser: Browser, issued: Issued
) -> None:
    for headers in ({}, JSON):
        page = await (await browser.get(issued.path, headers=headers)).text()
        assert factories.IDENTITY_NUMBER not in page
        assert "王小明" not in page
        assert issued.token not in page
        assert not re.search(r"\d{17}", page)


@pytest.mark.parametrize(
    ("verb", "word", "tone", "status"),
    [("suspend", "暂停使用", "warn", "suspended"), ("revoke", "已撤销", "bad", "revoked")],
)
async def test_a_changed_state_is_said_by_icon_word_and_colour_at_once(
    browser: Browser, tools: Tools, issued: Issued, verb: str, word: str, tone: str, status: str
) -> None:
    async with tools.unit_of_work() as work:
        await getattr(CertificateService(work), verb)(issued.officer, issued.view.id, "提供虚假材料")
    page = await (await browser.get(issued.path)).text()
    assert f"<h1>{word}</h1>" in page
    assert f'class="stamp {tone}"' in page
    assert "真实有效" not in page
    assert ("提供虚假材料" in page) is (verb == "revoke")
    assert (await (await browser.get(issued.path, headers=JSON)).json())["status"] == status


async def test_an_expired_certificate_is_grey_and_says_until_when(
    browser: Browser, tools: Tools, issued: Issued
) -> None:
    async with tools.unit_of_work() as work:
        (await work.session.get_one(Certificate, issued.view.id)).expires_on = date(2026, 11, 20)
    page = await (await browser.get(issued.path)).text()
    assert "<h1>已过期</h1>" in page
    assert 'class="stamp past"' in page
    assert "2026年11月20日" in page


async def test_wrong_and_unknown_tokens_get_the_same_answer(browser: Browser, issued: Issued) -> None:
    wrong = [
        issued.token[:-1] + ("0" if issued.token[-1] != "0" else "1"),
        "0" * 20,
        "x",
        "%E7%8E%8B",
        "a" * 300,
    ]
    answers = [await browser.get(f"/c/{token}") for token in wrong]
    assert {answer.status for answer in answers} == {404}
    pages = {await answer.text() for answer in answers}
    assert len(pages) == 1
    assert "<h1>查无此证</h1>" in pages.pop()
    documents = [await (await browser.get(f"/c/{token}", headers=JSON)).json() for token in wrong]
    assert all(one == {"status": "unknown", "queried_at": "2026-11-21T10:00:00+08:00"} for one in documents)


async def test_no_script_no_foreign_address_no_cache_no_index_no_frame(
    browser: Browser, issued: Issued
) -> None:
    for path in ("/", "/verify", "/verify/revoked", issued.path, "/c/unknown", "/nowhere"):
        answer = await browser.get(path)
        page = await answer.text()
        assert "<script" not in page
        assert " style=" not in page
        assert not re.findall(r'(?:src|href|action)="(?!/)', page)
        assert answer.headers["Cache-Control"] == "no-store"
        assert "noindex" in answer.headers["X-Robots-Tag"]
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Referrer-Policy"] == "no-referrer"


async def test_software_gets_json_for_the_same_address(browser: Browser, issued: Issued) -> None:
    answer = await browser.get(issued.path, headers={"Accept": "text/html;q=0.5, application/json"})
    assert answer.content_type == "application/json"
    assert answer.headers["Vary"] == "Accept"
    document = await answer.json()
    assert document["status"] == "valid"
    assert document["number"] == issued.view.number
    assert document["issued_on"] == "2026-11-21"
    assert document["expires_on"] is None
    assert document["identity_number"] == "1" + "*" * 16 + "X"
    browser_accept = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    page = await browser.get(issued.path, headers={"Accept": browser_accept})
    assert page.content_type == "text/html"


@pytest.mark.parametrize(
    ("number", "code", "said", "field"),
    [
        ("", "123456", "请填写证书编号", "number"),
        ("abc", "123456", "格式不对", "number"),
        ("PTA20260000010", "123456", "可能抄错了一位", "number"),
        (None, "12", "查验码是 6 位", "code"),
    ],
)
async def test_a_slip_in_the_form_is_explained_beside_its_field_and_what_was_typed_stays(
    browser: Browser, issued: Issued, number: str | None, code: str, said: str, field: str
) -> None:
    typed = issued.view.number if number is None else number
    answer = await browser.post("/verify", data={"number": typed, "code": code})
    page = await answer.text()
    assert answer.status == 422
    assert said in page
    assert 'role="alert"' in page
    assert f'value="{typed}"' in page
    assert re.search(rf'<input id="{field}"[^>]*aria-invalid="true"', page)


async def test_guessing_is_stopped_after_five_failures_with_a_friendly_page(
    browser: Browser, issued: Issued
) -> None:
    wrong = "0" * 6 if issued.code != "0" * 6 else "1" * 6
    guess = {"number": issued.view.number, "code": wrong}
    here = {"X-Forwarded-For": "10.9.9.9, 203.0.113.7"}
    for _ in range(5):
        answer = await browser.post("/verify", data=guess, headers=here)
        assert answer.status == 404
        assert "证书编号或查验码不对" in await answer.text()
    right = {"number": issued.view.number, "code": issued.code}
    # What the asker wrote into the header in front of the proxy's entry makes no new source.
    forged = {"X-Forwarded-For": "10.1.1.1, 203.0.113.7"}
    answer = await browser.post("/verify", data=right, headers=forged)
    assert answer.status == 429
    assert answer.headers["Retry-After"] == "900"
    assert "15 分钟后再试" in await answer.text()
    # Nor does a header of the asker's own, where the proxy adds a second one.
    two = [("X-Forwarded-For", "10.1.1.2"), ("X-Forwarded-For", "203.0.113.7")]
    assert (await browser.post("/verify", data=right, headers=two)).status == 429
    elsewhere = await browser.post("/verify", data=right, headers={"X-Forwarded-For": "203.0.113.8"})
    assert elsewhere.status == 200


async def test_an_employer_s_program_asks_with_json(browser: Browser, issued: Issued) -> None:
    right = {"number": issued.view.number, "code": issued.code}
    assert (await (await browser.post("/verify", json=right, headers=JSON)).json())["status"] == "valid"
    wrongs: tuple[object, ...] = ([], "x", 7, {"number": 1}, {})
    for wrong in wrongs:
        answer = await browser.post("/verify", json=wrong, headers=JSON)
        assert answer.status in (400, 422)
        assert answer.content_type == "application/json"
    for body in (b"{", b"[" * 4000, b"\xff", b'{"number": "\\ud800", "code": "\\ud800"}'):
        broken = await browser.post(
            "/verify", data=body, headers={**JSON, "Content-Type": "application/json"}
        )
        assert broken.status in (400, 422)
    large = await browser.post("/verify", data={"number": "1" * 10_000, "code": "1"})
    assert large.status == 413


async def test_markup_in_what_was_typed_stays_text(browser: Browser) -> None:
    hostile = '"><script>alert(1)</script>'
    for answer in (
        await browser.get("/verify", params={"number": hostile}),
        await browser.post("/verify", data={"number": hostile, "code": hostile}),
    ):
        assert "<script" not in await answer.text()


async def test_a_revocation_is_announced_with_masked_name_day_and_reason_b8(
    browser: Browser, tools: Tools, issued: Issued
) -> None:
    assert "目前没有被撤销的证书" in await (await browser.get("/verify/revoked")).text()
    async with tools.unit_of_work() as work:
        await CertificateService(work).revoke(issued.officer, issued.view.id, "提供虚假材料")
    page = await (await browser.get("/verify/revoked")).text()
    for part in (issued.view.number, "王*明", "2026年11月21日", "提供虚假材料"):
        assert part in page
    [line] = (await (await browser.get("/verify/revoked", headers=JSON)).json())["revoked"]
    assert line["number"] == issued.view.number
    assert "王小明" not in page


async def test_a_proof_of_hours_shows_its_hours_and_no_grade_a6(browser: Browser, tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        organisation = await factories.organisation(work)
        enrolment = await certificate_rows.enrolled(work, organisation, with_portrait=False)
        await certificate_rows.studied(work, enrolment, 20, 12)
        service = CertificateService(work)
        actor = factories.staff_actor(organisation.id)
        view = await service.issue_hours_certificate(enrolment, actor=actor)
        link = await service.link(view.id)
    page = await (await browser.get(urlsplit(link).path)).text()
    assert "学时证明" in page
    assert "32 学时" in page
    assert "<dt>结果</dt>" not in page
