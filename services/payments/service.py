"""Payments 缴费: what is due, and what a person says was transferred (A7).

Amounts are integer fen. States: due → claimed → confirmed | short → confirmed; confirmed or short → refunded. What staff
find on the account is in `confirming`, the pictures of transfers in `vouchers`.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal
from uuid import UUID, uuid4

from services import audit
from services.access import ensure_own, visible_organisation
from services.blacklist.stopping import ensure_not_stopped, stops_of
from services.errors import ConflictError, NotFoundError
from services.models import Actor, PaymentState
from services.payments.owed import applicable_fees, fees_owed, find_owed, outstanding_of
from services.payments.views import UNPAID, PaymentInstruction, PaymentPage, amount, instruction, line
from services.rules.localtime import local_day
from services.rules.text import normalise
from services.unit_of_work import Work
from storage.repositories.enrolments import EnrolmentRepository
from storage.repositories.payments import Barred, OwedRow, PageRow, PaymentRepository
from storage.tables import Enrolment, Payment

_MAX_REMARK = 100


class PaymentService:
    """What is owed and claimed."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.payments = PaymentRepository(work.session)

    async def open_for(self, enrolment: Enrolment) -> None:
        """Make what this admitted enrolment owes: the scheme's fees whose condition holds. Safe to repeat.

        The fee for a class follows the class that the person has joined, until it is claimed (A2, A7).
        """
        [owed] = await find_owed(self.work, [enrolment.id])
        if owed.publication is not None:
            await self._drop_unpublished(owed)
        self.follow_class(owed)
        await self.work.session.flush()

    def follow_class(self, owed: OwedRow) -> None:
        """`open_for` with the class, the fees and the payments that were read; written with the next flush."""
        enrolment, existing = owed.enrolment, owed.payments
        for fee in applicable_fees(self.work, fees_owed(self.work, owed), enrolment):
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
        for key in owed.payments.keys() - {fee.key for fee in fees_owed(self.work, owed)}:
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
        return await self._page(total, rows, page, per_page)

    async def list_owed_back(self, actor: Actor, *, page: int = 1, per_page: int = 50) -> PaymentPage:
        """What came in from people who are on a blacklist now, and was not paid back (C7)."""
        lists: dict[str, set[str]] = {}
        for scheme in self.work.tools.schemes.values():
            if scheme.blacklist is not None:
                lists.setdefault(scheme.blacklist.list, set()).add(scheme.id)
        total, rows = await self.payments.page(
            organisation_id=visible_organisation(actor),
            states=(PaymentState.CONFIRMED, PaymentState.SHORT),
            barred=Barred(lists, local_day(self.work.now)),
            offset=(max(page, 1) - 1) * per_page,
            limit=per_page,
        )
        return await self._page(total, rows, page, per_page)

    async def _page(self, total: int, rows: Sequence[PageRow], page: int, per_page: int) -> PaymentPage:
        stops = await stops_of(self.work, {enrolment.id for _, enrolment, _, _ in rows})
        items = tuple(
            line(
                self.work.scheme(enrolment.scheme_ref),
                payment,
                enrolment,
                person,
                publication,
                barred_until=stops[enrolment.id].bar.until if enrolment.id in stops else None,
            )
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
                for fee in fees_owed(self.work, owed)
                if fee.key in owed.payments
            )
            for owed in await find_owed(self.work, enrolment_ids)
        }

    async def outstanding(self, enrolment_id: UUID, before: Literal["class", "sitting"]) -> tuple[str, ...]:
        """Labels of the fees that must be confirmed before that step and are not."""
        [owed] = await find_owed(self.work, [enrolment_id])
        return outstanding_of(self.work, owed, before)

    async def claim(self, enrolment_id: UUID, fee_key: str, *, remark: str, actor: Actor) -> UUID:
        """The person says that it is transferred, and with which remark; gives the payment's id for a voucher.

        Raises:
            NotFoundError: `payment.not_found`, this enrolment does not owe this fee; somebody else's.
            ConflictError: `payment.confirmed` or `payment.refunded`. BarredError: asked for nothing any more (C7).
        """
        row = await self.payments.find_fee(enrolment_id, fee_key)
        if row is None:
            raise NotFoundError("payment.not_found", fee=fee_key)
        enrolment = await EnrolmentRepository(self.work.session).get(enrolment_id)
        ensure_own(actor, enrolment.follower_id)
        if row.state not in UNPAID:
            [owed] = await find_owed(self.work, [enrolment_id])
            fee = next(fee for fee in fees_owed(self.work, owed) if fee.key == fee_key)
            raise ConflictError(f"payment.{row.state}", fee=fee.label)
        await ensure_not_stopped(self.work, enrolment)
        mark_claimed(self.work, row, enrolment, normalise(remark)[:_MAX_REMARK], actor)
        return row.id


def mark_claimed(work: Work, payment: Payment, enrolment: Enrolment, remark: str, actor: Actor) -> None:
    """The person says that it is transferred, in words or by a picture; the payment is locked."""
    before = {"fee": payment.fee_key, "state": str(payment.state)}
    if payment.state != PaymentState.CLAIMED or payment.claimed_at is None:
        payment.claimed_at = work.now
    payment.state, payment.remark = PaymentState.CLAIMED, remark
    audit.record_enrolment(
        work,
        actor,
        "payment.claimed",
        enrolment,
        before=before,
        after={"fee": payment.fee_key, "state": str(payment.state)},
    )
