"""Vouchers 转账凭证: pictures of transfers, taken in, looked at, or refused with what is wrong and what to do."""

import asyncio
import hashlib
from collections.abc import Mapping
from uuid import UUID

from services import audit
from services.access import ensure_own, ensure_reader
from services.blacklist.stopping import ensure_not_stopped
from services.enrolments.restricted import ensure_opened
from services.errors import NotFoundError
from services.jobs import Task, defer
from services.models import Actor, PaymentState
from services.notices import NoticeService
from services.notices.picture_texts import problem_and_remedy
from services.payments.fees import fees_of
from services.payments.owed import load
from services.payments.service import mark_claimed
from services.payments.views import UNPAID
from services.pictures.intake import open_picture
from services.rules.localtime import local_datetime
from services.unit_of_work import Work
from storage.repositories.enrolments import EnrolmentRepository
from storage.repositories.payments import PaymentRepository

_PICTURE_TYPE = "image/jpeg"


class VoucherService:
    """Pictures of transfers."""

    def __init__(self, work: Work) -> None:
        self.work = work

    async def request(self, payment_id: UUID, media_id: str, *, account: str, actor: Actor) -> None:
        """Have a picture of the transfer, sent in the chat, fetched by a job that calls `keep`.

        Raises NotFoundError; BarredError (C7).
        """
        payment = await PaymentRepository(self.work.session).find(payment_id)
        if payment is None:
            raise NotFoundError("payment.not_found")
        enrolment = await EnrolmentRepository(self.work.session).get(payment.enrolment_id)
        ensure_own(actor, enrolment.follower_id)
        await ensure_not_stopped(self.work, enrolment)
        await defer(
            self.work,
            Task.TAKE_VOUCHER,
            lock=f"voucher:{payment_id}",
            payment_id=str(payment_id),
            account=account,
            media_id=media_id,
        )

    async def keep(self, payment_id: UUID, content: bytes) -> None:
        """Take in the picture of the transfer: checked, encoded anew, encrypted. A newer one takes its place.

        What is still due, or was short, counts as claimed with it; a payment that is at an end is left as it is.

        Raises:
            services.pictures.models.PictureRefusedError: it is no usable picture.
        """
        picture = await asyncio.to_thread(open_picture, content)
        payment, loaded = await load(self.work, payment_id)
        if payment.state not in UNPAID:
            return
        key = f"vouchers/{payment.id.hex}/{picture.sha256[:32]}"
        await self.work.tools.files.put(key, picture.content)
        if payment.voucher_key is not None and payment.voucher_key != key:
            PaymentRepository(self.work.session).supersede(payment, self.work.now)
        payment.voucher_key = key
        actor = Actor.system("vouchers")
        audit.record_enrolment(
            self.work,
            actor,
            "payment.voucher_kept",
            loaded.enrolment,
            after={"fee": payment.fee_key, "sha256": picture.sha256},
        )
        if payment.state in (PaymentState.DUE, PaymentState.SHORT):
            mark_claimed(self.work, payment, loaded.enrolment, payment.remark, actor)

    async def show(self, actor: Actor, payment_id: UUID) -> tuple[bytes, str]:
        """The picture of the transfer and its media type; the look is logged (B9).

        Raises NotFoundError, ForbiddenError `enrolment.restricted`.
        """
        payment, loaded = await load(self.work, payment_id)
        ensure_reader(actor, loaded.enrolment.trained_by)
        await ensure_opened(self.work, actor, loaded.enrolment)
        if payment.voucher_key is None:
            raise NotFoundError("payment.no_voucher")
        audit.record_enrolment(
            self.work, actor, "payment.voucher_viewed", loaded.enrolment, after={"fee": payment.fee_key}
        )
        return await self.work.tools.files.get(payment.voucher_key), _PICTURE_TYPE


async def refuse_voucher(
    work: Work, payment_id: UUID, media_id: str, code: str, facts: Mapping[str, object]
) -> None:
    """Tell the person why this picture is no use: `code` is a picture's `Refusal`, gone or unreachable. Idempotent."""
    payments = PaymentRepository(work.session)
    payment = await payments.find(payment_id)
    found = await payments.find_enrolment(payment.enrolment_id) if payment is not None else None
    if payment is None or found is None:
        return
    enrolment, _, publication = found
    scheme = work.scheme(enrolment.scheme_ref)
    fee = next(fee for fee in fees_of(scheme, publication) if fee.key == payment.fee_key)
    problem, remedy = problem_and_remedy(code, facts)
    await NoticeService(work).send(
        enrolment.follower_id,
        "document_refused",
        cause=f"{payment_id}:{hashlib.sha256(media_id.encode()).hexdigest()[:16]}",
        facts={
            "scheme": scheme.short_title,
            "material": f"{fee.label}转账凭证",
            "problem": problem,
            "remedy": f"{remedy}请先回复 缴费。",
            "hint": "请回复 缴费 重发凭证",
            "time": local_datetime(work.now),
        },
        enrolment_id=enrolment.id,
    )
