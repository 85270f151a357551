"""取消 for ever ends what the person is enrolled for in the family, at once and with the reason (D9)."""

from contextlib import suppress

from services import audit
from services.cards.terms import with_cards
from services.enrolments.stages import Stages
from services.errors import ConflictError, NotFoundError
from services.exams.seats import SeatService
from services.models import Actor, EnrolmentState
from services.notices import NoticeService
from services.rules.localtime import local_datetime
from services.unit_of_work import Work
from storage.repositories.enrolments import EnrolmentRepository
from storage.tables import CardCancellation


async def end_running(work: Work, actor: Actor, entry: CardCancellation) -> int:
    """Refuse what was submitted and has no result yet; says how many.

    A draft is refused by its own 提交, which says why. A seat is given back first, to whoever waits for one.
    """
    schemes = [
        scheme_id
        for scheme_id in with_cards(work, None)
        if (card := work.tools.schemes.current(scheme_id).card) is not None and card.family == entry.family
    ]
    enrolments = EnrolmentRepository(work.session)
    ended = 0
    for enrolment_id in await enrolments.ids_under_way(entry.person_id, schemes):
        reason = f"资格已被永久取消，不予受理。原因：{entry.reason}"
        # None was taken, or the exam is over: what is left of it is refused with the enrolment.
        with suppress(NotFoundError, ConflictError):
            await SeatService(work).release(enrolment_id, actor=Actor.system("cards"), reason=reason)
        enrolment = await enrolments.get(enrolment_id, for_update=True)
        before, enrolment.state = enrolment.state, EnrolmentState.REJECTED
        enrolment.decided_at, enrolment.decision_reason = work.now, reason
        enrolment.returned, enrolment.reopened = {}, []
        await Stages(work).end(enrolment, actor, reason)
        audit.record_enrolment(
            work,
            actor,
            "enrolment.rejected",
            enrolment,
            before={"state": before},
            after={"state": enrolment.state},
            reason=reason,
        )
        await work.session.flush()
        await NoticeService(work).send(
            enrolment.follower_id,
            "rejected",
            cause=f"{enrolment.id}:barred:{entry.id}",
            facts={
                "scheme": work.scheme(enrolment.scheme_ref).short_title,
                "number": enrolment.number,
                "reason": reason,
                "hint": "有疑问请回复 人工",
                "time": local_datetime(work.now),
            },
            enrolment_id=enrolment.id,
        )
        ended += 1
    return ended
