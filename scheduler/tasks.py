"""The jobs: each fetches what it needs outside any transaction, then calls one service verb in a unit of work.

A job may be run again after it was killed at any point, so every verb it calls is idempotent. It is tried at most
`MAX_TRIES` times, kills included; then the person is told who waits for it, or staff see it who can have it tried again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from procrastinate import App, BaseRetryStrategy, JobContext, RetryDecision
from procrastinate.jobs import Job

from services import attachments, erasure
from services.assignments.planning import PlanningService
from services.attendance import hours as following
from services.broadcasts import BroadcastService
from services.certificates import CertificateService, UnmadePaperService
from services.enrolments import documents
from services.jobs import Task
from services.models import Actor
from services.payments import vouchers
from services.pictures.intake import MAX_BYTES
from services.pictures.models import PictureRefusedError
from services.ports import MediaGoneError, MediaTooLargeError, MediaUnavailableError, Messenger
from services.retention import purge_some
from services.unit_of_work import Tools, Work

log = structlog.get_logger(__name__)

MAX_TRIES: Final = 5
_FIRST_SECONDS, _FACTOR = 2.0, 4


class BackOff(BaseRetryStrategy):
    """Again after about 2, 8, 32 and 128 s, with jitter; whatever went wrong."""

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """None after the last try."""
        if job.attempts + 1 >= MAX_TRIES:
            return None
        jitter = 0.5 + self._tools.entropy.bits(16) / 65535 / 2
        wait = timedelta(seconds=_FIRST_SECONDS * _FACTOR**job.attempts * jitter)
        return RetryDecision(retry_at=datetime.now(UTC) + wait)


class PictureLostError(Exception):
    """The picture cannot be had; `code` says why, in the words of `services.notices.picture_texts`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class JobTasks:
    """What the tasks of `services.jobs.Task` do."""

    def __init__(self, tools: Tools, messenger: Messenger) -> None:
        self.tools = tools
        self.messenger = messenger
        #: A 40-megapixel picture takes hundreds of megabytes: one at a time.
        self._pictures = asyncio.Semaphore(1)

    def register(self, app: App) -> None:
        """Make the tasks known under their names."""
        retry = BackOff(self.tools)
        for name, task in (
            (Task.TAKE_PICTURE, self.take_picture),
            (Task.TAKE_VOUCHER, self.take_voucher),
            (Task.DELIVER_CERTIFICATE, self.deliver_certificate),
            (Task.TAKE_ATTACHMENT, self.take_attachment),
            (Task.DRAW_AGAIN, self.draw_again),
            (Task.PURGE_REPORT, self.purge_report),
            (Task.FOLLOW_ERASURE, self.follow_erasure),
            (Task.CARRY_OUT_ERASURE, self.carry_out_erasure),
            (Task.FREEZE_AUDIENCE, self.freeze_audience),
            (Task.DELETE_FILES, self.delete_files),
            (Task.FOLLOW_HOURS, self.follow_hours),
        ):
            app.task(name=name.value, pass_context=True, retry=retry)(task)

    async def take_picture(self, context: JobContext, *, document_id: str, account: str) -> None:
        """Fetch a document's picture and hand it to its check."""
        document = UUID(document_id)
        async with self.tools.unit_of_work() as work:
            media_id = await documents.media_of(work, document)
        if media_id is None:
            return
        try:
            _ensure_tries_left(context)
            data = await self._fetch(context, account, media_id)
            async with self._pictures, self.tools.unit_of_work() as work:
                await self._or_lost(context, documents.take_picture(work, document, data))
        except PictureLostError as error:
            async with self.tools.unit_of_work() as work:
                await documents.give_up(work, document, f"picture.{error.code}")

    async def take_voucher(
        self, context: JobContext, *, payment_id: str, account: str, media_id: str
    ) -> None:
        """Fetch the picture of a transfer and keep it with its payment."""
        payment = UUID(payment_id)

        async def keep(work: Work, data: bytes) -> None:
            await vouchers.VoucherService(work).keep(payment, data)

        async def refuse(work: Work, code: str, facts: Mapping[str, Any]) -> None:
            await vouchers.refuse_voucher(work, payment, media_id, code, facts)

        await self._take(context, account, media_id, keep, refuse)

    async def take_attachment(self, context: JobContext, *, attachment_id: str, account: str) -> None:
        """Fetch a picture of a statement or of a proof, and keep it."""
        attachment = UUID(attachment_id)
        async with self.tools.unit_of_work() as work:
            media_id = await attachments.media_of(work, attachment)
        if media_id is None:
            return

        async def keep(work: Work, data: bytes) -> None:
            await attachments.keep_picture(work, attachment, data)

        async def refuse(work: Work, code: str, facts: Mapping[str, Any]) -> None:
            await attachments.refuse(work, attachment, code, facts)

        await self._take(context, account, media_id, keep, refuse)

    async def deliver_certificate(self, context: JobContext, *, certificate_id: str) -> None:
        """Print a certificate and tell its holder."""
        certificate = UUID(certificate_id)
        try:
            async with self.tools.unit_of_work() as work:
                await CertificateService(work).deliver(certificate)
        except Exception as error:
            if _is_last(context):
                async with self.tools.unit_of_work() as work:
                    await UnmadePaperService(work).give_up(certificate, type(error).__name__)
            raise

    async def follow_hours(
        self, context: JobContext, *, enrolment_id: str, source: str, reference: str
    ) -> None:
        """Tell of the hours of a day that somebody signed in on, and issue the paper where they are met."""
        async with self.tools.unit_of_work() as work:
            await following.follow(work, UUID(enrolment_id), source, reference, Actor.system("follow_hours"))

    async def draw_again(self, context: JobContext, *, assignment_id: str) -> None:
        """Draw for the place of an examiner who declined."""
        async with self.tools.unit_of_work() as work:
            await PlanningService(work).draw_again(UUID(assignment_id))

    async def purge_report(self, context: JobContext, *, report_id: str) -> None:
        """Delete what two people decided to delete; some files in each unit of work, until none is left."""
        left = True
        while left:
            async with self.tools.unit_of_work() as work:
                left = await purge_some(work, UUID(report_id))

    async def follow_erasure(self, context: JobContext, *, follower_id: str) -> None:
        """Delete what goes at once of what somebody asked to have deleted."""
        async with self.tools.unit_of_work() as work:
            await erasure.follow(work, UUID(follower_id))

    async def carry_out_erasure(self, context: JobContext, *, request_id: str) -> None:
        """Erase what two people decided, and tell the person."""
        async with self.tools.unit_of_work() as work:
            await erasure.carry_out(work, UUID(request_id))

    async def freeze_audience(self, context: JobContext, *, broadcast_id: str) -> None:
        """Write who gets a broadcast, for another person to approve."""
        async with self.tools.unit_of_work() as work:
            await BroadcastService(work).freeze(UUID(broadcast_id))

    async def delete_files(self, context: JobContext) -> None:
        """Take doomed files out of the store, some in each unit of work, until none is left."""
        left = True
        while left:
            async with self.tools.unit_of_work() as work:
                left = await erasure.delete_files(work)

    async def _take(
        self,
        context: JobContext,
        account: str,
        media_id: str,
        keep: Callable[[Work, bytes], Awaitable[None]],
        refuse: Callable[[Work, str, Mapping[str, Any]], Awaitable[None]],
    ) -> None:
        """Fetch a picture and `keep` it, or `refuse` it with a code and facts when it is no use or cannot be had."""
        try:
            _ensure_tries_left(context)
            data = await self._fetch(context, account, media_id)
            async with self._pictures, self.tools.unit_of_work() as work:
                await self._or_lost(context, keep(work, data))
        except PictureLostError as error:
            async with self.tools.unit_of_work() as work:
                await refuse(work, error.code, {})
        except PictureRefusedError as error:
            async with self.tools.unit_of_work() as work:
                await refuse(work, error.code, error.facts)

    async def _fetch(self, context: JobContext, account: str, media_id: str) -> bytes:
        try:
            return await self.messenger.fetch_media(account, media_id, max_bytes=MAX_BYTES)
        except MediaGoneError as error:
            raise PictureLostError("gone") from error
        except MediaTooLargeError as error:
            raise PictureLostError("too_many_bytes") from error
        except MediaUnavailableError as error:
            if _is_last(context):
                raise PictureLostError("unreachable") from error
            raise

    async def _or_lost(self, context: JobContext, check: Awaitable[None]) -> None:
        """On the last try whatever breaks ends in telling the person, who would wait for ever otherwise."""
        try:
            await check
        except PictureRefusedError:
            raise
        except Exception as error:
            if not _is_last(context):
                raise
            log.exception("job.broken", job=context.job.task_name)
            raise PictureLostError("unreachable") from error


def _is_last(context: JobContext) -> bool:
    return context.job.attempts + 1 >= MAX_TRIES


def _ensure_tries_left(context: JobContext) -> None:
    """A picture whose check has ended the process time after time is not checked once more."""
    if context.job.attempts >= MAX_TRIES:
        raise PictureLostError("unreachable")
