"""The days of a class, and who was there."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID, uuid4

from services import audit
from services.access import ensure_officer, ensure_reader
from services.attendance.views import DayCode, DayView, MemberView, day_view
from services.errors import ConflictError, NotFoundError, ServiceError
from services.models import Actor, ClassState
from services.rules import plain_words
from services.rules.localtime import local_day
from services.rules.sign_in import EARLY_MINUTES, MOST_EARLY_MINUTES
from services.study.records import given_name
from services.trainers import NotTrainedHereError, may_train
from services.unit_of_work import Work
from storage.attendance_states import DayKind, SignInWay
from storage.repositories.attendance import AttendanceRepository
from storage.repositories.study import ClassRepository
from storage.tables import ClassDay, CourseClass

_LONGEST = timedelta(hours=16)
_MOST_HOURS = Decimal(16)
_MOST_DAYS = 120
#: How long a temporary code of WeChat's holds at most.
_CODE_HOLDS = timedelta(days=30)
_SHORTEST_CODE = 60
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"


class ClassDayService:
    """Days: planned and listed by staff of the class's organisation."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.attendance = AttendanceRepository(work.session)

    async def add(
        self,
        actor: Actor,
        class_id: UUID,
        *,
        kind: DayKind,
        title: str,
        starts_at: datetime,
        ends_at: datetime,
        hours: Decimal,
        place: str = "",
        early_minutes: int = EARLY_MINUTES,
    ) -> DayView:
        """Plan a day; `hours` are the 学时 that it counts for, `early_minutes` when signing in begins.

        Raises:
            ServiceError: `day.times` (ends before it starts, or after 16 hours), `day.outside` (not within the class,
                with its `starts_on` and `ends_on`), `day.hours` (0 < hours <= 16, two decimals), `day.early` (`most`).
            InvalidValueError: `words.…` of the title or place.
            ConflictError: `day.cancelled`, the class is; `day.too_many` (`limit`); NotTrainedHereError (A5, D2).
            NotFoundError, ForbiddenError: not this actor's.
        """
        course = await ClassRepository(self.work.session).find(class_id, for_update=True)
        if course is None:
            raise NotFoundError("class.not_found")
        ensure_officer(actor, course.organisation_id)
        if course.state == ClassState.CANCELLED:
            raise ConflictError("day.cancelled")
        if not await may_train(
            self.work, course.organisation_id, scheme := self.work.tools.schemes.current(course.scheme_id)
        ):
            raise NotTrainedHereError(scheme)
        planned = await self.attendance.list_days(class_id)
        if sum(row.withdrawn_at is None for row, _ in planned) >= _MOST_DAYS:
            raise ConflictError("day.too_many", limit=_MOST_DAYS)
        self._check(course, starts_at, ends_at, hours, early_minutes)
        row = ClassDay(
            id=uuid4(),
            class_id=class_id,
            code=self._code(),
            kind=DayKind(kind),
            title=plain_words.reason(title, most=40, label="内容"),
            starts_at=starts_at,
            ends_at=ends_at,
            place=plain_words.reason(place, most=60, label="地点") if place.strip() else "",
            hours=hours,
            early_minutes=early_minutes,
            created_at=self.work.now,
        )
        await self.attendance.add(row)
        audit.record(
            self.work,
            actor,
            "class.day_added",
            "class",
            class_id,
            after={
                "day": row.title,
                "kind": row.kind,
                "starts_at": starts_at.isoformat(),
                "hours": str(hours),
            },
            organisation_id=course.organisation_id,
        )
        return day_view(row)

    async def list_of(self, actor: Actor, class_id: UUID) -> tuple[DayView, ...]:
        """The days of a class in the order of time. Raises NotFoundError."""
        course = await ClassRepository(self.work.session).find(class_id)
        if course is None:
            raise NotFoundError("class.not_found")
        ensure_reader(actor, course.organisation_id)
        return tuple(day_view(row, count) for row, count in await self.attendance.list_days(class_id))

    async def roll(self, actor: Actor, day_id: UUID) -> tuple[DayView, tuple[MemberView, ...]]:
        """A day with the members of its class, by number. Raises NotFoundError."""
        day, _ = await self.find(actor, day_id)
        members = tuple(
            MemberView(
                enrolment_id=row.enrolment.id,
                number=row.enrolment.number,
                name=given_name(self.work, row.enrolment, row.person.name),
                signed_at=row.signed.created_at if row.signed else None,
                way=SignInWay(row.signed.way) if row.signed else None,
                added_by=row.signed.added_by_name if row.signed else "",
                reason=row.signed.reason if row.signed else "",
                records=row.records,
            )
            for row in await self.attendance.list_members(day)
        )
        return day_view(day, sum(member.signed_at is not None for member in members)), members

    async def code_of(self, actor: Actor, day_id: UUID) -> DayCode:
        """What its QR code needs: until the day is over, and WeChat lets one hold for 30 days.

        Raises ConflictError `day.code_early`, so that no printed code dies before its day; `day.withdrawn`; NotFoundError.
        """
        day, course = await self.find(actor, day_id)
        if day.withdrawn_at is not None:
            raise ConflictError("day.withdrawn")
        left = day.ends_at - self.work.now
        if left > _CODE_HOLDS:
            raise ConflictError("day.code_early")
        scheme = self.work.tools.schemes.current(course.scheme_id)
        connected = [one for one in scheme.accounts if one in self.work.tools.accounts]
        return DayCode(
            day=day_view(day),
            class_title=course.title,
            accounts=tuple(connected or scheme.accounts[:1]),
            opens_at=day.starts_at - timedelta(minutes=day.early_minutes),
            seconds=max(int(left.total_seconds()), _SHORTEST_CODE),
        )

    async def find(self, actor: Actor, day_id: UUID) -> tuple[ClassDay, CourseClass]:
        """The rows of a day that this actor may read. Raises NotFoundError."""
        found = await self.attendance.find_day(day_id)
        if found is None:
            raise NotFoundError("day.not_found")
        ensure_reader(actor, found[1].organisation_id)
        return found

    async def find_standing(self, actor: Actor, day_id: UUID) -> tuple[ClassDay, CourseClass]:
        """The rows of a day that this actor may write to, locked. Raises NotFoundError, ForbiddenError; ConflictError
        `day.withdrawn`."""
        found = await self.attendance.find_day(day_id, for_update=True)
        if found is None:
            raise NotFoundError("day.not_found")
        ensure_officer(actor, found[1].organisation_id)
        if found[0].withdrawn_at is not None:
            raise ConflictError("day.withdrawn")
        return found

    def _check(
        self, course: CourseClass, starts_at: datetime, ends_at: datetime, hours: Decimal, early: int
    ) -> None:
        if not starts_at < ends_at <= starts_at + _LONGEST:
            raise ServiceError("day.times")
        if not course.starts_on <= local_day(starts_at) <= local_day(ends_at) <= course.ends_on:
            raise ServiceError("day.outside", starts_on=course.starts_on, ends_on=course.ends_on)
        if not 0 < hours <= _MOST_HOURS or hours != round(hours, 2):
            raise ServiceError("day.hours", most=str(_MOST_HOURS))
        if not 0 <= early <= MOST_EARLY_MINUTES:
            raise ServiceError("day.early", most=MOST_EARLY_MINUTES)

    def _code(self) -> str:
        number, letters = self.work.tools.entropy.bits(60), []
        for _ in range(12):
            number, rest = divmod(number, len(_ALPHABET))
            letters.append(_ALPHABET[rest])
        return "".join(letters)
