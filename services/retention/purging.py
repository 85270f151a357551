"""Deleting the files of a report that two people decided. It may be run again after it was killed at any point."""

from typing import Final
from uuid import UUID

from services import audit, jobs
from services.erasure.carrying import forget_restricted
from services.models import Actor
from services.unit_of_work import Work
from storage.repositories.kept_files import KeptFileRepository
from storage.repositories.retention import RetentionRepository
from storage.retention_states import RetainedKind, RetentionState

_AT_ONCE: Final = 100


async def purge_some(work: Work, report_id: UUID) -> bool:
    """Delete the files of up to 100 items; says whether some may be left. Raises `storage.files.FileStoreError`."""
    repository, kept = RetentionRepository(work.session), KeptFileRepository(work.session)
    report = await repository.find(report_id, for_update=True)
    if report is None or report.state != RetentionState.CONFIRMED:
        return False
    items = await repository.next_to_purge(report_id, _AT_ONCE)
    for kind in RetainedKind:
        rows = [item.subject_id for item in items if item.kind == kind]
        # The file first: a row that names none is not found again, a file that is gone is no error next time.
        for key in await kept.keys(kind, rows) if rows else ():
            await work.tools.files.delete(key)
        if rows:
            await kept.mark_purged(kind, rows, work.now)
    for item in items:
        item.purged_at = work.now
    if items:
        return True
    await forget_restricted(work, await repository.enrolments_on(report_id))
    report.state, report.purged_at = RetentionState.PURGED, work.now
    audit.record(
        work,
        Actor.system("retention"),
        "retention.purged",
        "retention_report",
        report.id,
        before={"state": RetentionState.CONFIRMED},
        after={"state": report.state},
        organisation_id=report.organisation_id,
    )
    return False


async def purge_again(work: Work) -> int:
    """Queue what was decided and is not deleted yet, because the store could not; says how many reports."""
    waiting = await RetentionRepository(work.session).confirmed()
    for report_id in waiting:
        await defer_purge(work, report_id)
    return len(waiting)


async def defer_purge(work: Work, report_id: UUID) -> None:
    """Queue the deletion, if this unit of work commits."""
    await jobs.defer(work, jobs.Task.PURGE_REPORT, lock=f"retention:{report_id}", report_id=str(report_id))
