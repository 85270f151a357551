"""What strangers learn about a certificate, and what they do not (B8, B9)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.certificates import CertificateService, CertificateView
from services.certificates.verification import VerificationService
from services.errors import LimitedError
from services.models import Actor
from services.rules.errors import InvalidValueError
from services.unit_of_work import Tools
from storage.crypto import Keyring
from storage.tables import Certificate
from tests import certificate_rows, factories
from tests.conftest import SECRET, FixedClock

SOURCE = "203.0.113.7"


async def issued(tools: Tools) -> tuple[CertificateView, str, Actor]:
    """A certificate, its token, and an officer."""
    async with tools.unit_of_work() as work:
        enrolment, officer = await certificate_rows.passed(work, with_portrait=False)
        view = await CertificateService(work).issue(officer, enrolment.id)
        token = (await CertificateService(work).link(view.id)).rpartition("/")[2]
    return view, token, officer


async def status(tools: Tools, token: str) -> str | None:
    async with tools.unit_of_work() as work:
        verdict = await VerificationService(work).by_token(token)
    return verdict.status if verdict else None


async def test_a_valid_certificate_names_scheme_issuer_and_days_and_masks_its_holder(tools: Tools) -> None:
    view, token, _ = await issued(tools)
    async with tools.unit_of_work() as work:
        verdict = await VerificationService(work).by_token(token)
    assert verdict is not None
    assert (verdict.status, verdict.number, verdict.grade) == ("valid", view.number, "良好")
    assert verdict.rule == "《质量安全员人员能力验证规则》（CCAI-R-P29:2023）"
    assert verdict.issuer == "国家市场监督管理总局认证认可技术研究中心"
    assert verdict.organisation == "贵州省 ISO9000 质量促进会"
    assert verdict.name_masked == "王*明"
    assert verdict.identity_masked == "1" + "*" * 16 + "X"
    assert factories.IDENTITY_NUMBER not in repr(verdict)


async def test_a_token_is_read_in_small_letters_and_with_look_alikes(tools: Tools) -> None:
    _, token, _ = await issued(tools)
    assert await status(tools, token.lower().replace("1", "l").replace("0", "o")) == "valid"


@pytest.mark.parametrize("wrong", ["0" * 20, "short", "", "x" * 5000, "'; DROP TABLE", "王小明", "\x00"])
async def test_wrong_unknown_and_malformed_tokens_find_nothing(tools: Tools, wrong: str) -> None:
    await issued(tools)
    assert await status(tools, wrong) is None


async def test_suspension_and_revocation_show_at_once_and_only_a_revocation_tells_its_reason_b8(
    tools: Tools, clock: FixedClock
) -> None:
    view, token, officer = await issued(tools)
    async with tools.unit_of_work() as work:
        await CertificateService(work).suspend(officer, view.id, "内部核查")
    async with tools.unit_of_work() as work:
        suspended = await VerificationService(work).by_token(token)
    assert suspended is not None
    assert (suspended.status, suspended.reason) == ("suspended", "")
    clock.move(days=1)
    async with tools.unit_of_work() as work:
        await CertificateService(work).revoke(officer, view.id, "提供虚假材料")
    async with tools.unit_of_work() as work:
        revoked = await VerificationService(work).by_token(token)
        [announced] = await VerificationService(work).revocations()
    assert revoked is not None
    assert (revoked.status, revoked.reason) == ("revoked", "提供虚假材料")
    assert revoked.changed_on == announced.revoked_on == date(2026, 11, 22)
    assert (announced.number, announced.name_masked) == (view.number, "王*明")


async def test_a_certificate_expires_on_the_day_after_its_last_in_china(
    tools: Tools, clock: FixedClock
) -> None:
    view, token, _ = await issued(tools)
    async with tools.unit_of_work() as work:
        (await work.session.get_one(Certificate, view.id)).expires_on = date(2026, 11, 21)
    clock.moment = clock.moment.replace(hour=15, minute=59)
    assert await status(tools, token) == "valid"
    clock.move(minutes=1)
    assert await status(tools, token) == "expired"


async def test_a_replaced_certificate_names_its_successor(tools: Tools) -> None:
    view, token, officer = await issued(tools)
    async with tools.unit_of_work() as work:
        old = await work.session.get_one(Certificate, view.id)
        old.state, old.state_changed_at = "replaced", work.now
        await work.session.flush()
        successor = await CertificateService(work).issue(officer, view.enrolment_id)
        old.replaced_by_id = successor.id
    async with tools.unit_of_work() as work:
        verdict = await VerificationService(work).by_token(token)
    assert verdict is not None
    assert (verdict.status, verdict.replaced_by) == ("replaced", successor.number)


async def test_a_certificate_is_found_after_a_key_rotation(tools: Tools) -> None:
    _, token, _ = await issued(tools)
    rotated = replace(tools, keyring=Keyring(["another-secret-key-of-these-tests-0123456789", SECRET]))
    assert await status(rotated, token) == "valid"


async def test_number_and_code_as_people_type_them_find_the_certificate(tools: Tools) -> None:
    view, token, _ = await issued(tools)
    number = f" {view.number[:3].lower()}-{view.number[3:7]} {view.number[7:]}"
    for code in (token[:6], token[:6].lower(), f"{token[:3]} {token[3:6]}"):
        async with tools.unit_of_work() as work:
            verdict = await VerificationService(work).by_number(number, code, source=SOURCE)
        assert verdict is not None
        assert verdict.number == view.number


async def test_a_slip_in_the_number_is_told_and_is_no_failure(tools: Tools) -> None:
    view, token, _ = await issued(tools)
    slipped = view.number[:-2] + ("1" if view.number[-2] != "1" else "2") + view.number[-1]
    for _ in range(6):
        for number, code in [(slipped, token[:6]), ("PTS", token[:6]), ("", ""), (view.number, "12")]:
            async with tools.unit_of_work() as work:
                with pytest.raises(InvalidValueError):
                    await VerificationService(work).by_number(number, code, source=SOURCE)
    async with tools.unit_of_work() as work:
        assert await VerificationService(work).by_number(view.number, token[:6], source=SOURCE) is not None


async def test_after_five_failures_a_source_waits_a_quarter_of_an_hour_and_others_do_not(
    tools: Tools, clock: FixedClock
) -> None:
    view, token, _ = await issued(tools)
    wrong = "0" * 6 if token[:6] != "0" * 6 else "1" * 6
    for _ in range(5):
        async with tools.unit_of_work() as work:
            assert await VerificationService(work).by_number(view.number, wrong, source=SOURCE) is None
    with pytest.raises(LimitedError) as caught:
        async with tools.unit_of_work() as work:
            await VerificationService(work).by_number(view.number, token[:6], source=SOURCE)
    assert caught.value.facts["minutes"] == 15
    async with tools.unit_of_work() as work:
        service = VerificationService(work)
        assert await service.by_number(view.number, token[:6], source="203.0.113.8") is not None
    clock.move(seconds=timedelta(minutes=15).total_seconds())
    async with tools.unit_of_work() as work:
        assert await VerificationService(work).by_number(view.number, token[:6], source=SOURCE) is not None


async def test_addresses_of_one_ipv6_network_count_as_one_source(tools: Tools) -> None:
    view, token, _ = await issued(tools)
    wrong = "0" * 6 if token[:6] != "0" * 6 else "1" * 6
    for host in range(5):
        async with tools.unit_of_work() as work:
            await VerificationService(work).by_number(view.number, wrong, source=f"2001:db8:1:2::{host}")
    async with tools.unit_of_work() as work:
        service = VerificationService(work)
        with pytest.raises(LimitedError):
            await service.by_number(view.number, token[:6], source="2001:db8:1:2:ffff::9")
        assert await service.by_number(view.number, token[:6], source="2001:db8:1:3::9") is not None
