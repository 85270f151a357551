"""Deferring slow work: a Procrastinate job, written in the same transaction as its cause.

The tasks themselves live in `scheduler.tasks`; here are only their names and arguments.
"""

import json
from enum import StrEnum

from sqlalchemy import text

from services.unit_of_work import Work


class Task(StrEnum):
    """Name of a task; its arguments are the keyword arguments of `defer`."""

    #: `document_id`, `account`: fetch a picture from WeChat, check it, keep it.
    TAKE_PICTURE = "take_picture"
    #: `payment_id`, `account`, `media_id`: fetch a payment voucher.
    TAKE_VOUCHER = "take_voucher"
    #: `attachment_id`, `account`: fetch a picture that belongs to a blacklist entry or a change.
    TAKE_ATTACHMENT = "take_attachment"
    #: `enrolment_id`, `source`, `reference` of a study record: tell of its hours, issue the 学时证明.
    FOLLOW_HOURS = "follow_hours"
    #: `certificate_id`: set PDF and PNG and send them to the holder.
    DELIVER_CERTIFICATE = "deliver_certificate"
    #: `assignment_id`: draw for the place of one who declined (D9).
    DRAW_AGAIN = "draw_again"
    #: `report_id`: delete the files of a retention report that two people decided (C11).
    PURGE_REPORT = "purge_report"
    #: `follower_id`: take back, delete and restrict what somebody asked to have deleted (C11).
    FOLLOW_ERASURE = "follow_erasure"
    #: `request_id`: delete what two people decided, and tell the person.
    CARRY_OUT_ERASURE = "carry_out_erasure"
    #: `broadcast_id`: write the row of each recipient of a large audience.
    FREEZE_AUDIENCE = "freeze_audience"
    #: Take the files that no row names any more out of the store.
    DELETE_FILES = "delete_files"


_DEFER = text(
    """SELECT procrastinate_defer_jobs_v1(ARRAY[ROW(
        'default', :task, 0, :lock, NULL, CAST(:args AS jsonb), NULL)::procrastinate_job_to_defer_v1])"""
)


async def defer(work: Work, task: Task, *, lock: str | None = None, **arguments: str) -> None:
    """Queue a job that exists only if this unit of work commits. Jobs with the same `lock` run one after another."""
    await work.session.execute(_DEFER, {"task": task.value, "lock": lock, "args": json.dumps(arguments)})
