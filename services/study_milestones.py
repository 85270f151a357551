"""What follows when somebody's hours change: one notice, and the 学时证明 once they are met."""

from decimal import Decimal

from services import audit
from services.certificates import CertificateService
from services.errors import ServiceError
from services.models import Actor
from services.notices import NoticeService
from services.payments import PaymentService
from services.rules.hours import Progress, crossings
from services.rules.localtime import local_datetime
from services.study_steps import NextStep, hours, next_step
from services.unit_of_work import Work
from storage.tables import Enrolment


def notice_for(before: Decimal, after: Decimal, required: Decimal) -> str:
    """Which one notice tells of a change of hours: the highest milestone that was crossed, else the progress."""
    crossed = crossings(before, after, required)
    return "hours_met" if 100 in crossed else "hours_half" if 50 in crossed else "hours_progress"


class MilestoneService:
    """Tells people how far they are, and hands out the proof."""

    def __init__(self, work: Work) -> None:
        self.work = work

    async def hours_changed(
        self, enrolment: Enrolment, *, before: Decimal, after: Decimal, cause: str, actor: Actor
    ) -> ServiceError | None:
        """Queue one notice, and issue the 学时证明 when the hours are met with this change.

        Gives the error that stands in the way of the proof (a name that cannot be printed), if one does: hours and
        notice are kept, staff issue the proof later.
        """
        scheme = self.work.scheme(enrolment.scheme_ref)
        if scheme.hours is None:
            return None
        progress = Progress(accepted=after, required=scheme.hours.required)
        notice = notice_for(before, after, progress.required)
        problem = await self._issue(enrolment, actor) if notice == "hours_met" else None
        step = await self._next(enrolment, progress)
        done, required = hours(progress.accepted), hours(progress.required)
        await NoticeService(self.work).send(
            enrolment.follower_id,
            notice,
            cause=cause,
            facts={
                "scheme": scheme.short_title,
                "number": str(enrolment.number),
                "done": done,
                "required": required,
                "percent": str(progress.percent),
                "remaining": hours(progress.remaining),
                "progress": f"{done}/{required}学时",
                "next": step.sentence,
                "hint": step.hint,
                "time": local_datetime(self.work.now),
            },
            enrolment_id=enrolment.id,
        )
        return problem

    async def _issue(self, enrolment: Enrolment, actor: Actor) -> ServiceError | None:
        if self.work.scheme(enrolment.scheme_ref).certificate("hours_met") is None:
            return None
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
