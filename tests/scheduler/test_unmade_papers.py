"""A paper that could not be made is seen by staff, who have it tried again."""

import pytest
from sqlalchemy import select, text

from scheduler.tasks import MAX_TRIES
from services.certificates import CertificateService, CertificateView, PaperState, UnmadePaperService
from services.errors import ConflictError, ForbiddenError, NotFoundError
from services.models import Actor, StaffRole
from services.unit_of_work import Tools
from storage.tables import AuditEntry, Document, OutboxMessage
from tests import certificate_rows, factories
from tests.scheduler.conftest import until
from tests.scheduler.messengers import RecordingMessenger
from tests.scheduler.test_tasks import working


async def issued(tools: Tools) -> tuple[CertificateView, Actor, str]:
    """A certificate whose paper a job is to make, an officer, and the key of the portrait that it needs."""
    async with tools.unit_of_work() as work:
        enrolment, officer = await certificate_rows.passed(work)
        view = await CertificateService(work).issue(officer, enrolment.id)
        key = await work.session.scalar(select(Document.file_key))
        assert key is not None
        return view, officer, key


async def states(tools: Tools, actor: Actor) -> list[PaperState]:
    async with tools.unit_of_work() as work:
        return [line.state for line in await UnmadePaperService(work).list_lines(actor)]


async def failed(tools: Tools) -> None:
    """As if the job had been tried for the last time."""
    async with tools.unit_of_work() as work:
        await work.session.execute(text("UPDATE procrastinate_jobs SET status = 'failed'"))


async def test_a_paper_that_fails_to_the_last_try_is_listed_and_made_when_staff_try_again(
    tools: Tools,
) -> None:
    view, officer, portrait = await issued(tools)
    assert await states(tools, officer) == [PaperState.WAITING]
    await tools.files.delete(portrait)
    async with tools.unit_of_work() as work:
        await work.session.execute(
            text("UPDATE procrastinate_jobs SET attempts = :so_far"), {"so_far": MAX_TRIES - 1}
        )
    async with working(tools, RecordingMessenger()):
        await until(lambda: _is(tools, officer, [PaperState.FAILED]))
        await tools.files.put(portrait, certificate_rows.portrait())
        async with tools.unit_of_work() as work:
            assert await UnmadePaperService(work).count_failed(officer) == 1
            assert await work.session.scalar(select(OutboxMessage)) is None
            await UnmadePaperService(work).retry(officer, view.id)
        await until(lambda: _is(tools, officer, []))
    async with tools.unit_of_work() as work:
        message = (await work.session.scalars(select(OutboxMessage))).one()
        history = await work.session.scalars(
            select(AuditEntry).where(AuditEntry.subject_id == str(view.id)).order_by(AuditEntry.id)
        )
        entries = [(entry.action, entry.actor_kind) for entry in history]
    assert message.notice == "certificate_ready"
    assert entries == [
        ("certificate.issued", "staff"),
        ("certificate.paper_failed", "system"),
        ("certificate.paper_retried", "staff"),
    ]


async def test_a_failed_paper_is_tried_again_by_an_officer_of_its_organisation_once_only(
    tools: Tools,
) -> None:
    view, officer, _ = await issued(tools)
    await failed(tools)
    async with tools.unit_of_work() as work:
        elsewhere = factories.staff_actor((await factories.organisation(work, "成都市质量协会")).id)
    assert officer.organisation_id is not None
    viewer = factories.staff_actor(officer.organisation_id, StaffRole.VIEWER)
    assert await states(tools, elsewhere) == []
    assert await states(tools, viewer) == [PaperState.FAILED]
    for actor, refusal in ((elsewhere, NotFoundError), (viewer, ForbiddenError)):
        with pytest.raises(refusal):
            async with tools.unit_of_work() as work:
                await UnmadePaperService(work).retry(actor, view.id)
    async with tools.unit_of_work() as work:
        await UnmadePaperService(work).retry(officer, view.id)
    with pytest.raises(ConflictError) as waits:
        async with tools.unit_of_work() as work:
            await UnmadePaperService(work).retry(officer, view.id)
    assert waits.value.code == "certificate.paper_waits"


async def test_a_paper_that_is_made_or_not_valid_is_nothing_to_try_again(tools: Tools) -> None:
    view, officer, _ = await issued(tools)
    await failed(tools)
    async with tools.unit_of_work() as work:
        await CertificateService(work).suspend(officer, view.id, "核查")
    assert await states(tools, officer) == []
    async with tools.unit_of_work() as work:
        # Restoring hands it over once more by itself.
        await CertificateService(work).restore(officer, view.id, "无误")
    assert await states(tools, officer) == [PaperState.WAITING]
    async with tools.unit_of_work() as work:
        await CertificateService(work).deliver(view.id)
    with pytest.raises(ConflictError) as made:
        async with tools.unit_of_work() as work:
            await UnmadePaperService(work).retry(officer, view.id)
    assert made.value.code == "certificate.paper_made"


async def _is(tools: Tools, actor: Actor, wanted: list[PaperState]) -> bool:
    return await states(tools, actor) == wanted
