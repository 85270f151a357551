"""What anybody can try to do with an enrolment and what came of it; a verb raises what the services raise."""

import itertools
from collections.abc import Awaitable, Callable, Mapping
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from services.appointments import AppointmentService
from services.blacklist import BlacklistService
from services.blacklist.proposing import Charge
from services.cards import CancellationService, CardService
from services.certificates import CertificateService
from services.enrolments.account_registration import register_account
from services.enrolments.review import ReviewService
from services.enrolments.service import EnrolmentService
from services.enrolments.submitting import SubmittingService
from services.errors import NotFoundError
from services.exams.results import ResultService
from services.exams.seats import SeatService
from services.exams.sittings import SittingService
from services.models import AccountOrigin, Actor
from services.payments.confirming import ConfirmingService
from services.payments.owed import load
from services.payments.service import PaymentService
from services.schemes.models import FieldKind, Scheme
from services.study.classes import ClassService
from services.unit_of_work import Work
from storage.tables import (
    Appointment,
    BlacklistEntry,
    Card,
    CardCancellation,
    Certificate,
    CourseClass,
    Enrolment,
    Payment,
    Seat,
    Sitting,
)

REASON: Final = "核对后决定"
#: No two sittings begin at the same moment.
_MINUTE: Final = itertools.count(1)
Verb = Callable[[Work, Actor, Enrolment], Awaitable[object]]


async def _one(work: Work, table: type[Any], enrolment: Enrolment) -> Any:
    """The newest of these that belongs to the enrolment. Raises NotFoundError."""
    found = await work.session.scalar(
        select(table)
        .where(table.enrolment_id == enrolment.id)
        .order_by(table.created_at.desc(), table.id)
        .limit(1)
    )
    if found is None:
        raise NotFoundError("walk.nothing")
    return found


async def _payment(work: Work, enrolment: Enrolment) -> Payment:
    """What is not paid yet comes first."""
    rows = await work.session.scalars(
        select(Payment).where(Payment.enrolment_id == enrolment.id).order_by(Payment.fee_key)
    )
    found = sorted(rows, key=lambda row: row.state == "confirmed")
    if not found:
        raise NotFoundError("walk.nothing")
    return found[0]


async def _sitting(work: Work, enrolment: Enrolment) -> Sitting:
    """Of the candidate's seat, else the newest one there is for them."""
    seat = await work.session.scalar(
        select(Seat).where(Seat.enrolment_id == enrolment.id, Seat.state != "void").limit(1)
    )
    if seat is not None:
        return await work.session.get_one(Sitting, seat.sitting_id)
    found = await work.session.scalar(
        select(Sitting)
        .where(Sitting.scheme_id == enrolment.scheme_id, Sitting.organisation_id == enrolment.trained_by)
        .order_by(Sitting.code.desc())
        .limit(1)
    )
    if found is None:
        raise NotFoundError("walk.nothing")
    return found


# ---- the applicant ------------------------------------------------------------------------------------------------


async def _submit(work: Work, actor: Actor, row: Enrolment) -> None:
    await SubmittingService(work).submit(row.id, follower_id=UUID(actor.id), actor=actor)


async def _correct(work: Work, actor: Actor, row: Enrolment) -> None:
    service = EnrolmentService(work)
    for key in list(row.returned):
        await service.answer(row.id, key, work.scheme(row.scheme_ref).field(key).example, follower_id=UUID(actor.id))  # fmt: skip


async def _withdraw(work: Work, actor: Actor, row: Enrolment) -> None:
    await EnrolmentService(work).withdraw(row.id, follower_id=UUID(actor.id), actor=actor)


async def _claim(work: Work, actor: Actor, row: Enrolment) -> None:
    payment = await _payment(work, row)
    _, loaded = await load(work, payment.id)
    fee = loaded.fee(payment.fee_key)
    await PaymentService(work).claim(row.id, fee.key, remark=fee.remark, actor=actor)


async def _join(work: Work, actor: Actor, row: Enrolment) -> None:
    found = await work.session.scalar(
        select(CourseClass).where(
            CourseClass.scheme_id == row.scheme_id, CourseClass.organisation_id == row.trained_by
        )
    )
    if found is None:
        raise NotFoundError("walk.nothing")
    await ClassService(work).enrol_in_class(row.id, found.id, actor)


async def _book(work: Work, actor: Actor, row: Enrolment) -> None:
    await SeatService(work).book(row.id, (await _sitting(work, row)).id, actor=actor)


async def _release(work: Work, actor: Actor, row: Enrolment) -> None:
    await SeatService(work).release(row.id, actor=actor, reason=REASON)


# ---- the review ---------------------------------------------------------------------------------------------------


async def _approve(work: Work, actor: Actor, row: Enrolment) -> None:
    await ReviewService(work).approve(actor, row.id)


async def _return(work: Work, actor: Actor, row: Enrolment) -> None:
    fields = work.scheme(row.scheme_ref).fields
    key = next(field.key for field in fields if field.kind == FieldKind.MOBILE)
    await ReviewService(work).return_for_correction(actor, row.id, {key: REASON})


async def _reject(work: Work, actor: Actor, row: Enrolment) -> None:
    await ReviewService(work).reject(actor, row.id, REASON)


async def _forward(work: Work, actor: Actor, row: Enrolment) -> None:
    service = ReviewService(work)
    targets = await service.forward_targets(actor, row.id)
    await service.forward(actor, row.id, targets[0].id if targets else None, REASON)


async def _register(work: Work, actor: Actor, row: Enrolment) -> None:
    await register_account(
        work, actor, row.id, login="", origin=AccountOrigin.CREATED, mailed_on=date(2026, 11, 20)
    )


# ---- money, class, exam -------------------------------------------------------------------------------------------


async def _confirm(work: Work, actor: Actor, row: Enrolment) -> None:
    payment = await _payment(work, row)
    left = max(payment.amount_fen - (payment.paid_fen or 0), 1)
    await ConfirmingService(work).confirm(actor, payment.id, paid_fen=left, remark="", note=REASON)


async def _confirm_less(work: Work, actor: Actor, row: Enrolment) -> None:
    await ConfirmingService(work).confirm(
        actor, (await _payment(work, row)).id, paid_fen=1, remark="", note=REASON
    )


async def _refund(work: Work, actor: Actor, row: Enrolment) -> None:
    await ConfirmingService(work).refund(actor, (await _payment(work, row)).id, REASON)


async def _hold_class(work: Work, actor: Actor, row: Enrolment) -> None:
    fees = any(fee.due_before == "class" for fee in work.scheme(row.scheme_ref).fees)
    await ClassService(work).add_class(
        actor,
        scheme_id=row.scheme_id,
        code=f"W-{row.number}",
        title="培训班",
        starts_on=work.now.date() + timedelta(days=20),
        ends_on=work.now.date() + timedelta(days=25),
        form="on_site",
        place="贵阳市云岩区某某路1号",
        training_fee_fen=50_000 if fees else None,
    )


async def _announce(work: Work, actor: Actor, row: Enrolment) -> None:
    starts_at = work.now + timedelta(days=60, minutes=next(_MINUTE))
    await SittingService(work).add(
        actor,
        scheme_id=row.scheme_id,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        place="考试中心",
        form="on_site",
        capacity=2,
        override_reason="按公布的通知",
    )


async def _cancel_sitting(work: Work, actor: Actor, row: Enrolment) -> None:
    await SittingService(work).cancel(actor, (await _sitting(work, row)).id, REASON)


async def _check_in(work: Work, actor: Actor, row: Enrolment) -> None:
    await SeatService(work).check_in(actor, (await _one(work, Seat, row)).id)


async def _score(work: Work, actor: Actor, row: Enrolment, score: str = "86", status: str = "") -> None:
    sitting = await _sitting(work, row)
    table = f"报名号,姓名,成绩,状态\n{row.number},王小明,{score},{status}\n"
    await ResultService(work).import_scores(
        actor, "scores.csv", table.encode(), sitting_code=sitting.code, dry_run=False
    )


async def _fail(work: Work, actor: Actor, row: Enrolment) -> None:
    await _score(work, actor, row, "31")


async def _miss(work: Work, actor: Actor, row: Enrolment) -> None:
    await _score(work, actor, row, "", "缺考")


async def _spoil(work: Work, actor: Actor, row: Enrolment) -> None:
    await _score(work, actor, row, "", "作废")


async def _accept(work: Work, actor: Actor, row: Enrolment) -> None:
    await ResultService(work).approve(actor, (await _sitting(work, row)).id)


async def _publish(work: Work, actor: Actor, row: Enrolment) -> None:
    await ResultService(work).publish(actor, (await _sitting(work, row)).id)


# ---- certificate, card, appointment, blacklist --------------------------------------------------------------------


async def _issue(work: Work, actor: Actor, row: Enrolment) -> None:
    await CertificateService(work).issue(actor, row.id)


async def _suspend(work: Work, actor: Actor, row: Enrolment) -> None:
    await CertificateService(work).suspend(actor, (await _one(work, Certificate, row)).id, REASON)


async def _restore(work: Work, actor: Actor, row: Enrolment) -> None:
    await CertificateService(work).restore(actor, (await _one(work, Certificate, row)).id, REASON)


async def _revoke(work: Work, actor: Actor, row: Enrolment) -> None:
    await CertificateService(work).revoke(actor, (await _one(work, Certificate, row)).id, REASON)


async def _report(work: Work, actor: Actor, row: Enrolment) -> None:
    await CardService(work).report(actor, [row.id])


async def _number(work: Work, actor: Actor, row: Enrolment) -> None:
    await CardService(work).number(actor, [(await _one(work, Card, row)).id])


async def _make(work: Work, actor: Actor, row: Enrolment) -> None:
    await CardService(work).make(actor, [(await _one(work, Card, row)).id])


async def _hand_out(work: Work, actor: Actor, row: Enrolment) -> None:
    await CardService(work).hand_out(actor, [(await _one(work, Card, row)).id])


async def _cancel_card(work: Work, actor: Actor, row: Enrolment) -> None:
    await CancellationService(work).cancel(actor, (await _one(work, Card, row)).id, REASON, "调查报告")


async def _propose_cancelling(work: Work, actor: Actor, row: Enrolment) -> None:
    card = await _one(work, Card, row)
    await CancellationService(work).propose_for_ever(actor, card.id, REASON, "调查报告")


async def _cancellation(work: Work, row: Enrolment) -> UUID:
    card = await _one(work, Card, row)
    found = await work.session.scalar(
        select(CardCancellation).where(CardCancellation.card_id == card.id, CardCancellation.for_ever)
    )
    if found is None:
        raise NotFoundError("walk.nothing")
    return found.id


async def _confirm_cancelling(work: Work, actor: Actor, row: Enrolment) -> None:
    await CancellationService(work).confirm(actor, await _cancellation(work, row))


async def _decline_cancelling(work: Work, actor: Actor, row: Enrolment) -> None:
    await CancellationService(work).decline(actor, await _cancellation(work, row), REASON)


async def _suspend_appointment(work: Work, actor: Actor, row: Enrolment) -> None:
    one = await _one(work, Appointment, row)
    await AppointmentService(work).suspend(actor, one.id, REASON, uncovers=("CCC",))


async def _restore_appointment(work: Work, actor: Actor, row: Enrolment) -> None:
    await AppointmentService(work).restore(actor, (await _one(work, Appointment, row)).id, REASON)


async def _end_appointment(work: Work, actor: Actor, row: Enrolment) -> None:
    one = await _one(work, Appointment, row)
    await AppointmentService(work).end(actor, one.id, REASON, uncovers=("CCC",))


async def _charge(work: Work, actor: Actor, row: Enrolment) -> None:
    charge = Charge(reason="false_degree", allegation="学历证书与学信网不符", papers="学信网查询结果")
    await BlacklistService(work).propose(actor, row.id, charge)


async def _serve(work: Work, actor: Actor, row: Enrolment) -> None:
    entry = await _one(work, BlacklistEntry, row)
    await BlacklistService(work).serve(actor, entry.id, work.now.date())


async def _bar(work: Work, actor: Actor, row: Enrolment) -> None:
    await BlacklistService(work).confirm(actor, (await _one(work, BlacklistEntry, row)).id, REASON)


async def _dismiss(work: Work, actor: Actor, row: Enrolment) -> None:
    await BlacklistService(work).dismiss(actor, (await _one(work, BlacklistEntry, row)).id, REASON)


async def _propose_lift(work: Work, actor: Actor, row: Enrolment) -> None:
    await BlacklistService(work).propose_lift(actor, (await _one(work, BlacklistEntry, row)).id, REASON)


async def _lift(work: Work, actor: Actor, row: Enrolment) -> None:
    await BlacklistService(work).confirm_lift(actor, (await _one(work, BlacklistEntry, row)).id)


#: What an applicant can say about an enrolment: their own, if it is theirs.
OWN: Final[Mapping[str, Verb]] = {
    "submit": _submit, "correct": _correct, "withdraw": _withdraw, "claim": _claim, "join": _join, "book": _book,
    "release": _release,
}  # fmt: skip
#: What staff can try.
STAFF: Final[Mapping[str, Verb]] = {
    "approve": _approve, "return": _return, "reject": _reject, "forward": _forward, "register": _register,
    "confirm": _confirm, "confirm_less": _confirm_less, "refund": _refund, "hold_class": _hold_class,
    "announce": _announce, "cancel_sitting": _cancel_sitting, "book": _book, "release": _release,
    "check_in": _check_in, "score": _score, "fail": _fail, "miss": _miss, "spoil": _spoil, "accept": _accept,
    "publish": _publish, "issue": _issue, "suspend": _suspend, "restore": _restore, "revoke": _revoke,
    "report": _report, "number": _number, "make": _make, "hand_out": _hand_out, "cancel_card": _cancel_card,
    "propose_cancelling": _propose_cancelling, "confirm_cancelling": _confirm_cancelling,
    "decline_cancelling": _decline_cancelling, "suspend_appointment": _suspend_appointment,
    "restore_appointment": _restore_appointment, "end_appointment": _end_appointment, "charge": _charge,
    "serve": _serve, "bar": _bar, "dismiss": _dismiss, "propose_lift": _propose_lift, "lift": _lift,
}  # fmt: skip
_BLACKLIST: Final = ("charge", "serve", "bar", "dismiss", "propose_lift", "lift")
_CARD: Final = (
    "suspend", "restore", "cancel_card", "propose_cancelling", "confirm_cancelling", "decline_cancelling", "report",
    "number", "make", "hand_out",
)  # fmt: skip
_APPOINTMENT: Final = ("suspend_appointment", "restore_appointment", "end_appointment")
_IN_STATE: Final[Mapping[str, tuple[str, ...]]] = {
    "draft": ("submit", "submit", "submit", "withdraw"),
    "returned": ("correct", "submit", "submit", "withdraw"),
    "in_review": ("approve", "approve", "approve", "return", "reject", "forward", "register", "withdraw"),
    "admitted": (
        "claim", "confirm", "confirm_less", "refund", "join", "hold_class", "announce", "cancel_sitting", "book",
        "release", "check_in", "score", "fail", "miss", "spoil", "accept", "publish",
    ),
    "concluded": ("refund", "issue", "suspend", "restore", "revoke"),
}  # fmt: skip


def likely(scheme: Scheme, state: str) -> tuple[str, ...]:
    """What may have an effect on an enrolment in this state and on what hangs on it."""
    if state == "concluded" and scheme.card is not None:
        return _CARD
    if state == "concluded" and scheme.appointment is not None:
        return _APPOINTMENT
    there = _IN_STATE.get(state, ())
    return there + _BLACKLIST if scheme.blacklist is not None and state != "draft" else there or ("withdraw",)
