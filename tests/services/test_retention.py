"""What is kept for ten years, listed when they are over, and deleted by two people (C11)."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select, text

from scheduler.tasks import JobTasks
from services.certificates import CertificateService
from services.errors import ConflictError, ForbiddenError, NotFoundError
from services.models import Actor, EnrolmentState, StaffRole
from services.retention import RetentionService, report_due
from services.unit_of_work import Tools, Work
from storage.files import FileMissingError
from storage.repositories.kept_files import KEPT
from storage.retention_states import RetainedKind, RetentionState
from storage.tables import (
    AuditEntry,
    Certificate,
    Document,
    Enrolment,
    Organisation,
    OutboxMessage,
    Payment,
    RetentionItem,
)
from tests import certificate_rows, factories
from tests.conftest import FixedClock
from tests.services import erasure_stories
from tests.services.retention_stories import LONG_AGO, ended, one_file_of_each_kind, reported


async def two_admins(work: Work) -> tuple[Organisation, Actor, Actor]:
    organisation = await factories.organisation(work)
    first, second = (
        factories.staff_actor(organisation.id, StaffRole.ADMIN, name=name) for name in ("甲", "乙")
    )
    return organisation, first, second


async def picture_of(work: Work, enrolment_id: object) -> Document:
    row = await work.session.scalar(select(Document).where(Document.enrolment_id == enrolment_id))
    assert row is not None
    return row


async def test_only_what_ended_ten_years_ago_comes_onto_the_report_of_its_own_organisation_c11(
    tools: Tools,
) -> None:
    async with tools.unit_of_work() as work:
        organisation, admin, _ = await two_admins(work)
        due = await ended(work, organisation, identity_number=factories.identity_number(1))
        for serial, more in enumerate(
            (
                {"at": datetime(2016, 11, 23, 2, 0, tzinfo=UTC)},
                {"state": EnrolmentState.ADMITTED},
                {"state": EnrolmentState.IN_REVIEW},
            ),
            start=2,
        ):
            await ended(work, organisation, identity_number=factories.identity_number(serial), **more)
        elsewhere = await factories.organisation(work, "另一家")
        await ended(work, elsewhere, identity_number=factories.identity_number(9))
        assert await report_due(work) == 2
        page = await RetentionService(work).list_lines(admin)
        assert [(line.people, line.items, line.state) for line in page.items] == [(1, 1, "open")]
        detail = await RetentionService(work).show(admin, page.items[0].id)
        assert [(one.number, one.due_on) for one in detail.people] == [(due.number, date(2026, 11, 20))]
        # The next month's report names nothing twice, and nothing was deleted.
        assert await report_due(work) == 0
        assert (await picture_of(work, due.id)).file_key


async def test_one_proposes_and_only_another_administrator_deletes_what_both_have_counted_c11(
    tools: Tools,
) -> None:
    async with tools.unit_of_work() as work:
        organisation, first, second = await two_admins(work)
        row = await ended(work, organisation)
        key = (await picture_of(work, row.id)).file_key
        payment = Payment(
            enrolment_id=row.id, fee_key="verification", amount_fen=18000, state="confirmed",
            voucher_key="vouchers/one", created_at=work.now,
        )  # fmt: skip
        work.session.add(payment)
        await work.tools.files.put("vouchers/one", b"voucher")
        await work.session.flush()
        report = await reported(work)
        service = RetentionService(work)
        with pytest.raises(ForbiddenError, match=r"access\.admin_only"):
            await service.propose(factories.staff_actor(organisation.id), report.id, "期满")
        with pytest.raises(ForbiddenError, match=r"access\.staff_only"):
            await service.propose(Actor.system("tick"), report.id, "期满")
        with pytest.raises(ConflictError, match=r"retention\.wrong_state"):
            await service.confirm(second, report.id, files=2)
        await service.propose(first, report.id, "保存已满十年")
        with pytest.raises(ForbiddenError, match=r"retention\.same_person"):
            await service.confirm(first, report.id, files=2)
        with pytest.raises(ConflictError, match=r"retention\.other_count"):
            await service.confirm(second, report.id, files=1)
        stranger = factories.staff_actor((await factories.organisation(work, "别家")).id, StaffRole.ADMIN)
        with pytest.raises(NotFoundError):
            await service.confirm(stranger, report.id, files=2)
        await service.confirm(second, report.id, files=2)
        jobs = await work.session.scalar(
            text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'purge_report'")
        )
        assert jobs == 1
    assert key
    assert await tools.files.get(key)
    job = JobTasks(tools, messenger=None)  # type: ignore[arg-type]
    for _ in range(2):  # a job may run twice
        await job.purge_report(None, report_id=str(report.id))  # type: ignore[arg-type]
    for gone in (key, "vouchers/one"):
        with pytest.raises(FileMissingError):
            await tools.files.get(gone)
    async with tools.unit_of_work() as work:
        picture = await picture_of(work, row.id)
        assert (picture.file_key, picture.purged_at) == (None, tools.clock.now())
        voucher = await work.session.get_one(Payment, payment.id)
        assert (voucher.voucher_key, voucher.purged_at) == (None, tools.clock.now())
        line = (await RetentionService(work).show(first, report.id)).line
        assert (line.state, line.proposed_by, line.confirmed_by) == (RetentionState.PURGED, "甲", "乙")
        told = await work.session.scalars(
            select(AuditEntry.action)
            .where(AuditEntry.subject_kind == "retention_report")
            .order_by(AuditEntry.id)
        )
        assert list(told) == [f"retention.{verb}" for verb in ("reported", "proposed", "confirmed", "purged")]
        assert await report_due(work) == 0


async def test_a_certificate_in_force_keeps_its_material_and_a_purged_one_can_still_be_verified_c11(
    tools: Tools, clock: FixedClock
) -> None:
    async with tools.unit_of_work() as work:
        enrolment, officer = await certificate_rows.passed(work)
        issued = await CertificateService(work).issue(officer, enrolment.id)
        await CertificateService(work).pdf(issued.id)
        enrolment.state, enrolment.decided_at = EnrolmentState.CONCLUDED, LONG_AGO
        assert officer.organisation_id
        first, second = (
            factories.staff_actor(officer.organisation_id, StaffRole.ADMIN, name=name) for name in "甲乙"
        )
        certificate = await work.session.get_one(Certificate, issued.id)
        for last_on in (None, date(2026, 11, 21)):
            certificate.expires_on = last_on
            await work.session.flush()
            assert await report_due(work) == 0
    clock.move(days=1)
    async with tools.unit_of_work() as work:
        report = await reported(work)
        service = RetentionService(work)
        assert (await service.propose(first, report.id, "期满")).due_items == 2
        # Put in force again before the second person looks: there is nothing to delete any more.
        certificate = await work.session.get_one(Certificate, issued.id)
        certificate.expires_on = date(2036, 1, 1)
        await work.session.flush()
        assert [one.due for one in (await service.show(second, report.id)).people] == [False]
        with pytest.raises(ConflictError, match=r"retention\.nothing_due"):
            await service.confirm(second, report.id, files=2)
        certificate.expires_on = date(2026, 11, 21)
        await work.session.flush()
        await service.confirm(second, report.id, files=2)
    await JobTasks(tools, messenger=None).purge_report(None, report_id=str(report.id))  # type: ignore[arg-type]
    async with tools.unit_of_work() as work:
        with pytest.raises(NotFoundError, match=r"certificate\.purged"):
            await CertificateService(work).pdf(issued.id)
        assert (await CertificateService(work).show(first, issued.id)).number == issued.number


async def test_what_must_be_kept_again_is_left_out_of_the_deletion_c11(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        organisation, first, second = await two_admins(work)
        rows = [
            await ended(work, organisation, identity_number=factories.identity_number(serial))
            for serial in (1, 2)
        ]
        report = await reported(work)
        service = RetentionService(work)
        await service.propose(first, report.id, "期满")
        await service.decline(second, report.id, "先核对一遍")
        await service.propose(first, report.id, "已核对")
        rows[0].state = EnrolmentState.ADMITTED
        await work.session.flush()
        assert (await service.confirm(second, report.id, files=1)).line.people == 1
        left = await work.session.scalars(select(RetentionItem.enrolment_id))
        assert list(left) == [rows[1].id]


async def test_every_kind_of_file_falls_due_and_is_gone_from_the_store_with_its_row_c11(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        organisation, first, second = await two_admins(work)
        society = await factories.organisation(work, "中国计量测试学会", "society")
        row = await ended(work, organisation)
        keys = await one_file_of_each_kind(work, row, society)
        assert await report_due(work) == 2
        service = RetentionService(work)
        (line,) = (await service.list_lines(first)).items
        detail = await service.show(first, line.id)
        assert {kind.value: count for kind, count in detail.due_files.items()} == dict.fromkeys(
            {"document", *keys} - {"authorisation_paper"}, 1
        )
        # The paper of a sub-centre is on the report of the society that authorises.
        above = [
            factories.staff_actor(society.id, StaffRole.ADMIN, name=name) for name in ("张主任", "王主任")
        ]
        (other,) = (await service.list_lines(above[0])).items
        (paper,) = (await service.show(above[0], other.id)).others
        assert (paper.label, paper.due_on, paper.due) == (
            "贵州省 ISO9000 质量促进会 · 制度.pdf",
            date(2026, 11, 20),
            True,
        )
        await service.propose(first, line.id, "期满")
        await service.confirm(second, line.id, files=6)
        await service.propose(above[0], other.id, "期满")
        await service.confirm(above[1], other.id, files=1)
    job = JobTasks(tools, messenger=None)  # type: ignore[arg-type]
    for report in (line, other):
        await job.purge_report(None, report_id=str(report.id))  # type: ignore[arg-type]
    for key in keys.values():
        with pytest.raises(FileMissingError):
            await tools.files.get(key)
    async with tools.unit_of_work() as work:
        for kind, kept in KEPT.items():
            if kind is not RetainedKind.CERTIFICATE:
                purged = (await work.session.scalars(select(kept.table.purged_at))).all()
                assert list(purged) == [tools.clock.now()], kind
        assert await report_due(work) == 0


async def test_who_asked_for_deletion_is_forgotten_and_told_when_the_time_is_over_c11(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        organisation, first, second = await two_admins(work)
        row = await ended(work, organisation)
        who = row.follower_id
    await erasure_stories.asks(tools, who)
    async with tools.unit_of_work() as work:
        report = await reported(work)
        service = RetentionService(work)
        # On the list by their number only.
        assert [one.name for one in (await service.show(first, report.id)).people] == [""]
        await service.propose(first, report.id, "期满")
        await service.confirm(second, report.id, files=1)
    await JobTasks(tools, messenger=None).purge_report(None, report_id=str(report.id))  # type: ignore[arg-type]
    async with tools.unit_of_work() as work:
        forgotten = await work.session.get_one(Enrolment, row.id)
        assert (forgotten.answers, forgotten.person_id) == ({}, None)
        told = await work.session.scalar(select(OutboxMessage.notice).where(OutboxMessage.follower_id == who))
        assert told == "erasure_completed"
