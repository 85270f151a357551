"""Payments as they are shown, and what follows from a scheme's fees: no database here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from services.models import PaymentState
from services.payments.fees import fees_of, published_words
from services.rules.money import format_yuan
from services.rules.next_step import NextStep
from services.schemes.models import Fee, FieldKind, Payee, Scheme
from storage.tables import CourseClass, Enrolment, FeePublication, Payment, Person

#: What a person sees where no account is known yet (A7: 账号以开班通知为准).
PAYEE_UNKNOWN = "收款账号以开班通知为准"
#: What a person may still transfer, or send a proof of.
UNPAID = (PaymentState.DUE, PaymentState.SHORT, PaymentState.CLAIMED)


@dataclass(frozen=True, kw_only=True)
class PaymentLine:
    """One payment in the staff's list."""

    id: UUID
    enrolment_id: UUID
    enrolment_number: int
    name: str
    scheme: str
    fee_key: str
    fee_label: str
    amount_fen: int
    #: What has come in so far; None when nothing has.
    paid_fen: int | None
    expected_remark: str
    #: What the person says was written.
    remark: str
    #: Whether a picture of the transfer was handed in.
    voucher: bool
    #: When the voucher was deleted, having been kept long enough (C11).
    voucher_purged_at: datetime | None
    state: PaymentState
    claimed_at: datetime | None
    note: str
    #: The last day on which this person is on the blacklist; None: they are not (C7).
    barred_until: date | None = None


@dataclass(frozen=True, kw_only=True)
class PaymentPage:
    """One page of the list; pages count from 1."""

    items: tuple[PaymentLine, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, kw_only=True)
class PaymentInstruction:
    """What a person is told of one fee."""

    payment_id: UUID
    fee_key: str
    label: str
    amount_fen: int
    #: What is still to be transferred: 0 when confirmed or refunded.
    remaining_fen: int
    #: None: not known yet, say `PAYEE_UNKNOWN`; of who is in a class, its notice names none.
    payee: Payee | None
    in_class: bool
    #: What the transfer's remark must be, word for word.
    remark: str
    collected_for: str
    note: str
    state: PaymentState
    due_before: Literal["class", "sitting"]
    #: 依据, 范围 and 监督电话 where the class has published the fee (C5).
    basis: str = ""
    scope: str = ""
    hotline: str = ""


def line(
    scheme: Scheme,
    payment: Payment,
    enrolment: Enrolment,
    person: Person,
    publication: FeePublication | None = None,
    *,
    barred_until: date | None = None,
) -> PaymentLine:
    """A payment in the staff's list; the name is the enrolment's own."""
    fee = next(fee for fee in fees_of(scheme, publication) if fee.key == payment.fee_key)
    name_field = scheme.field_of_kind(FieldKind.NAME)
    return PaymentLine(
        id=payment.id,
        enrolment_id=enrolment.id,
        enrolment_number=enrolment.number,
        name=enrolment.answers.get(name_field.key, person.name) if name_field else person.name,
        scheme=scheme.short_title,
        fee_key=fee.key,
        barred_until=barred_until,
        fee_label=fee.label,
        amount_fen=payment.amount_fen,
        paid_fen=payment.paid_fen,
        expected_remark=fee.remark,
        remark=payment.remark,
        voucher=payment.voucher_key is not None,
        voucher_purged_at=payment.purged_at,
        state=PaymentState(payment.state),
        claimed_at=payment.claimed_at,
        note=payment.note,
    )


def instruction(
    fee: Fee,
    payment: Payment,
    course_class: CourseClass | None,
    publication: FeePublication | None = None,
) -> PaymentInstruction:
    """What to transfer: the fee's own account, else that of the class notice (A7)."""
    state = PaymentState(payment.state)
    ended = state in (PaymentState.CONFIRMED, PaymentState.REFUNDED)
    remaining = 0 if ended else max(payment.amount_fen - (payment.paid_fen or 0), 0)
    payee = fee.payee
    if payee is None and course_class is not None and course_class.payee:
        payee = Payee.model_validate(course_class.payee)
    return PaymentInstruction(
        payment_id=payment.id,
        fee_key=fee.key,
        label=fee.label,
        amount_fen=payment.amount_fen,
        remaining_fen=remaining,
        payee=payee,
        in_class=course_class is not None,
        remark=fee.remark,
        collected_for=fee.collected_for,
        note=fee.note,
        state=state,
        due_before=fee.due_before,
        **published_words(fee, publication),
    )


def amount(fee: Fee, course_class: CourseClass | None) -> int:
    """The fee in fen: a fee for the class is what the class notice says, else the scheme's (A2)."""
    if fee.due_before == "class" and course_class is not None and course_class.training_fee_fen is not None:
        return course_class.training_fee_fen
    return fee.amount_fen


def applicable(fees: Sequence[Fee], answers: dict[str, str]) -> tuple[Fee, ...]:
    """Those of these fees whose condition holds for these answers."""
    return tuple(fee for fee in fees if fee.when is None or fee.when.holds(answers))


def outstanding(
    fees: Sequence[Fee], states: Mapping[str, str], before: Literal["class", "sitting"]
) -> tuple[str, ...]:
    """Labels of those of these fees that must be confirmed before that step and are not; `states` by fee key."""
    return tuple(
        fee.label
        for fee in fees
        if fee.due_before == before and states.get(fee.key) != PaymentState.CONFIRMED
    )


def confirmed_facts(fee: Fee, received_fen: int, step: NextStep) -> dict[str, str]:
    """Facts of the notice `payment_confirmed`."""
    return {
        "fee": fee.label,
        "amount": format_yuan(received_fen),
        "next": step.sentence,
        "hint": step.hint,
    }


def short_facts(fee: Fee, amount_fen: int, received_fen: int) -> dict[str, str]:
    """Facts of the notice `payment_short`: what is missing, and how to transfer it."""
    missing = format_yuan(amount_fen - received_fen)
    return {
        "fee": fee.label,
        "amount": format_yuan(amount_fen),
        "paid": format_yuan(received_fen),
        "note": f"还差 {missing}，转账附言请写：{fee.remark}。",
        "hint": f"还差{missing}",
    }
