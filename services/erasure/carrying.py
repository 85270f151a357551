"""Carrying out what was asked for and decided; called by jobs, which may run again after they were killed at any point.

Rows first: they name a file no more and doom it, in one transaction. Files after that, one by one, until none is doomed.
"""

from collections.abc import Collection
from typing import Final
from uuid import UUID

from services import audit, jobs
from services.enrolments.service import EnrolmentService
from services.erasure.holdings import of_enrolments
from services.erasure.telling import tell_done, tell_forgotten
from services.models import Actor
from services.rules.erasure import Fate
from services.unit_of_work import Work
from storage.erasure_states import ErasureState
from storage.repositories.erasures import ErasureRepository
from storage.repositories.holdings import HoldingRepository
from storage.tables import Enrolment, ErasureItem

_AT_ONCE: Final = 50
_ACTOR: Final = Actor.system("erasure")


async def follow(work: Work, follower_id: UUID) -> None:
    """Take back what is in review, delete the drafts, and the pictures that were replaced before anybody looked."""
    erasures = ErasureRepository(work.session)
    for enrolment in await erasures.to_withdraw(follower_id):
        await EnrolmentService(work).withdraw(
            enrolment.id,
            follower_id=follower_id,
            actor=Actor(kind="applicant", id=str(follower_id), name="申请人"),
        )
    await work.session.flush()
    # Somebody admitted it between the question and this job: it is under way, and is worked with.
    await erasures.free_admitted(follower_id)
    await delete_drafts(work, follower_id, [row.id for row in await erasures.drafts_to_erase(follower_id)])
    restricted = await HoldingRepository(work.session).restricted(follower_id)
    pictures = await erasures.drop_pictures(restricted, work.now, replaced_only=True)
    if pictures:
        audit.record(
            work, _ACTOR, "erasure.replaced_deleted", "follower", follower_id, after={"pictures": pictures}
        )
    await _defer_deletion(work)


async def delete_drafts(work: Work, follower_id: UUID, enrolment_ids: list[UUID]) -> None:
    """Delete drafts with everything in them, in this unit of work; their files follow in a job."""
    if not enrolment_ids:
        return
    pictures = await ErasureRepository(work.session).delete_drafts(enrolment_ids, work.now)
    audit.record(
        work,
        _ACTOR,
        "erasure.drafts_deleted",
        "follower",
        follower_id,
        after={"drafts": len(enrolment_ids), "pictures": pictures},
    )
    await _defer_deletion(work)


async def carry_out(work: Work, request_id: UUID) -> None:
    """Erase what two people decided, and tell the person what is gone and what remains."""
    erasures = ErasureRepository(work.session)
    request = await erasures.find(request_id, for_update=True)
    if request is None or request.state != ErasureState.CONFIRMED:
        return
    rows = await erasures.items(request_id)
    now = await of_enrolments(work, [enrolment.id for _, enrolment, _ in rows])
    for item, enrolment, _ in rows:
        if item.erased_at is not None:
            continue
        ruling = now[enrolment.id].ruling
        item.fate, item.duties, item.kept_until = ruling.fate.value, list(ruling.duties), ruling.kept_until
        if ruling.fate is Fate.ERASE:
            await _erase(work, item, enrolment)
    request.state, request.finished_at = ErasureState.DONE, work.now
    audit.record(
        work,
        _ACTOR,
        "erasure.carried_out",
        "erasure_request",
        request.id,
        before={"state": ErasureState.CONFIRMED},
        after={"state": request.state, "erased": sum(item.erased_at is not None for item, _, _ in rows)},
        organisation_id=request.organisation_id,
    )
    await tell_done(work, request)
    await _defer_deletion(work)


async def forget_restricted(work: Work, enrolment_ids: Collection[UUID]) -> None:
    """The time is over and the files are gone: of those who asked for it, everything else goes too, and they are told."""
    erasures = ErasureRepository(work.session)
    for item, enrolment in await erasures.kept_items(enrolment_ids):
        await _erase(work, item, enrolment)
        await tell_forgotten(work, enrolment)
    await _defer_deletion(work)


async def carry_out_again(work: Work) -> int:
    """Queue what was asked for or decided and is not carried out, because a job was lost; says how many jobs."""
    erasures = ErasureRepository(work.session)
    followers, requests = await erasures.waiting_to_follow(), await erasures.confirmed()
    for follower_id in followers:
        await jobs.defer(
            work, jobs.Task.FOLLOW_ERASURE, lock=f"erasure:{follower_id}", follower_id=str(follower_id)
        )
    for request_id in requests:
        await defer_carrying_out(work, request_id)
    await _defer_deletion(work)
    return len(followers) + len(requests)


async def defer_carrying_out(work: Work, request_id: UUID) -> None:
    """Queue `carry_out`, if this unit of work commits."""
    await jobs.defer(
        work, jobs.Task.CARRY_OUT_ERASURE, lock=f"erasure-request:{request_id}", request_id=str(request_id)
    )


async def delete_files(work: Work) -> bool:
    """Take up to 50 doomed files out of the store; says whether some may be left.

    Raises storage.files.FileStoreError.
    """
    erasures = ErasureRepository(work.session)
    keys = await erasures.next_doomed(_AT_ONCE)
    for key in keys:
        await work.tools.files.delete(key)
    await erasures.forget_doomed(keys)
    return bool(keys)


async def _erase(work: Work, item: ErasureItem, enrolment: Enrolment) -> None:
    """Answers, pictures and the person go; the number, the log, and papers with what they say of their holder stay."""
    erasures = ErasureRepository(work.session)
    item.erased_files = await erasures.drop_pictures([enrolment.id], work.now)
    item.erased_at = work.now
    person_id, enrolment.person_id = enrolment.person_id, None
    enrolment.answers, enrolment.returned, enrolment.reopened = {}, {}, []
    await work.session.flush()
    await erasures.forget_messages([enrolment.id])
    if person_id is not None:
        await erasures.forget_persons([person_id])
    audit.record_enrolment(work, _ACTOR, "enrolment.erased", enrolment, after={"pictures": item.erased_files})


async def _defer_deletion(work: Work) -> None:
    await jobs.defer(work, jobs.Task.DELETE_FILES, lock="doomed-files")
