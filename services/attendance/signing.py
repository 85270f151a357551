"""Signing in: by the day's QR code in WeChat, or by hand with a reason (C8)."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID, uuid4

from services import audit
from services.attendance.days import ClassDayService
from services.attendance.hours import count_day, follow, follow_later
from services.attendance.views import DayView, day_view
from services.errors import ConflictError, NotFoundError, ServiceError
from services.models import Actor, EnrolmentState
from services.rules import plain_words
from services.rules.localtime import local_datetime
from services.rules.sign_in import moment
from services.study.records import ATTENDANCE
from services.unit_of_work import Work
from storage.attendance_states import DayKind, SignInWay
from storage.repositories.attendance import AttendanceRepository
from storage.repositories.enrolments import EnrolmentRepository
from storage.tables import ClassDay, CourseClass, Enrolment, SignIn


@dataclass(frozen=True, kw_only=True)
class Signed:
    """Somebody is signed in."""

    day: DayView
    class_title: str
    #: 学时 that were counted with it; 0 on a day of practice, whose hours its record counts.
    hours: Decimal


class SignInService:
    """Who was there."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.attendance = AttendanceRepository(work.session)

    async def scan(self, code: str, follower_id: UUID, actor: Actor) -> Signed:
        """The follower scanned the day's code: signed in once, with the hours of a day of theory.

        Raises:
            NotFoundError: `day.not_found`.
            ServiceError: `sign_in.not_member` (`class_title`).
            ConflictError: `day.withdrawn`, `sign_in.early` (`opens_at`, local), `sign_in.late` (`ended_at`, local),
                `sign_in.already` (`signed_at`, local; `day`).
        """
        found = await self.attendance.find_scan(code[:40], follower_id)
        if found is None:
            raise NotFoundError("day.not_found")
        day, course = found.day, found.course_class
        if day.withdrawn_at is not None:
            raise ConflictError("day.withdrawn")
        if found.enrolment is None:
            raise ServiceError("sign_in.not_member", class_title=course.title)
        if found.signed is not None:
            raise ConflictError(
                "sign_in.already", signed_at=local_datetime(found.signed.created_at), day=day.title
            )
        match moment(self.work.now, day.starts_at, day.ends_at, day.early_minutes):
            case "early":
                opens_at = day.starts_at - timedelta(minutes=day.early_minutes)
                raise ConflictError("sign_in.early", opens_at=local_datetime(opens_at))
            case "late":
                raise ConflictError("sign_in.late", ended_at=local_datetime(day.ends_at))
        if counted := await self._sign(actor, found.enrolment, day, SignInWay.SCAN):
            await follow_later(self.work, found.enrolment, day, ATTENDANCE)
        return self._signed(day, course, counted)

    async def add_by_hand(self, actor: Actor, day_id: UUID, enrolment_id: UUID, reason: str) -> Signed:
        """Staff sign somebody in who could not scan; not before the day has begun.

        Raises:
            InvalidValueError: `words.…` of the reason.
            ServiceError: `sign_in.not_member`.
            ConflictError: `day.withdrawn`, `sign_in.early`, `sign_in.already`.
            NotFoundError, ForbiddenError: not this actor's.
        """
        day, course = await ClassDayService(self.work).find_standing(actor, day_id)
        why = plain_words.reason(reason, most=200, label="原因")
        enrolment = await EnrolmentRepository(self.work.session).find(enrolment_id, for_update=True)
        if enrolment is None or enrolment.trained_by != course.organisation_id:
            raise NotFoundError("enrolment.not_found")
        if enrolment.class_id != course.id or enrolment.state != EnrolmentState.ADMITTED:
            raise ServiceError("sign_in.not_member", class_title=course.title)
        opens_at = day.starts_at - timedelta(minutes=day.early_minutes)
        if self.work.now < opens_at:
            raise ConflictError("sign_in.early", opens_at=local_datetime(opens_at))
        if (signed := await self.attendance.find_sign_in(day.id, enrolment.id)) is not None:
            raise ConflictError("sign_in.already", signed_at=local_datetime(signed.created_at), day=day.title)
        if counted := await self._sign(actor, enrolment, day, SignInWay.HAND, why):
            await follow(self.work, enrolment.id, ATTENDANCE, str(day.id), actor)
        return self._signed(day, course, counted)

    async def _sign(
        self, actor: Actor, enrolment: Enrolment, day: ClassDay, way: SignInWay, reason: str = ""
    ) -> bool:
        """Whether hours were counted with it."""
        self.work.session.add(
            SignIn(
                id=uuid4(),
                class_day_id=day.id,
                enrolment_id=enrolment.id,
                way=way,
                added_by_name=actor.name if way is SignInWay.HAND else "",
                reason=reason,
                created_at=self.work.now,
            )
        )
        audit.record_enrolment(
            self.work,
            actor,
            "attendance.signed",
            enrolment,
            after={"day": day.title, "way": way.value, "hours": str(day.hours)},
            reason=reason,
        )
        if day.kind != DayKind.THEORY:
            return False
        await count_day(self.work, enrolment, day, ATTENDANCE)
        return True

    def _signed(self, day: ClassDay, course: CourseClass, counted: bool) -> Signed:
        return Signed(day=day_view(day), class_title=course.title, hours=day.hours if counted else Decimal(0))
