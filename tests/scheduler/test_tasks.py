"""Jobs, run by a real worker on the real queue."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any
from uuid import UUID, uuid4

from PIL import Image
from sqlalchemy import func, select, text

from scheduler.runner import run_jobs
from services import housekeeping
from services.assignments.attending import AttendingService
from services.assignments.planning import PlanningService
from services.assignments.service import AssignmentService
from services.jobs import Task, defer
from services.models import DocumentState, EnrolmentState, PaymentState
from services.ports import FileStore, MediaGoneError, MediaTooLargeError, MediaUnavailableError
from services.unit_of_work import Tools
from storage.files import FileStoreError
from storage.tables import Card, Document, Enrolment, OutboxMessage, Payment
from tests import factories
from tests.scheduler.conftest import until
from tests.scheduler.messengers import RecordingMessenger
from tests.services import card_stories, sichuan_stories


def photo() -> bytes:
    """A picture of a document as a phone takes it."""
    file = BytesIO()
    Image.effect_noise((1200, 1600), 60).convert("RGB").save(file, "JPEG", quality=80)
    return file.getvalue()


@asynccontextmanager
async def working(tools: Tools, messenger: RecordingMessenger) -> AsyncIterator[None]:
    stop = asyncio.Event()
    task = asyncio.create_task(run_jobs(tools, messenger, stop=stop))
    try:
        yield
    finally:
        stop.set()
        await task


async def document(tools: Tools, *, material: str = "identity_front") -> UUID:
    """A picture that was sent and is to be fetched."""
    async with tools.unit_of_work() as work:
        enrolment = await factories.enrolment(
            work,
            organisation=await factories.organisation(work),
            follower=await factories.follower(work),
            state=EnrolmentState.DRAFT,
        )
        row = Document(
            id=uuid4(),
            enrolment_id=enrolment.id,
            material_key=material,
            state=DocumentState.FETCHING,
            media_id="media-1",
            created_at=work.now,
        )
        work.session.add(row)
        await work.session.flush()
        await defer(work, Task.TAKE_PICTURE, document_id=str(row.id), account="main")
        return row.id


async def state_of(tools: Tools, document_id: UUID) -> str:
    async with tools.unit_of_work() as work:
        return (await work.session.get_one(Document, document_id)).state


async def problems(tools: Tools) -> list[str]:
    async with tools.unit_of_work() as work:
        found = await work.session.scalars(
            select(OutboxMessage.facts).where(OutboxMessage.notice == "document_refused")
        )
        return [str(facts["problem"]) for facts in found]


async def make_retries_due(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        await work.session.execute(
            text("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'")
        )


async def test_a_picture_is_fetched_checked_and_kept(tools: Tools, messenger: RecordingMessenger) -> None:
    messenger.media["media-1"] = photo()
    given = await document(tools)
    async with working(tools, messenger):
        await until(lambda: _is(tools, given, DocumentState.UPLOADED))
    assert await problems(tools) == []


async def test_a_picture_that_wechat_has_no_more_or_that_is_too_large_is_refused_with_a_reason(
    tools: Tools, messenger: RecordingMessenger
) -> None:
    messenger.media["media-1"] = MediaGoneError()
    gone = await document(tools)
    async with working(tools, messenger):
        await until(lambda: _is(tools, gone, DocumentState.REFUSED))
        assert await problems(tools) == ["照片没有收到"]
    assert messenger.fetched == ["media-1"]


async def test_a_voucher_that_is_too_large_is_refused_with_a_reason(
    tools: Tools, messenger: RecordingMessenger
) -> None:
    messenger.media["media-2"] = MediaTooLargeError()
    await voucher(tools)
    async with working(tools, messenger):
        await until(lambda: problems(tools))
    assert await problems(tools) == ["照片文件太大"]


async def test_a_voucher_is_kept_with_its_payment(tools: Tools, messenger: RecordingMessenger) -> None:
    messenger.media["media-2"] = photo()
    payment = await voucher(tools)

    async def kept() -> bool:
        async with tools.unit_of_work() as work:
            return (await work.session.get_one(Payment, payment)).voucher_key is not None

    async with working(tools, messenger):
        await until(kept)
    assert await problems(tools) == []


async def test_a_voucher_that_is_no_picture_is_refused_with_a_reason(
    tools: Tools, messenger: RecordingMessenger
) -> None:
    messenger.media["media-2"] = b"<html>"
    await voucher(tools)
    async with working(tools, messenger):
        await until(lambda: problems(tools))
    assert await problems(tools) == ["收到的文件不是照片"]


async def test_a_platform_out_of_reach_is_asked_five_times_and_then_the_person_is_told(
    tools: Tools, messenger: RecordingMessenger
) -> None:
    messenger.media["media-1"] = MediaUnavailableError()
    given = await document(tools)
    async with working(tools, messenger):
        for tries in range(1, 6):
            await until(lambda tries=tries: len(messenger.fetched) == tries)  # type: ignore[misc]
            if tries < 5:
                await until(lambda: _retry_planned(tools))
                assert await state_of(tools, given) == DocumentState.FETCHING
                await make_retries_due(tools)
        await until(lambda: _is(tools, given, DocumentState.REFUSED))
    assert await problems(tools) == ["照片暂时没有取到"]


@dataclass
class FullDisk:
    """A file store whose disk has no room until somebody makes some."""

    files: FileStore
    full: bool = True
    refused: int = 0

    async def put(self, key: str, content: bytes) -> None:
        if self.full:
            self.refused += 1
            raise FileStoreError(f"cannot keep {key}: No space left on device")
        await self.files.put(key, content)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.files, name)


async def test_a_picture_that_finds_the_disk_full_is_kept_as_soon_as_there_is_room(
    tools: Tools, messenger: RecordingMessenger
) -> None:
    disk = FullDisk(tools.files)
    messenger.media["media-1"] = photo()
    given = await document(tools)
    async with working(dataclasses.replace(tools, files=disk), messenger):
        await until(lambda: disk.refused == 1)
        assert await _is(tools, given, DocumentState.FETCHING)
        disk.full = False
        await until(lambda: _is(tools, given, DocumentState.UPLOADED))
    assert await problems(tools) == []


async def test_what_a_killed_worker_had_begun_is_done_by_the_next(
    tools: Tools, messenger: RecordingMessenger
) -> None:
    messenger.media["media-1"] = photo()
    given = await document(tools)
    async with tools.unit_of_work() as work:  # a worker that took the job, and died half a minute ago
        await work.session.execute(
            text(
                "WITH dead AS (INSERT INTO procrastinate_workers (last_heartbeat)"
                " VALUES (now() - interval '30 seconds') RETURNING id)"
                " UPDATE procrastinate_jobs SET status = 'doing', worker_id = (SELECT id FROM dead)"
            )
        )
    async with working(tools, messenger):
        async with tools.unit_of_work() as work:
            assert await housekeeping.retry_abandoned_jobs(work) == 1
        await until(lambda: _is(tools, given, DocumentState.UPLOADED))
        async with tools.unit_of_work() as work:
            assert await housekeeping.retry_abandoned_jobs(work) == 0


async def test_a_picture_that_ends_the_process_time_after_time_is_given_up(
    tools: Tools, messenger: RecordingMessenger
) -> None:
    given = await document(tools)
    async with tools.unit_of_work() as work:
        await work.session.execute(text("UPDATE procrastinate_jobs SET attempts = 5"))
    async with working(tools, messenger):
        await until(lambda: _is(tools, given, DocumentState.REFUSED))
    assert messenger.fetched == []


async def test_a_job_whose_work_was_done_before_does_nothing(
    tools: Tools, messenger: RecordingMessenger
) -> None:
    messenger.media["media-1"] = photo()
    given = await document(tools)
    async with working(tools, messenger):
        await until(lambda: _is(tools, given, DocumentState.UPLOADED))
        async with tools.unit_of_work() as work:
            await defer(work, Task.TAKE_PICTURE, document_id=str(given), account="main")
        await until(lambda: _queue_is_empty(tools))
    assert messenger.fetched == ["media-1"]
    async with tools.unit_of_work() as work:
        assert await work.session.scalar(select(func.count()).select_from(OutboxMessage)) == 1


async def voucher(tools: Tools) -> UUID:
    """A picture of a transfer that was sent and is to be fetched."""
    async with tools.unit_of_work() as work:
        enrolment = await factories.enrolment(
            work,
            organisation=await factories.organisation(work),
            follower=await factories.follower(work),
        )
        row = Payment(
            id=uuid4(),
            enrolment_id=enrolment.id,
            fee_key=work.scheme(enrolment.scheme_ref).fees[0].key,
            amount_fen=18000,
            state=PaymentState.DUE,
            created_at=work.now,
        )
        work.session.add(row)
        await work.session.flush()
        await defer(work, Task.TAKE_VOUCHER, payment_id=str(row.id), account="main", media_id="media-2")
        return row.id


async def _is(tools: Tools, document_id: UUID, state: DocumentState) -> bool:
    return await state_of(tools, document_id) == state


async def _retry_planned(tools: Tools) -> bool:
    async with tools.unit_of_work() as work:
        return bool(
            await work.session.scalar(text("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'"))
        )


async def _queue_is_empty(tools: Tools) -> bool:
    async with tools.unit_of_work() as work:
        return not await work.session.scalar(text("SELECT count(*) FROM procrastinate_jobs"))


async def test_when_an_examiner_declines_the_worker_draws_somebody_else_d9(tools: Tools) -> None:
    async with tools.unit_of_work() as work:
        at = await sichuan_stories.centres(work)
        for name in ("考评甲", "考评乙"):
            await card_stories.numbered(work, at, name=name, employer=f"{name}的单位")
        plan = await PlanningService(work).add(
            at.city_officer,
            family="sichuan_examiner",
            occupation="电工",
            held_on=date(2026, 11, 28),
            place="成都",
            assessed="某机构",
            wanted=1,
        )
        await PlanningService(work).draw(at.city_officer, plan.id)
        (drawn,) = (await AssignmentService(work).show(at.city_officer, plan.id)).examiners
        follower_id = await work.session.scalar(
            select(Enrolment.follower_id).join(Card).where(Card.id == drawn.card_id)
        )
        assert follower_id is not None
        await AttendingService(work).decline(at.city_officer, drawn.id, "出差", follower_id=follower_id)

    async def two_draws() -> bool:
        async with tools.unit_of_work() as work:
            return len((await AssignmentService(work).show(at.city_officer, plan.id)).draws) == 2

    async with working(tools, RecordingMessenger()):
        await until(two_draws)
