"""Rotating the secret keys: afterwards the new key alone opens everything, and the old one can be dropped."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import func, select

from services import keys
from services.appointments.accounts import login_digests, sealed_login
from services.certificates import CertificateService
from services.certificates.verification import VerificationService
from services.enrolments.review import ReviewService
from services.keys import PlaceCount
from services.keys.places import PLACES
from services.models import Actor
from services.payments.vouchers import VoucherService
from services.study.service import StudyService
from services.unit_of_work import Tools, Work
from storage.crypto import Keyring
from storage.files import open_files
from storage.repositories.business_accounts import BusinessAccountRepository
from storage.repositories.tokens import AccessTokenRepository
from storage.states import PaymentState
from storage.tables import (
    AccessTokenRow,
    AuditEntry,
    BusinessAccount,
    Certificate,
    Document,
    Enrolment,
    InboundMessage,
    Payment,
    Person,
    RosterCheck,
    RosterEntry,
)
from tests import certificate_rows, factories
from tests.conftest import SECRET

NEW_SECRET = "another-secret-for-tests-only-9876543210-zyxwv"
CROP_KEY = "documents/offered"
OPERATOR = Actor.system("keys")


def with_keys(tools: Tools, folder: Path, *secrets: str) -> Tools:
    """The same installation after a start with these keys."""
    keyring = Keyring(secrets)
    return replace(tools, keyring=keyring, files=open_files(str(folder / "files"), keyring))


async def office(tools: Tools) -> tuple[Actor, Enrolment, UUID]:
    """One of everything that is encrypted; the officer, the enrolment, its certificate."""
    async with tools.unit_of_work() as work:
        enrolment, officer = await certificate_rows.passed(work)
        document = await work.session.scalar(select(Document))
        assert document is not None
        document.media_type = "image/jpeg"
        document.warnings = {"ratio_off": {"crop": {"file_key": CROP_KEY}}}
        await work.tools.files.put(CROP_KEY, b"a part of it")
        voucher = f"vouchers/{uuid4().hex}"
        await work.tools.files.put(voucher, b"the picture of a transfer")
        work.session.add(
            Payment(
                enrolment_id=enrolment.id,
                fee_key="verification",
                amount_fen=18000,
                state=PaymentState.CLAIMED,
                voucher_key=voucher,
            )
        )
        for minutes in (0, 5):
            work.session.add(
                InboundMessage(
                    account="main",
                    dedupe_key=f"message-{minutes}",
                    kind="TextMessage",
                    received_at=work.now - timedelta(minutes=minutes),
                    reply_cipher=work.tools.keyring.encrypt(b"{}", context=b"replies"),
                )
            )
        await an_account_and_a_roster(work, enrolment, officer)
        token = work.tools.keyring.encrypt(b"an access token", context=b"access_token:main")
        work.session.add(AccessTokenRow(account="main", app_id="wx1", token=token, expires_at=work.now))
    async with tools.unit_of_work() as work:
        certificate = await CertificateService(work).issue(officer, enrolment.id)
    async with tools.unit_of_work() as work:
        await CertificateService(work).pdf(certificate.id)
        await CertificateService(work).png(certificate.id)
    return officer, enrolment, certificate.id


async def an_account_and_a_roster(work: Work, enrolment: Enrolment, officer: Actor) -> None:
    assert enrolment.person_id
    assert officer.organisation_id
    digest, cipher = sealed_login(work, factories.IDENTITY_NUMBER)
    work.session.add(
        BusinessAccount(
            person_id=enrolment.person_id,
            origin="created",
            login_cipher=cipher,
            login_digest=digest,
            created_by="谢老师",
            right="none",
        )
    )
    check = RosterCheck(
        id=uuid4(),
        scheme_id="cqc-liaison-officer",
        organisation_id=officer.organisation_id,
        title="核查",
        due_on=work.now.date(),
    )
    work.session.add(check)
    await work.session.flush()
    work.session.add(
        RosterEntry(
            check_id=check.id,
            laboratory_id=officer.organisation_id,
            name="王小明",
            login_cipher=cipher,
            login_digest=digest,
            has_login=True,
        )
    )


def by_place(counts: tuple[PlaceCount, ...]) -> dict[str, tuple[int, int, int]]:
    """Places with something in them."""
    found = {count.place: (count.current, count.older, count.unreadable) for count in counts}
    return {place: values for place, values in found.items() if any(values)}


async def test_after_a_rotation_the_new_key_alone_opens_everything(tools: Tools, tmp_path: Path) -> None:
    officer, enrolment, certificate_id = await office(tools)
    async with tools.unit_of_work() as work:
        link = await CertificateService(work).link(certificate_id)
        paper = await CertificateService(work).pdf(certificate_id)
    both = with_keys(tools, tmp_path, NEW_SECRET, SECRET)

    before = by_place(await keys.check(both))
    assert before == {
        "persons": (0, 1, 0),
        "answers": (0, 2, 0),
        "certificates": (0, 2, 0),
        "accounts": (0, 1, 0),
        "rosters": (0, 1, 0),
        "access_tokens": (0, 1, 0),
        "replies": (0, 2, 0),
        "documents": (0, 2, 0),
        "vouchers": (0, 1, 0),
        "papers": (0, 2, 0),
    }
    first = by_place(await keys.rotate(both, OPERATOR))
    # WeChat may still ask again for what came this very minute.
    assert first["replies"] == (0, 1, 0)
    both.clock.move(minutes=2)  # type: ignore[attr-defined]
    after = by_place(await keys.rotate(both, OPERATOR))
    assert after == {
        "persons": (1, 0, 0),
        "answers": (2, 0, 0),
        "certificates": (2, 0, 0),
        "accounts": (1, 0, 0),
        "rosters": (1, 0, 0),
        "documents": (2, 0, 0),
        "vouchers": (1, 0, 0),
        "papers": (2, 0, 0),
    }

    alone = with_keys(tools, tmp_path, NEW_SECRET)
    assert await alone.files.get(CROP_KEY) == b"a part of it"
    assert by_place(await keys.check(alone)) == after
    async with alone.unit_of_work() as work:
        # The person is found by the identity number, as an import does it.
        rows = f"身份证号,姓名,课程,学习日期,学时\n{factories.IDENTITY_NUMBER},王小明,法规,2026-11-20,8\n"
        report = await StudyService(work).import_hours(officer, "hours.csv", rows.encode(), dry_run=True)
        assert (report.new, report.errors) == (1, ())
        review = ReviewService(work)
        assert await review.reveal(officer, enrolment.id, "identity_number") == factories.IDENTITY_NUMBER
        assert await review.reveal(officer, enrolment.id, "mobile") == factories.MOBILE
        document = await work.session.scalar(select(Document.id))
        assert document is not None
        assert await review.picture(officer, document) == (certificate_rows.portrait(), "image/jpeg")
        payment = await work.session.scalar(select(Payment.id))
        assert payment is not None
        assert (await VoucherService(work).show(officer, payment))[0] == b"the picture of a transfer"
        verdict = await VerificationService(work).by_token(link.rpartition("/")[2])
        assert verdict is not None
        assert verdict.name_masked == "王*明"
        assert await CertificateService(work).link(certificate_id) == link
        assert await CertificateService(work).pdf(certificate_id) == paper
        digests = login_digests(work, factories.IDENTITY_NUMBER)
        assert await BusinessAccountRepository(work.session).find_by_login(digests) is not None
        # WeChat is asked for a token again.
        kept = await AccessTokenRepository(work.session).find("main")
        assert kept is not None
        assert kept.token is None


async def test_a_second_run_changes_nothing_and_each_run_is_in_the_audit_log(
    tools: Tools, tmp_path: Path
) -> None:
    _, enrolment, _ = await office(tools)
    both = with_keys(tools, tmp_path, NEW_SECRET, SECRET)
    both.clock.move(minutes=2)  # type: ignore[attr-defined]
    await keys.rotate(both, OPERATOR)
    async with both.unit_of_work() as work:
        ciphers = (await work.session.scalars(select(Person.identity_cipher))).all()
    again = await keys.rotate(both, OPERATOR)
    assert {count.renewed for count in again} == {0}
    async with both.unit_of_work() as work:
        assert (await work.session.scalars(select(Person.identity_cipher))).all() == ciphers
        # Whoever has the enrolment open on a page may go on.
        assert (await work.session.get_one(Enrolment, enrolment.id)).revision == enrolment.revision
        entries = await work.session.scalars(select(AuditEntry).where(AuditEntry.action == "keys.rotated"))
        one, two = sorted(entries.all(), key=lambda entry: entry.id)
    assert one.after == {
        "renewed": {
            "persons": 1,
            "answers": 2,
            "certificates": 2,
            "accounts": 1,
            "rosters": 1,
            "access_tokens": 1,
            "replies": 2,
            "documents": 2,
            "vouchers": 1,
            "papers": 2,
        },
        "left": {},
        "complete": True,
    }
    assert two.after == {"renewed": {}, "left": {}, "complete": True}


async def test_a_run_that_is_broken_off_keeps_what_it_did_and_the_next_one_ends_it(
    tools: Tools, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with tools.unit_of_work() as work:
        for serial in range(7):
            await factories.person(work, name="王小明", number=factories.identity_number(serial))
    both = with_keys(tools, tmp_path, NEW_SECRET, SECRET)
    monkeypatch.setattr(PLACES[0], "batch", 3)

    def interrupted(place: str, rows: int, done: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await keys.rotate(both, OPERATOR, interrupted)
    assert by_place(await keys.check(both))["persons"] == (3, 4, 0)
    async with both.unit_of_work() as work:
        entry = await work.session.scalar(select(AuditEntry).where(AuditEntry.action == "keys.rotated"))
        assert entry is not None
        assert entry.after == {"renewed": {"persons": 3}, "left": {}, "complete": False}
    (persons, *_) = await keys.rotate(both, OPERATOR)
    assert (persons.current, persons.renewed) == (7, 4)
    alone = with_keys(tools, tmp_path, NEW_SECRET)
    async with alone.unit_of_work() as work:
        for serial in range(7):
            await factories.person(work, name="王小明", number=factories.identity_number(serial))
        assert await work.session.scalar(select(func.count()).select_from(Person)) == 7


async def test_what_a_lost_key_closed_is_counted_and_does_not_stop_the_rest(
    tools: Tools, tmp_path: Path
) -> None:
    await office(tools)
    other = with_keys(tools, tmp_path, "a-key-that-got-lost-in-a-move-0123456789-abcdef")
    async with other.unit_of_work() as work:
        await factories.person(work, name="李四", number=factories.identity_number(5))
    both = with_keys(tools, tmp_path, NEW_SECRET, SECRET)
    counts = by_place(await keys.rotate(both, OPERATOR))
    assert counts["persons"] == (1, 0, 1)
    assert counts["certificates"] == (2, 0, 0)


async def test_a_person_who_was_written_twice_stays_and_is_counted(tools: Tools, tmp_path: Path) -> None:
    """A process that had the new key only did not find the number, and wrote it once more."""
    early = with_keys(tools, tmp_path, NEW_SECRET)
    for installation in (tools, early):
        async with installation.unit_of_work() as work:
            await factories.person(work, name="王小明", number=factories.IDENTITY_NUMBER)
    both = with_keys(tools, tmp_path, NEW_SECRET, SECRET)
    assert by_place(await keys.rotate(both, OPERATOR))["persons"] == (1, 1, 0)


async def test_every_column_that_holds_a_cipher_or_a_file_belongs_to_exactly_one_place() -> None:
    encrypted = {
        f"{mapper.class_.__tablename__}.{column.key}"
        for mapper in Certificate.registry.mappers
        for column in mapper.columns
        if column.key.endswith(("_cipher", "file_key", "voucher_key", "pdf_key", "png_key"))
    } - {"doomed_files.file_key"}  # never read again: only to be deleted
    assert encrypted == {
        "persons.identity_cipher",
        "business_accounts.login_cipher",
        "roster_entries.login_cipher",
        "certificates.token_cipher",
        "certificates.holder_cipher",
        "certificates.pdf_key",
        "certificates.png_key",
        "documents.file_key",
        "payments.voucher_key",
        "inbound_messages.reply_cipher",
        "attachments.file_key",
        "authorisation_files.file_key",
        "card_cancellations.file_key",
        "practice_records.file_key",
        "superseded_vouchers.file_key",
        "appeal_notes.text_cipher",
        "blacklist_statements.text_cipher",
        "change_requests.old_cipher",
        "change_requests.new_cipher",
        "void_copies.token_cipher",
        "void_copies.holder_cipher",
    }, "another encrypted column: give it a place in services/keys/places.py"
    listed = Counter(f"{place.table.__tablename__}.{column}" for place in PLACES for column in place.columns)
    assert encrypted <= listed.keys()
    assert [column for column, times in listed.items() if times > 1] == []
    assert len({place.name for place in PLACES}) == len(PLACES)
