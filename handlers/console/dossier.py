"""Everything that stands on the page of one enrolment, gathered from the services that know it."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from services.appeals import AppealDesk
from services.appeals.models import AppealLine
from services.assignments.models import Compared
from services.assignments.record import compared
from services.blacklist import Bar, BlacklistService
from services.cards import CardRegister, CardView
from services.certificates import CertificateService, CertificateView
from services.changes import ChangeDesk, ChangeLine
from services.enrolments.account_registration import Appointing, appointing
from services.enrolments.review import ReviewService
from services.enrolments.views import EnrolmentDetail, HistoryLine
from services.exams.result_views import ResultView
from services.exams.results import ResultService
from services.exams.seats import SeatService
from services.exams.sittings import SittingService
from services.exams.views import SeatView, SittingView
from services.models import Actor, CertificateState, EnrolmentState
from services.payments.service import PaymentService
from services.payments.views import PaymentInstruction
from services.study.classes import ClassService, ClassView
from services.study.service import HOURS_PROOF, HoursProgress, StudyService
from services.unit_of_work import Work

#: Entries that say only that somebody looked; the page folds them away.
_LOOKS: Final = frozenset(
    {
        "change.viewed",
        "change.revealed",
        "change.file_viewed",
        "enrolment.viewed",
        "enrolment.revealed",
        "document.viewed",
        "payment.voucher_viewed",
    }
)

_STANDING: Final = (CertificateState.VALID, CertificateState.SUSPENDED)


@dataclass(frozen=True, kw_only=True)
class Dossier:
    """One enrolment with what came of it."""

    detail: EnrolmentDetail
    #: What was done, the newest first, and who only looked.
    steps: tuple[HistoryLine, ...]
    looks: tuple[HistoryLine, ...]
    payments: tuple[PaymentInstruction, ...]
    hours: HoursProgress
    #: Code of the class that was joined, empty for none.
    class_code: str
    #: Classes that this candidate can join: none for one who needs no class, or is not admitted.
    open_classes: tuple[ClassView, ...]
    #: A proof of hours was handed in and is not counted yet (A4).
    proof_waits: bool
    seat: SeatView | None
    #: Sittings that can be booked, while there is no seat.
    sittings: tuple[SittingView, ...]
    #: The published one.
    result: ResultView | None
    certificates: tuple[CertificateView, ...]
    #: What was said of their work as an examiner beside what is on record (D3).
    record: tuple[Compared, ...]
    #: Of a scheme that ends in a card (D7).
    card: CardView | None
    #: Passed, and no certificate of it is in force.
    may_issue: bool
    #: What the stage that waits carries out besides (E4, E5); None where nobody is appointed.
    #: Changes of their data that were filed or made, the newest first (E8).
    changes: tuple[ChangeLine, ...]
    #: Whether this actor may file one for the person.
    may_ask_change: bool
    #: Objections to its results that this actor's organisation decides, the newest first (B7).
    appeals: tuple[AppealLine, ...]
    #: What bars the person in this scheme (C7), and whether the entry itself is open to this actor.
    bar: Bar | None
    bar_is_open: bool
    appointing: Appointing | None


async def gather(work: Work, actor: Actor, enrolment_id: UUID) -> Dossier:
    """The dossier, if this actor may read it. Raises NotFoundError."""
    detail = await ReviewService(work).show(actor, enrolment_id)
    hours = await StudyService(work).progress(enrolment_id)
    admitted = detail.state is EnrolmentState.ADMITTED
    joined = next((line for line in detail.history if line.action == "class.joined"), None)
    seat = await SeatService(work).seat_of(enrolment_id)
    free = admitted and seat is None and hours.met
    sittings = (
        await SittingService(work).list_open(detail.scheme.id, organisation_id=actor.organisation_id)
        if free
        else ()
    )
    result = await ResultService(work).of_enrolment(enrolment_id)
    bar = await BlacklistService(work).bar_of_enrolment(enrolment_id)
    certificates = await CertificateService(work).of_enrolment(enrolment_id)
    return Dossier(
        detail=detail,
        steps=tuple(line for line in detail.history if line.action not in _LOOKS),
        looks=tuple(line for line in detail.history if line.action in _LOOKS),
        payments=await PaymentService(work).instructions(enrolment_id),
        hours=hours,
        class_code=str(joined.after["code"]) if joined else "",
        open_classes=await ClassService(work).joinable(enrolment_id),
        proof_waits=admitted
        and any(document.key == HOURS_PROOF for document in detail.documents)
        and not any(record.source == "proof" for record in hours.records),
        seat=seat,
        sittings=sittings,
        result=result,
        certificates=certificates,
        record=await compared(work, enrolment_id),
        card=await CardRegister(work).of_enrolment(enrolment_id) if detail.scheme.card else None,
        may_issue=result is not None
        and result.passed
        and detail.scheme.certificate("result_passed") is not None
        and not any(one.grade and one.state in _STANDING for one in certificates),
        changes=await ChangeDesk(work).of_enrolment(enrolment_id),
        appeals=await AppealDesk(work).of_enrolment(actor, enrolment_id),
        may_ask_change=await ChangeDesk(work).may_ask(actor, enrolment_id),
        bar=bar,
        bar_is_open=bar is not None and await BlacklistService(work).may_read(actor, bar.entry_id),
        appointing=await appointing(work, enrolment_id),
    )
