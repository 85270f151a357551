"""Attachments 附件: pictures from the chat and files from staff, kept encrypted beside what they belong to.

Whether somebody may see one is decided by the service of what it belongs to; this module only keeps and gives.
"""

import asyncio
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid4

from services.errors import NotFoundError, ServiceError
from services.jobs import Task, defer
from services.notices import NoticeService
from services.notices.outbox import Addressed
from services.notices.picture_texts import problem_and_remedy
from services.pictures.documents import check_document
from services.pictures.intake import MAX_BYTES, open_picture
from services.pictures.models import PictureRefusedError, Refusal
from services.rules.localtime import local_datetime
from services.unit_of_work import Work
from storage.repositories.attachments import AttachmentRepository
from storage.states import AttachmentState
from storage.tables import Attachment

#: Files of one entry or request; a person can send no more.
MOST: Final = 12
PDF: Final = "application/pdf"
LONGEST_TITLE: Final = 80
_AGAIN: Final = {
    "statement": "请回复 陈述，再重新发送。",
    "proof": "请回复 资料变更，按提示重新发送。",
}
_CONTROL = re.compile(r"[\x00-\x1f\x7f]+")


@dataclass(frozen=True, kw_only=True)
class AttachmentView:
    """One file; its content is given by the service of what it belongs to."""

    id: UUID
    role: str
    title: str
    state: AttachmentState
    media_type: str
    added_by: str
    at: datetime
    refusal: Mapping[str, Any]
    #: When it was deleted, having been kept long enough (C11).
    purged_at: datetime | None = None


async def request_picture(
    work: Work,
    role: str,
    media_id: str,
    *,
    account: str,
    before: int,
    entry_id: UUID | None = None,
    request_id: UUID | None = None,
) -> None:
    """Have a picture from the chat fetched by a job; `before` is how many there are. Exactly one of the ids is given.

    Raises:
        ServiceError: `attachment.too_many` with the `limit`.
    """
    row = _new(work, role, entry_id, request_id, before)
    row.state, row.media_id = AttachmentState.FETCHING, media_id
    await work.session.flush()
    await defer(work, Task.TAKE_ATTACHMENT, attachment_id=str(row.id), account=account)


async def add_file(
    work: Work,
    role: str,
    filename: str,
    content: bytes,
    *,
    added_by: str,
    entry_id: UUID | None = None,
    request_id: UUID | None = None,
) -> UUID:
    """Keep a file of staff's: a picture, encoded anew, or a PDF as it is, which is only ever downloaded.

    Raises:
        ServiceError: `attachment.too_many` with the `limit`, `attachment.too_large` with the `limit_mb`,
            `attachment.kind` for what is neither.
    """
    kept, media_type = await readable(content)
    before = await AttachmentRepository(work.session).count(entry_id=entry_id, request_id=request_id)
    row = _new(work, role, entry_id, request_id, before)
    row.title, row.added_by_name = _CONTROL.sub(" ", filename).strip()[-LONGEST_TITLE:], added_by
    await _keep(work, row, kept, media_type)
    await work.session.flush()
    return row.id


async def readable(content: bytes) -> tuple[bytes, str]:
    """What to keep of a file, and its media type: a picture encoded anew, or a PDF as it is.

    Raises:
        ServiceError: `attachment.too_large` with the `limit_mb`, `attachment.kind` for what is neither.
    """
    if len(content) > MAX_BYTES:
        raise ServiceError("attachment.too_large", limit_mb=MAX_BYTES // 1024 // 1024)
    if content.startswith(b"%PDF-"):
        return content, PDF
    try:
        picture = await asyncio.to_thread(open_picture, content)
    except PictureRefusedError as error:
        raise ServiceError("attachment.kind") from error
    return picture.content, picture.media_type


async def media_of(work: Work, attachment_id: UUID) -> str | None:
    """WeChat's media id, or None when there is nothing to fetch any more."""
    row = await AttachmentRepository(work.session).find(attachment_id)
    return row.media_id if row is not None and row.state == AttachmentState.FETCHING else None


async def keep_picture(work: Work, attachment_id: UUID, data: bytes) -> None:
    """Take in what was fetched. Idempotent; called by a job.

    Raises:
        services.pictures.models.PictureRefusedError: call `refuse` with it.
    """
    row = await AttachmentRepository(work.session).find(attachment_id, for_update=True)
    if row is None or row.state != AttachmentState.FETCHING:
        return
    picture = await asyncio.to_thread(open_picture, data)
    if refusals := check_document(picture).refusals:
        raise PictureRefusedError(Refusal(refusals[0].code), **refusals[0].facts)
    await _keep(work, row, picture.content, picture.media_type)


async def refuse(work: Work, attachment_id: UUID, code: str, facts: Mapping[str, Any]) -> None:
    """It cannot be had or read: tell the person, who may send it again. Idempotent."""
    repository = AttachmentRepository(work.session)
    row = await repository.find(attachment_id, for_update=True)
    if row is None or row.state != AttachmentState.FETCHING:
        return
    row.state, row.refusal = AttachmentState.REFUSED, {"code": code, "facts": dict(facts)}
    problem, remedy = problem_and_remedy(code, facts)
    scheme_ref, followers = await repository.senders(row)
    await NoticeService(work).send_many(
        [
            Addressed(
                follower_id=follower,
                notice="attachment_refused",
                cause=f"{row.id}:{follower}",
                facts={
                    "scheme": work.scheme(scheme_ref).short_title,
                    "problem": problem,
                    "remedy": remedy,
                    "again": _AGAIN[row.role],
                    "hint": "请重新发送照片",
                    "time": local_datetime(work.now),
                },
            )
            for follower in followers
        ]
    )


async def content_of(work: Work, row: Attachment) -> tuple[bytes, str, str]:
    """Content, media type and title. Raises NotFoundError while it is not kept."""
    if row.file_key is None or row.media_type is None:
        raise NotFoundError("attachment.not_found")
    return await work.tools.files.get(row.file_key), row.media_type, row.title


def view(row: Attachment) -> AttachmentView:
    """One row."""
    return AttachmentView(
        id=row.id,
        role=row.role,
        title=row.title,
        state=AttachmentState(row.state),
        media_type=row.media_type or "",
        added_by=row.added_by_name,
        at=row.created_at,
        refusal=row.refusal,
        purged_at=row.purged_at,
    )


def _new(work: Work, role: str, entry_id: UUID | None, request_id: UUID | None, before: int) -> Attachment:
    if before >= MOST:
        raise ServiceError("attachment.too_many", limit=MOST)
    row = Attachment(
        id=uuid4(),
        blacklist_entry_id=entry_id,
        change_request_id=request_id,
        role=role,
        state=AttachmentState.KEPT,
        refusal={},
        created_at=work.now,
    )
    work.session.add(row)
    return row


async def _keep(work: Work, row: Attachment, content: bytes, media_type: str) -> None:
    row.file_key = f"attachments/{row.id.hex}"
    await work.tools.files.put(row.file_key, content)
    row.state, row.media_type, row.sha256 = (
        AttachmentState.KEPT,
        media_type,
        hashlib.sha256(content).hexdigest(),
    )
