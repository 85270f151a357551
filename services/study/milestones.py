"""What follows when somebody's hours change: one notice, and the 学时证明 once they are met."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from services import audit
from services.certificates import CertificateService
from services.errors import ServiceError
from services.models import Actor
from services.notices import NoticeService
from services.notices.outbox import Addressed
from services.payments.service import PaymentService
from services.rules.hours import Progress, crossings
from services.rules.localtime import local_datetime
from services.rules.next_step import NextStep, hours, next_step
from services.unit_of_work import Work
from storage.tables import Enrolment


def notice_for(before: Decimal, after: Decimal, required: Decimal, *, proof: bool) -> str:
    """Which one notice tells of a change of hours: the highest milestone that was crossed, else the progress.

    `proof`: the scheme issues a 学时证明 for hours that are met.
    """
    crossed = crossings(before, after, required)
    if 100 in crossed:
        return "hours_met" if proof else "hours_complete"
    return "hours_half" if 50 in crossed else "hours_progress"


@dataclass(frozen=True, kw_only=True)
class HoursChange:
    """Somebody's hours were so many and are now so many, as `records.counted_records` counts them."""

    enrolment: Enrolment
    before: Decimal
    after: Decimal
    #: What changed them: the same cause is told once.
    cause: str


class MilestoneService:
    """Tells people how far they are, and hands out the proof."""

    def __init__(self, work: Work) -> None:
        self.work = work

    async def follow(self, changes: Sequence[HoursChange], *, actor: Actor) -> Mapping[UUID, ServiceError]:
        """Queue one notice for each change, and issue the 学时证明 where the hours are met with it.

        Gives, by enrolment, what staff must look after: the error that stands in the way of the proof (a name that
        cannot be printed), or `study.below_required`: the hours were met, and are no more. Hours and notices are kept
        all the same.
        """
        problems: dict[UUID, ServiceError] = {}
        messages = []
        for change in changes:
            scheme = self.work.scheme(change.enrolment.scheme_ref)
            asked, proof = scheme.hours, scheme.certificate("hours_met")
            if asked is None:
                continue
            notice = notice_for(change.before, change.after, asked.total, proof=proof is not None)
            problem = await self._issue(change.enrolment, actor) if notice == "hours_met" else None
            if change.after < asked.total <= change.before:
                problem = ServiceError("study.below_required", required=hours(asked.total))
            if problem is not None:
                problems[change.enrolment.id] = problem
            messages.append(await self._message(change, notice, asked.total))
        await NoticeService(self.work).send_many(messages)
        return problems

    async def _message(self, change: HoursChange, notice: str, hours_required: Decimal) -> Addressed:
        enrolment = change.enrolment
        progress = Progress(accepted=change.after, required=hours_required)
        scheme = self.work.scheme(enrolment.scheme_ref)
        proof = scheme.certificate("hours_met")
        step = await self._next(enrolment, progress)
        done, required = hours(progress.accepted), hours(progress.required)
        return Addressed(
            follower_id=enrolment.follower_id,
            notice=notice,
            cause=change.cause,
            facts={
                "scheme": scheme.short_title,
                "number": str(enrolment.number),
                "done": done,
                "required": required,
                "percent": str(progress.percent),
                "remaining": hours(progress.remaining),
                "progress": f"{done}/{required}学时",
                "proof": proof.title if proof is not None else "",
                "next": step.sentence,
                "hint": step.hint,
                "time": local_datetime(self.work.now),
            },
            enrolment_id=enrolment.id,
        )

    async def _issue(self, enrolment: Enrolment, actor: Actor) -> ServiceError | None:
        try:
            async with self.work.session.begin_nested():
                await CertificateService(self.work).issue_hours_certificate(enrolment, actor=actor)
        except ServiceError as error:
            audit.record_enrolment(
                self.work, actor, "study.certificate_not_issued", enrolment, reason=error.code
            )
            return error
        return None

    async def _next(self, enrolment: Enrolment, progress: Progress) -> NextStep:
        owed: tuple[str, ...] = ()
        if progress.met:
            owed = await PaymentService(self.work).outstanding(enrolment.id, "sitting")
        return next_step(
            owed_for_class=(), owed_for_sitting=owed, hours_left=progress.remaining, class_title=None
        )
