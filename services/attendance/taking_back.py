"""Taking back a sign-in, a record of practice or a whole day: the row stays with its reason, the hours go, the person is told.

Only while nothing rests on the hours that is published: whoever has a result is left to the revocation of what rests on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from services import audit
from services.access import ensure_officer
from services.attendance.days import ClassDayService
from services.errors import ConflictError, NotFoundError
from services.models import Actor, EnrolmentState
from services.notices import NoticeService
from services.rules import plain_words
from services.rules.localtime import local_date, local_datetime, local_day
from services.rules.next_step import hours as shown
from services.study.records import ATTENDANCE, PRACTICE, counted_records, required_hours
from services.unit_of_work import Work
from storage.attendance_states import DayKind
from storage.repositories.attendance import AttendanceRepository
from storage.repositories.enrolments import EnrolmentRepository
from storage.repositories.study import StudyRepository
from storage.tables import ClassDay, Enrolment, PracticeRecord, SignIn

LONGEST_REASON: Final = 200
_SOURCES: Final = {DayKind.THEORY: ATTENDANCE, DayKind.PRACTICE: PRACTICE}


@dataclass(frozen=True, kw_only=True)
class TakenBack:
    """What came of it; 学时."""

    day_id: UUID
    people: int
    hours: Decimal
    #: Numbers of the enrolments whose hours were enough and are no more: papers and seats that rest on them are looked at.
    below: tuple[int, ...]


class TakingBackService:
    """What staff of the class's organisation take back."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.attendance = AttendanceRepository(work.session)
        self.study = StudyRepository(work.session)

    async def sign_in(self, actor: Actor, day_id: UUID, enrolment_id: UUID, reason: str) -> TakenBack:
        """Somebody was not there after all; a day of theory counts no more for them.

        Raises:
            InvalidValueError: `words.…` of the reason.
            ConflictError: `sign_in.none`; `sign_in.has_practice`, take the records back first; `attendance.decided`, there
                is a result; `day.withdrawn`.
            NotFoundError, ForbiddenError: not this actor's.
        """
        why = plain_words.reason(reason, most=LONGEST_REASON, label="原因")
        day, enrolment = await self._found(actor, day_id, enrolment_id)
        row = await self.attendance.find_sign_in(day.id, enrolment.id)
        if row is None:
            raise ConflictError("sign_in.none")
        if await self.attendance.list_records(day_id=day.id, enrolment_id=enrolment.id):
            raise ConflictError("sign_in.has_practice")
        self._mark(actor, row, why)
        return await self._uncount(actor, day, enrolment, "attendance.withdrawn", why)

    async def practice(self, actor: Actor, record_id: UUID, reason: str) -> TakenBack:
        """A record of practice is wrong; with the last one of a day its hours go.

        Raises:
            InvalidValueError, NotFoundError, ForbiddenError: as `sign_in`.
            ConflictError: `practice.withdrawn` already, `attendance.decided`, `day.withdrawn`.
        """
        why = plain_words.reason(reason, most=LONGEST_REASON, label="原因")
        found = await self.attendance.find_record(record_id)
        if found is None:
            raise NotFoundError("practice.not_found")
        row, course = found
        ensure_officer(actor, course.organisation_id)
        day, enrolment = await self._found(actor, row.class_day_id, row.enrolment_id)
        await self.work.session.refresh(row)
        if row.withdrawn_at is not None:
            raise ConflictError("practice.withdrawn")
        self._mark(actor, row, why)
        await self.work.session.flush()
        others = await self.attendance.list_records(day_id=day.id, enrolment_id=enrolment.id)
        return await self._uncount(
            actor, day, enrolment, "practice.withdrawn", why, record=str(row.id), counts=not others
        )

    async def day(self, actor: Actor, day_id: UUID, reason: str) -> TakenBack:
        """A whole day with its sign-ins and records. Raises as `sign_in`; with one result nothing is taken back."""
        why = plain_words.reason(reason, most=LONGEST_REASON, label="原因")
        day, course = await ClassDayService(self.work).find_standing(actor, day_id)
        signed = await self.attendance.list_signed(day.id)
        if decided := [
            enrolment.number for _, enrolment in signed if enrolment.state == EnrolmentState.CONCLUDED
        ]:
            raise ConflictError("attendance.decided", numbers="、".join(map(str, decided)))
        self._mark(actor, day, why)
        audit.record(
            self.work,
            actor,
            "class.day_withdrawn",
            "class",
            course.id,
            before={"day": day.title, "hours": shown(day.hours), "signed": len(signed)},
            reason=why,
            organisation_id=course.organisation_id,
        )
        for record, _, _ in await self.attendance.list_records(day_id=day.id):
            self._mark(actor, record, why)
        outcomes = []
        for row, enrolment in signed:
            self._mark(actor, row, why)
            outcomes.append(await self._uncount(actor, day, enrolment, "attendance.withdrawn", why))
        return _sum(day.id, outcomes)

    async def _found(self, actor: Actor, day_id: UUID, enrolment_id: UUID) -> tuple[ClassDay, Enrolment]:
        day, course = await ClassDayService(self.work).find_standing(actor, day_id)
        enrolment = await EnrolmentRepository(self.work.session).find(enrolment_id, for_update=True)
        if enrolment is None or enrolment.trained_by != course.organisation_id:
            raise NotFoundError("enrolment.not_found")
        if enrolment.state == EnrolmentState.CONCLUDED:
            raise ConflictError("attendance.decided", numbers=str(enrolment.number))
        return day, enrolment

    def _mark(self, actor: Actor, row: SignIn | PracticeRecord | ClassDay, why: str) -> None:
        row.withdrawn_at, row.withdrawn_by_name, row.withdrawn_reason = self.work.now, actor.name, why

    async def _uncount(
        self,
        actor: Actor,
        day: ClassDay,
        enrolment: Enrolment,
        action: str,
        why: str,
        *,
        record: str = "",
        counts: bool = True,
    ) -> TakenBack:
        """The day's hours of this enrolment go, where there are any (`counts`: nothing else holds them); told and logged."""
        before = await self._hours(enrolment)
        source = _SOURCES[DayKind(day.kind)]
        gone = await self.study.remove(enrolment.id, source, str(day.id)) if counts else Decimal(0)
        after = await self._hours(enrolment) if gone else before
        audit.record_enrolment(
            self.work,
            actor,
            action,
            enrolment,
            before={"day": day.title, "hours": shown(before)} | ({"record": record} if record else {}),
            after={"day": day.title, "hours": shown(after)},
            reason=why,
        )
        if gone:
            await self._tell(day, enrolment, gone, after, why)
        needed = required_hours(self.work, enrolment)
        below = bool(gone) and after < needed <= before
        return TakenBack(day_id=day.id, people=1, hours=gone, below=(enrolment.number,) if below else ())

    async def _hours(self, enrolment: Enrolment) -> Decimal:
        return counted_records(self.work, enrolment, await self.study.list_of([enrolment.id]))

    async def _tell(
        self, day: ClassDay, enrolment: Enrolment, gone: Decimal, after: Decimal, why: str
    ) -> None:
        """A message about these hours that is still queued says what is not so any more: it is taken back."""
        notices = NoticeService(self.work)
        for earlier in ("hours_progress", "hours_half", "hours_met"):
            await self.work.session.execute(notices.withdrawing(enrolment.follower_id, earlier, enrolment.id))
        required = required_hours(self.work, enrolment)
        await notices.send(
            enrolment.follower_id,
            "hours_taken_back",
            cause=f"{day.id}:{enrolment.id}:{self.work.now.isoformat()}",
            facts={
                "scheme": self.work.scheme(enrolment.scheme_ref).short_title,
                "number": str(enrolment.number),
                "day": day.title,
                "on": local_date(local_day(day.starts_at)),
                "hours": shown(gone),
                "done": shown(after),
                "required": shown(required),
                "progress": f"{shown(after)}/{shown(required)}学时",
                "reason": why,
                "hint": "有学时被撤回，请查看",
                "time": local_datetime(self.work.now),
            },
            enrolment_id=enrolment.id,
        )


def _sum(day_id: UUID, outcomes: Sequence[TakenBack]) -> TakenBack:
    return TakenBack(
        day_id=day_id,
        people=sum(one.people for one in outcomes),
        hours=sum((one.hours for one in outcomes), Decimal(0)),
        below=tuple(number for one in outcomes for number in one.below),
    )
