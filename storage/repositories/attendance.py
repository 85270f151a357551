"""Class days, sign-ins and records of practice."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.states import EnrolmentState
from storage.tables import (
    Base,
    ClassDay,
    CourseClass,
    Enrolment,
    Person,
    PracticeRecord,
    SignIn,
)

_MEMBERS = (EnrolmentState.ADMITTED, EnrolmentState.CONCLUDED)


@dataclass(frozen=True, kw_only=True)
class ScanRow:
    """What a scan of a day's code depends on."""

    day: ClassDay
    course_class: CourseClass
    #: The follower's admitted enrolment in that class; None when they are no member.
    enrolment: Enrolment | None
    signed: SignIn | None


@dataclass(frozen=True, kw_only=True)
class MemberRow:
    """A member of the class on one of its days."""

    enrolment: Enrolment
    person: Person
    signed: SignIn | None
    records: int


class AttendanceRepository:
    """The tables `class_days`, `sign_ins` and `practice_records`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def add(self, row: Base) -> None:
        """Written at once. Raises sqlalchemy.exc.IntegrityError."""
        self.session.add(row)
        await self.session.flush()

    async def find_day(
        self, day_id: UUID, *, for_update: bool = False
    ) -> tuple[ClassDay, CourseClass] | None:
        """A day with its class, taken back or not; `for_update` locks the day."""
        query = (
            select(ClassDay, CourseClass)
            .join(CourseClass, CourseClass.id == ClassDay.class_id)
            .where(ClassDay.id == day_id)
        )
        if for_update:
            query = query.with_for_update(of=ClassDay).execution_options(populate_existing=True)
        return (await self.session.execute(query)).one_or_none()

    async def list_days(self, class_id: UUID) -> Sequence[tuple[ClassDay, int]]:
        """The days of a class with how many signed in, in the order of time; those taken back are among them."""
        rows = await self.session.execute(
            select(ClassDay, func.count(SignIn.id))
            .outerjoin(SignIn, and_(SignIn.class_day_id == ClassDay.id, SignIn.withdrawn_at.is_(None)))
            .where(ClassDay.class_id == class_id)
            .group_by(ClassDay.id)
            .order_by(ClassDay.starts_at, ClassDay.id)
        )
        return [(day, count) for day, count in rows]

    async def find_scan(self, code: str, follower_id: UUID) -> ScanRow | None:
        """The day of this code, and what the follower is in its class: one statement. None for no such day.

        The day is locked for sharing: whoever takes it back waits, and who scans after that sees that it was.
        """
        row = (
            await self.session.execute(
                select(ClassDay, CourseClass, Enrolment, SignIn)
                .join(CourseClass, CourseClass.id == ClassDay.class_id)
                .outerjoin(
                    Enrolment,
                    and_(
                        Enrolment.class_id == CourseClass.id,
                        Enrolment.follower_id == follower_id,
                        Enrolment.state == EnrolmentState.ADMITTED,
                    ),
                )
                .outerjoin(
                    SignIn,
                    and_(
                        SignIn.class_day_id == ClassDay.id,
                        SignIn.enrolment_id == Enrolment.id,
                        SignIn.withdrawn_at.is_(None),
                    ),
                )
                .where(ClassDay.code == code)
                .order_by(Enrolment.number.desc().nulls_last())
                .limit(1)
                .with_for_update(read=True, of=ClassDay)
                .execution_options(populate_existing=True)
            )
        ).one_or_none()
        if row is None:
            return None
        day, course, enrolment, signed = row
        return ScanRow(day=day, course_class=course, enrolment=enrolment, signed=signed)

    async def find_sign_in(self, day_id: UUID, enrolment_id: UUID) -> SignIn | None:
        """Whether somebody signed in on this day, and it stands."""
        return await self.session.scalar(
            select(SignIn).where(
                SignIn.class_day_id == day_id,
                SignIn.enrolment_id == enrolment_id,
                SignIn.withdrawn_at.is_(None),
            )
        )

    async def list_signed(self, day_id: UUID) -> Sequence[tuple[SignIn, Enrolment]]:
        """The sign-ins of a day that stand, with their enrolments, which are locked; by number."""
        rows = await self.session.execute(
            select(SignIn, Enrolment)
            .join(Enrolment, Enrolment.id == SignIn.enrolment_id)
            .where(SignIn.class_day_id == day_id, SignIn.withdrawn_at.is_(None))
            .order_by(Enrolment.number)
            .with_for_update(of=Enrolment)
            .execution_options(populate_existing=True)
        )
        return [(row, enrolment) for row, enrolment in rows]

    async def list_members(self, day: ClassDay) -> Sequence[MemberRow]:
        """The members of the day's class, and whoever signed in, by number."""
        records = (
            select(func.count())
            .where(
                PracticeRecord.class_day_id == day.id,
                PracticeRecord.enrolment_id == Enrolment.id,
                PracticeRecord.withdrawn_at.is_(None),
            )
            .scalar_subquery()
        )
        rows = await self.session.execute(
            select(Enrolment, Person, SignIn, records)
            .join(Person, Person.id == Enrolment.person_id)
            .outerjoin(
                SignIn,
                and_(
                    SignIn.enrolment_id == Enrolment.id,
                    SignIn.class_day_id == day.id,
                    SignIn.withdrawn_at.is_(None),
                ),
            )
            .where(
                ((Enrolment.class_id == day.class_id) & Enrolment.state.in_(_MEMBERS))
                | SignIn.id.is_not(None),
                Enrolment.restricted_at.is_(None),
            )
            .order_by(Enrolment.number)
        )
        return [
            MemberRow(enrolment=enrolment, person=person, signed=signed, records=count)
            for enrolment, person, signed, count in rows
        ]

    async def list_records(
        self, *, day_id: UUID | None = None, enrolment_id: UUID | None = None
    ) -> Sequence[tuple[PracticeRecord, ClassDay, Enrolment]]:
        """Records of a day or of a candidate that stand, the earliest first."""
        query = (
            select(PracticeRecord, ClassDay, Enrolment)
            .join(ClassDay, ClassDay.id == PracticeRecord.class_day_id)
            .join(Enrolment, Enrolment.id == PracticeRecord.enrolment_id)
            .where(PracticeRecord.withdrawn_at.is_(None))
            .order_by(ClassDay.starts_at, PracticeRecord.created_at)
        )
        if day_id is not None:
            query = query.where(PracticeRecord.class_day_id == day_id)
        if enrolment_id is not None:
            query = query.where(PracticeRecord.enrolment_id == enrolment_id)
        return list(await self.session.execute(query))

    async def find_record(self, record_id: UUID) -> tuple[PracticeRecord, CourseClass] | None:
        """A record with the class it was made in."""
        return (
            await self.session.execute(
                select(PracticeRecord, CourseClass)
                .join(ClassDay, ClassDay.id == PracticeRecord.class_day_id)
                .join(CourseClass, CourseClass.id == ClassDay.class_id)
                .where(PracticeRecord.id == record_id)
            )
        ).one_or_none()
