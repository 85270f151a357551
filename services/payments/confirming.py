"""What staff find on the account: a transfer that is enough or short, and money that went back (A7)."""

from decimal import Decimal
from uuid import UUID

from services import audit
from services.access import ensure_officer
from services.errors import ConflictError, ServiceError
from services.models import Actor, PaymentState
from services.notices import NoticeService
from services.payments.owed import Loaded, applicable_fees, find_owed, load, outstanding_of
from services.payments.transfers import ensure_amount, ensure_pays
from services.payments.views import UNPAID, confirmed_facts, short_facts
from services.rules.localtime import local_datetime
from services.rules.next_step import NextStep, next_step
from services.rules.text import normalise
from services.schemes.models import Fee
from services.study.records import counted_hours, required_hours
from services.unit_of_work import Work
from storage.repositories.study import StudyRepository
from storage.tables import Payment


class ConfirmingService:
    """Confirms transfers and keeps refunds."""

    def __init__(self, work: Work) -> None:
        self.work = work

    async def confirm(
        self,
        actor: Actor,
        payment_id: UUID,
        *,
        paid_fen: int,
        remark: str,
        note: str = "",
        known_fen: int | None = None,
    ) -> PaymentState:
        """Staff found this transfer on the account: `paid_fen` is its amount, `remark` what it carries.

        What came in before is added to it. All of it together makes the payment confirmed, less makes it short, and
        the person is told which. A `note` takes a transfer with another remark, or with more than is due. `known_fen`
        is what had come in when the officer looked: a form that is sent twice does not count a transfer twice.

        Raises:
            PaymentRemarkError: another remark, and no note.
            ServiceError: `payment.amount` (not positive, or beyond reason), `payment.over` (`over_fen`; no note).
            ConflictError: `payment.confirmed` or `payment.refunded` already; `payment.changed`, more came in since.
            NotFoundError, ForbiddenError: not this actor's.
        """
        payment, loaded = await load(self.work, payment_id)
        ensure_officer(actor, loaded.enrolment.trained_by)
        fee, note = loaded.fee(payment.fee_key), note.strip()
        if payment.state not in UNPAID:
            raise ConflictError(f"payment.{payment.state}", fee=fee.label)
        if known_fen is not None and known_fen != (payment.paid_fen or 0):
            raise ConflictError("payment.changed", paid_fen=payment.paid_fen or 0)
        ensure_amount(paid_fen)
        received = (payment.paid_fen or 0) + paid_fen
        if not note:
            left_fen = payment.amount_fen - (payment.paid_fen or 0)
            ensure_pays(
                fee,
                applicable_fees(self.work, loaded.fees, loaded.enrolment),
                remark=remark,
                paid_fen=paid_fen,
                left_fen=left_fen,
            )
        before = {"fee": fee.key, "state": str(payment.state), "paid_fen": payment.paid_fen}
        enough = received >= payment.amount_fen
        payment.paid_fen, payment.note = received, note
        payment.state = PaymentState.CONFIRMED if enough else PaymentState.SHORT
        payment.confirmed_at = self.work.now if enough else None
        audit.record_enrolment(
            self.work,
            actor,
            "payment.confirmed" if enough else "payment.short",
            loaded.enrolment,
            before=before,
            after={
                "fee": fee.key,
                "state": str(payment.state),
                "paid_fen": received,
                "transfer_fen": paid_fen,
                "remark": "exact" if normalise(remark) == fee.remark else "other",
            },
            reason=note,
        )
        await self.work.session.flush()
        await self._tell(loaded, payment, fee, "payment_confirmed" if enough else "payment_short")
        return PaymentState(payment.state)

    async def refund(self, actor: Actor, payment_id: UUID, reason: str) -> None:
        """The money went back. Only what came in can; the reason is kept.

        Raises:
            ServiceError: `payment.reason_missing`.
            ConflictError: `payment.nothing_paid`, `payment.refunded`.
        """
        payment, loaded = await load(self.work, payment_id)
        ensure_officer(actor, loaded.enrolment.trained_by)
        if not reason.strip():
            raise ServiceError("payment.reason_missing")
        if payment.state == PaymentState.REFUNDED:
            raise ConflictError("payment.refunded")
        if not payment.paid_fen:
            raise ConflictError("payment.nothing_paid")
        before = {"fee": payment.fee_key, "state": str(payment.state), "paid_fen": payment.paid_fen}
        payment.state = PaymentState.REFUNDED
        audit.record_enrolment(
            self.work,
            actor,
            "payment.refunded",
            loaded.enrolment,
            before=before,
            after={"fee": payment.fee_key, "state": str(payment.state)},
            reason=reason.strip(),
        )

    async def _tell(self, loaded: Loaded, payment: Payment, fee: Fee, notice: str) -> None:
        received = payment.paid_fen or 0
        if notice == "payment_confirmed":
            facts = confirmed_facts(fee, received, await self._next_step(loaded))
        else:
            facts = short_facts(fee, payment.amount_fen, received)
        await NoticeService(self.work).send(
            loaded.enrolment.follower_id,
            notice,
            cause=f"{payment.id}:{received}",
            facts={
                "scheme": loaded.scheme.short_title,
                "number": str(loaded.enrolment.number),
                "time": local_datetime(self.work.now),
                **facts,
            },
            enrolment_id=loaded.enrolment.id,
        )

    async def _next_step(self, loaded: Loaded) -> NextStep:
        required = required_hours(self.work, loaded.enrolment)
        studied = await StudyRepository(self.work.session).total_hours(loaded.enrolment.id)
        done = counted_hours(loaded.scheme.hours, *studied)
        [owed] = await find_owed(self.work, [loaded.enrolment.id])
        return next_step(
            owed_for_class=outstanding_of(self.work, owed, "class"),
            owed_for_sitting=outstanding_of(self.work, owed, "sitting"),
            hours_left=max(required - done, Decimal(0)),
            class_title=loaded.course_class.title if loaded.course_class else None,
        )
