"""Somebody who has one enrolment of every fate, and asks for the deletion of their data (C11)."""

from typing import Any
from uuid import UUID

from sqlalchemy import select, text

from scheduler.tasks import JobTasks
from services.erasure import AskingService
from services.erasure.asking import fingerprint
from services.models import EnrolmentState
from services.unit_of_work import Tools, Work
from storage.tables import Document, Enrolment, ErasureRequest, Follower, Organisation
from tests import certificate_rows, factories


async def with_draft(work: Work, organisation: Organisation, follower_id: UUID) -> Enrolment:
    """A draft with one picture; nobody knows yet whose it is."""
    return await _theirs(
        work, organisation, follower_id, state=EnrolmentState.DRAFT, scheme_id="chief-quality-officer"
    )


async def in_review(work: Work, organisation: Organisation, follower_id: UUID) -> Enrolment:
    """Handed in, and nobody has looked at it."""
    return await _theirs(work, organisation, follower_id, state=EnrolmentState.IN_REVIEW)


async def refused(work: Work, organisation: Organisation, follower_id: UUID) -> Enrolment:
    """Looked at and refused today."""
    return await _theirs(
        work, organisation, follower_id, state=EnrolmentState.REJECTED, scheme_id="quality-safety-director"
    )


async def asks(tools: Tools, follower_id: UUID) -> None:
    """The person asks in the chat, and the job does its part."""
    async with tools.unit_of_work() as work:
        service = AskingService(work)
        seen = fingerprint(await service.look(follower_id))
        await service.ask(
            follower_id,
            seen=seen,
            actor=factories.applicant_actor(await work.session.get_one(Follower, follower_id)),
        )
    await run_jobs(tools)


async def run_jobs(tools: Tools) -> None:
    """Whatever is queued about deletion, until nothing is."""
    jobs = JobTasks(tools, messenger=None)  # type: ignore[arg-type]
    tasks: dict[str, Any] = {
        name: getattr(jobs, name) for name in ("follow_erasure", "carry_out_erasure", "delete_files")
    }
    while True:
        async with tools.unit_of_work() as work:
            queued = await work.session.execute(
                text(
                    "DELETE FROM procrastinate_jobs WHERE task_name = ANY(:names) RETURNING task_name, args"
                ),
                {"names": list(tasks)},
            )
            found = queued.all()
        if not found:
            return
        for name, arguments in found:
            await tasks[name](None, **arguments)


async def request_of(work: Work, follower_id: UUID) -> ErasureRequest:
    """The newest request."""
    row = await work.session.scalar(
        select(ErasureRequest)
        .where(ErasureRequest.follower_id == follower_id)
        .order_by(ErasureRequest.number.desc())
        .limit(1)
    )
    assert row is not None
    return row


async def key_of(work: Work, enrolment_id: UUID) -> str:
    """Where the one picture of an enrolment lies."""
    key = await work.session.scalar(select(Document.file_key).where(Document.enrolment_id == enrolment_id))
    assert key is not None
    return key


async def one_of_each(tools: Tools) -> dict[str, UUID]:
    """A request, for whoever types the addresses of another organisation."""
    async with tools.unit_of_work() as work:
        who = (await factories.follower(work)).id
        await refused(work, await factories.organisation(work, "第三家"), who)
    await asks(tools, who)
    async with tools.unit_of_work() as work:
        return {"erasures": (await request_of(work, who)).id}


async def _theirs(work: Work, organisation: Organisation, follower_id: UUID, **wanted: Any) -> Enrolment:
    row = await certificate_rows.enrolled(work, organisation, **wanted)
    row.follower_id = follower_id
    if row.submitted_at is None:
        row.person_id = None
    await work.session.flush()
    return row
