"""Payments 缴费: what is due, what a person says was transferred, and what staff find on the account (A7).

Amounts are integer fen. States: due → claimed → confirmed | short → confirmed; confirmed or short → refunded.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal
from uuid import UUID, uuid4

from services import audit
from services.access import ensure_officer, ensure_reader, visible_organisation
from services.answers import plain_answers
from services.errors import ConflictError, NotFoundError, ServiceError
from services.jobs import Task, defer
from services.models import Actor, PaymentState
from services.notices import NoticeService
from services.payments.fees import fees_of
from services.payments.transfers import PaymentRemarkError, ensure_amount, ensure_pays
from services.payments.views import (
    PaymentInstruction,
    PaymentLine,
    PaymentPage,
    amount,
    applicable,
    confirmed_facts,
    instruction,
    line,
    outstanding,
    short_facts,
)
from services.pictures.intake import open_picture
from services.rules.localtime import local_datetime
from services.rules.next_step import NextStep, next_step
from services.rules.text import normalise
from services.schemes.models import Fee, Scheme
from services.study.records import counted_hours, required_hours
from services.unit_of_work import Work
from storage.repositories.enrolments import EnrolmentRepository
from storage.repositories.payments import OwedRow, PaymentRepository
from storage.repositories.study import StudyRepository
from storage.tables import CourseClass, Enrolment, FeePublication, Payment

__all__ = [
    "PAYEE_UNKNOWN",
    "UNPAID",
    "PaymentInstruction",
    "PaymentLine",
    "PaymentPage",
    "PaymentRemarkError",
    "PaymentService",
]

#: What a person sees where no account is known yet (A7: 账号以开班通知为准).
PAYEE_UNKNOWN = "收款账号以开班通知为准"

_MAX_REMARK = 100
#: What a person may still transfer, or send a proof of.
UNPAID = (PaymentState.DUE, PaymentState.SHORT, PaymentState.CLAIMED)
_CLAIMABLE = UNPAID
_PICTURE_TYPE = "image/jpeg"


class PaymentService:
    """What is owed, claimed and confirmed."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.payments = PaymentRepository(work.session)

    async def open_for(self, enrolment: Enrolment) -> None:
        """Make what this admitted enrolment owes: the scheme's fees whose condition holds. Safe to repeat.

        The fee for a class follows the class that the person has joined, until it is claimed (A2, A7).
        """
        [owed] = await self._owed([enrolment.id])
        if owed.publication is not None:
            await self._drop_unpublished(owed)
        self.follow_class(owed)
        await self.work.session.flush()

    def follow_class(self, owed: OwedRow) -> None:
        """`open_for` with the class, the fees and the payments that were read; written with the next flush."""
        enrolment, existing = owed.enrolment, owed.payments
        for fee in self._applicable(self._fees(owed), enrolment):
            due_fen = amount(fee, owed.course_class)
            row = existing.get(fee.key)
            if row is None:
                self.payments.add(
                    Payment(
                        id=uuid4(),
                        enrolment_id=enrolment.id,
                        fee_key=fee.key,
                        amount_fen=due_fen,
                        state=PaymentState.DUE,
                        created_at=self.work.now,
                    )
                )
            elif row.state == PaymentState.DUE and row.amount_fen != due_fen:
                audit.record_enrolment(
                    self.work,
                    Actor.system("payments"),
                    "payment.amount_changed",
                    enrolment,
                    before={"fee": fee.key, "amount_fen": row.amount_fen},
                    after={"fee": fee.key, "amount_fen": due_fen},
                )
                row.amount_fen = due_fen

    async def _drop_unpublished(self, owed: OwedRow) -> None:
        """Who changes to another class owes what that class has published, and nothing of the one before (C5)."""
        for key in owed.payments.keys() - {fee.key for fee in self._fees(owed)}:
            row = owed.payments.pop(key)
            audit.record_enrolment(
                self.work,
                Actor.system("payments"),
                "payment.dropped",
                owed.enrolment,
                before={"fee": key, "amount_fen": row.amount_fen, "state": str(row.state)},
            )
            await self.work.session.delete(row)

    async def list_lines(
        self, actor: Actor, *, state: PaymentState | None = None, page: int = 1, per_page: int = 50
    ) -> PaymentPage:
        """The payments of the actor's organisation: what was claimed first comes first."""
        total, rows = await self.payments.page(
            organisation_id=visible_organisation(actor),
            states=() if state is None else (state,),
            offset=(max(page, 1) - 1) * per_page,
            limit=per_page,
        )
        items = tuple(
            line(self.work.scheme(enrolment.scheme_ref), payment, enrolment, person, publication)
            for payment, enrolment, person, publication in rows
        )
        return PaymentPage(items=items, total=total, page=max(page, 1), pages=max(1, -(-total // per_page)))

    async def instructions(self, enrolment_id: UUID) -> tuple[PaymentInstruction, ...]:
        """What to transfer, where, with which remark, in the order of the scheme (A7)."""
        return (await self.instructions_of([enrolment_id]))[enrolment_id]

    async def instructions_of(
        self, enrolment_ids: Collection[UUID]
    ) -> Mapping[UUID, tuple[PaymentInstruction, ...]]:
        """`instructions` of several enrolments: one statement, however many."""
        return {
            owed.enrolment.id: tuple(
                instruction(fee, owed.payments[fee.key], owed.course_class, owed.publication)
                for fee in self._fees(owed)
                if fee.key in owed.payments
            )
            for owed in await self._owed(enrolment_ids)
        }

    async def outstanding(self, enrolment_id: UUID, before: Literal["class", "sitting"]) -> tuple[str, ...]:
        """Labels of the fees that must be confirmed before that step and are not."""
        [owed] = await self._owed([enrolment_id])
        return self._outstanding(owed, before)

    async def claim(self, enrolment_id: UUID, fee_key: str, *, remark: str, actor: Actor) -> UUID:
        """The person says that it is transferred, and with which remark; gives the payment's id for a voucher.

        Raises:
            NotFoundError: `payment.not_found`, this enrolment does not owe this fee.
            ConflictError: `payment.confirmed` or `payment.refunded`.
        """
        row = await self.payments.find_fee(enrolment_id, fee_key)
        if row is None:
            raise NotFoundError("payment.not_found", fee=fee_key)
        enrolment = await EnrolmentRepository(self.work.session).get(enrolment_id)
        if row.state not in _CLAIMABLE:
            [owed] = await self._owed([enrolment_id])
            fee = next(fee for fee in self._fees(owed) if fee.key == fee_key)
            raise ConflictError(f"payment.{row.state}", fee=fee.label)
        self._claim(row, enrolment, normalise(remark)[:_MAX_REMARK], actor)
        return row.id

    async def request_voucher(self, payment_id: UUID, media_id: str, *, account: str) -> None:
        """Have a picture of the transfer, sent in the chat, fetched by a job that calls `keep_voucher`."""
        if await self.payments.find(payment_id) is None:
            raise NotFoundError("payment.not_found")
        await defer(
            self.work,
            Task.TAKE_VOUCHER,
            lock=f"voucher:{payment_id}",
            payment_id=str(payment_id),
            account=account,
            media_id=media_id,
        )

    async def keep_voucher(self, payment_id: UUID, content: bytes) -> None:
        """Take in the picture of the transfer: checked, encoded anew, encrypted. A newer one takes its place.

        What is still due, or was short, counts as claimed with it; a payment that is at an end is left as it is.

        Raises:
            services.pictures.models.PictureRefusedError: it is no usable picture.
        """
        picture = await asyncio.to_thread(open_picture, content)
        payment, loaded = await self._load(payment_id)
        if payment.state not in _CLAIMABLE:
            return
        key = f"vouchers/{payment.id.hex}/{picture.sha256[:32]}"
        await self.work.tools.files.put(key, picture.content)
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
            self._claim(payment, loaded.enrolment, payment.remark, actor)

    async def voucher(self, actor: Actor, payment_id: UUID) -> tuple[bytes, str]:
        """The picture of the transfer and its media type; the look is logged (B9). Raises NotFoundError."""
        payment, loaded = await self._load(payment_id)
        ensure_reader(actor, loaded.enrolment.organisation_id)
        if payment.voucher_key is None:
            raise NotFoundError("payment.no_voucher")
        audit.record_enrolment(
            self.work, actor, "payment.voucher_viewed", loaded.enrolment, after={"fee": payment.fee_key}
        )
        return await self.work.tools.files.get(payment.voucher_key), _PICTURE_TYPE

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
        payment, loaded = await self._load(payment_id)
        ensure_officer(actor, loaded.enrolment.organisation_id)
        fee, note = loaded.fee(payment.fee_key), note.strip()
        if payment.state not in _CLAIMABLE:
            raise ConflictError(f"payment.{payment.state}", fee=fee.label)
        if known_fen is not None and known_fen != (payment.paid_fen or 0):
            raise ConflictError("payment.changed", paid_fen=payment.paid_fen or 0)
        ensure_amount(paid_fen)
        received = (payment.paid_fen or 0) + paid_fen
        if not note:
            left_fen = payment.amount_fen - (payment.paid_fen or 0)
            ensure_pays(
                fee,
                self._applicable(loaded.fees, loaded.enrolment),
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
        payment, loaded = await self._load(payment_id)
        ensure_officer(actor, loaded.enrolment.organisation_id)
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

    def _claim(self, payment: Payment, enrolment: Enrolment, remark: str, actor: Actor) -> None:
        before = {"fee": payment.fee_key, "state": str(payment.state)}
        if payment.state != PaymentState.CLAIMED or payment.claimed_at is None:
            payment.claimed_at = self.work.now
        payment.state, payment.remark = PaymentState.CLAIMED, remark
        audit.record_enrolment(
            self.work,
            actor,
            "payment.claimed",
            enrolment,
            before=before,
            after={"fee": payment.fee_key, "state": str(payment.state)},
        )

    async def _tell(self, loaded: "_Loaded", payment: Payment, fee: Fee, notice: str) -> None:
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

    async def _next_step(self, loaded: "_Loaded") -> NextStep:
        required = required_hours(self.work, loaded.enrolment)
        studied = await StudyRepository(self.work.session).total_hours(loaded.enrolment.id)
        done = counted_hours(loaded.scheme.hours, *studied)
        [owed] = await self._owed([loaded.enrolment.id])
        return next_step(
            owed_for_class=self._outstanding(owed, "class"),
            owed_for_sitting=self._outstanding(owed, "sitting"),
            hours_left=max(required - done, Decimal(0)),
            class_title=loaded.course_class.title if loaded.course_class else None,
        )

    def _outstanding(self, owed: OwedRow, before: Literal["class", "sitting"]) -> tuple[str, ...]:
        states = {key: row.state for key, row in owed.payments.items()}
        return outstanding(self._applicable(self._fees(owed), owed.enrolment), states, before)

    def _fees(self, owed: OwedRow) -> tuple[Fee, ...]:
        return fees_of(self.work.scheme(owed.enrolment.scheme_ref), owed.publication)

    def _applicable(self, fees: Sequence[Fee], enrolment: Enrolment) -> tuple[Fee, ...]:
        return applicable(fees, plain_answers(self.work, enrolment))

    async def _owed(self, enrolment_ids: Collection[UUID]) -> Sequence[OwedRow]:
        found = await self.payments.list_owed(enrolment_ids)
        if len(found) != len(enrolment_ids):
            raise NotFoundError("enrolment.not_found")
        return found

    async def _load_enrolment(self, enrolment_id: UUID) -> "_Loaded":
        found = await self.payments.find_enrolment(enrolment_id)
        if found is None:
            raise NotFoundError("enrolment.not_found")
        enrolment, course_class, publication = found
        return _Loaded(enrolment, self.work.scheme(enrolment.scheme_ref), course_class, publication)

    async def _load(self, payment_id: UUID) -> tuple[Payment, "_Loaded"]:
        """The payment, locked, with all that belongs to it."""
        payment = await self.payments.find(payment_id)
        if payment is None:
            raise NotFoundError("payment.not_found")
        return payment, await self._load_enrolment(payment.enrolment_id)


@dataclass(frozen=True)
class _Loaded:
    """An enrolment with its scheme version, its class, and what the class had published when it joined."""

    enrolment: Enrolment
    scheme: Scheme
    course_class: CourseClass | None
    publication: FeePublication | None

    @property
    def fees(self) -> tuple[Fee, ...]:
        return fees_of(self.scheme, self.publication)

    def fee(self, key: str) -> Fee:
        return {fee.key: fee for fee in self.fees}[key]
