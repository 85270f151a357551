"""Vouchers 转账凭证 that could not be taken: the person is told what is wrong and what to do."""

import hashlib
from collections.abc import Mapping
from uuid import UUID

from services.notices import NoticeService
from services.notices.picture_texts import problem_and_remedy
from services.payments.fees import fees_of
from services.rules.localtime import local_datetime
from services.unit_of_work import Work
from storage.repositories.payments import PaymentRepository


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
