"""Study records, import runs and training classes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    Integer,
    LargeBinary,
    Update,
    Uuid,
    and_,
    any_,
    bindparam,
    cast,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import set_committed_value

from storage.locks import lock_with_enrolment
from storage.states import EnrolmentState
from storage.tables import (
    Base,
    CourseClass,
    Document,
    Enrolment,
    ImportRun,
    Payment,
    Person,
    Staff,
    StudyRecord,
)

_ENROLMENTS = Base.metadata.tables["enrolments"]
_MEMBERS = (EnrolmentState.ADMITTED, EnrolmentState.CONCLUDED)


@dataclass(frozen=True, kw_only=True)
class StudentRow:
    """An enrolment that a row of an import may mean."""

    enrolment: Enrolment
    person_name: str
    identity_digest: bytes


@dataclass(frozen=True, kw_only=True)
class JoiningRow:
    """How many are in a class, and what somebody who wants to join owes, by the key of the fee."""

    members: int
    payments: Mapping[str, Payment]


def practice_hours() -> ColumnElement[Decimal]:
    """The sum of the hours of practice (C8) among the study records of a statement; 0 for none."""
    return func.coalesce(func.sum(StudyRecord.hours).filter(StudyRecord.source == "practice"), 0)


class StudyRepository:
    """The table `study_records`, and the enrolments that its rows belong to."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def list_students(
        self,
        *,
        organisation_id: UUID | None,
        numbers: Collection[int],
        digests: Collection[bytes],
        for_update: bool = False,
    ) -> Sequence[StudentRow]:
        """Submitted enrolments with one of these numbers or of a person with one of these identity digests.

        One statement however many they are. `for_update` locks them, in the order of their numbers.
        """
        persons = select(Person.id).where(
            Person.identity_digest == any_(cast(list(digests), ARRAY(LargeBinary)))
        )
        query = (
            select(Enrolment, Person.name, Person.identity_digest)
            .join(Person, Person.id == Enrolment.person_id)
            .where(
                Enrolment.submitted_at.is_not(None),
                or_(
                    Enrolment.number == any_(cast(list(numbers), ARRAY(Integer))),
                    Enrolment.person_id.in_(persons),
                ),
            )
            .order_by(Enrolment.number)
        )
        if organisation_id is not None:
            query = query.where(Enrolment.trained_by == organisation_id)
        if for_update:
            query = query.with_for_update(of=Enrolment).execution_options(populate_existing=True)
        rows = await self.session.execute(query)
        return [
            StudentRow(enrolment=enrolment, person_name=name, identity_digest=digest)
            for enrolment, name, digest in rows
        ]

    async def list_of(self, enrolment_ids: Collection[UUID]) -> Sequence[StudyRecord]:
        """The records of these enrolments, in the order of study."""
        rows = await self.session.scalars(
            select(StudyRecord)
            .where(StudyRecord.enrolment_id == any_(cast(list(enrolment_ids), ARRAY(Uuid))))
            .order_by(StudyRecord.studied_on, StudyRecord.created_at)
            .execution_options(populate_existing=True)
        )
        return rows.all()

    async def total_hours(self, enrolment_id: UUID) -> tuple[Decimal, Decimal]:
        """All hours of an enrolment, and those of practice among them."""
        total, practice = (
            await self.session.execute(
                select(func.coalesce(func.sum(StudyRecord.hours), 0), practice_hours()).where(
                    StudyRecord.enrolment_id == enrolment_id
                )
            )
        ).one()
        return Decimal(total), Decimal(practice)

    async def add_all(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """New records, by column name."""
        if rows:
            await self.session.execute(insert(StudyRecord), [dict(row) for row in rows])

    async def change_hours(self, hours: Mapping[UUID, Decimal], *, import_id: UUID) -> None:
        """Other hours for existing records, by record id."""
        if not hours:
            return
        table = StudyRecord.__table__
        connection = await self.session.connection()
        await connection.execute(
            update(StudyRecord)
            .where(table.c.id == bindparam("record_id"))
            .values(hours=bindparam("new_hours"), import_id=import_id),
            [{"record_id": record_id, "new_hours": value} for record_id, value in hours.items()],
        )

    async def remove(self, enrolment_id: UUID, source: str, reference: str) -> Decimal:
        """Count a record no more; its hours, 0 when there was none."""
        found = await self.session.scalar(
            delete(StudyRecord)
            .where(
                StudyRecord.enrolment_id == enrolment_id,
                StudyRecord.source == source,
                StudyRecord.reference == reference,
            )
            .returning(StudyRecord.hours)
        )
        return found or Decimal(0)

    async def find_document(self, enrolment_id: UUID, material_key: str) -> Document | None:
        """The current document for a material, locked."""
        return await self.session.scalar(
            select(Document)
            .where(
                Document.enrolment_id == enrolment_id,
                Document.material_key == material_key,
                Document.superseded_at.is_(None),
            )
            .with_for_update()
            .execution_options(populate_existing=True)
        )


class ImportRunRepository:
    """The table `import_runs`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def add(self, run: ImportRun) -> None:
        """Written at once, so that rows can refer to it."""
        self.session.add(run)
        await self.session.flush()

    async def find_staff_id(self, text: str) -> UUID | None:
        """The staff member of this id, if there is one."""
        try:
            wanted = UUID(text)
        except ValueError:
            return None
        return await self.session.scalar(select(Staff.id).where(Staff.id == wanted))


class ClassRepository:
    """The table `course_classes`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def find(self, class_id: UUID, *, for_update: bool = False) -> CourseClass | None:
        """The class, if there is one."""
        return await self.session.get(
            CourseClass, class_id, with_for_update=for_update or None, populate_existing=for_update
        )

    async def lock_to_join(self, class_id: UUID, enrolment_id: UUID) -> tuple[CourseClass, Enrolment] | None:
        """Lock the class, and after it the enrolment; None unless there are both."""
        return await lock_with_enrolment(self.session, CourseClass, CourseClass.id == class_id, enrolment_id)

    async def find_joining(self, class_id: UUID, enrolment_id: UUID) -> JoiningRow:
        """What joining a class depends on. Lock both first: what others committed until then is seen."""
        members = (
            select(func.count())
            .where(Enrolment.class_id == class_id, Enrolment.state.in_(_MEMBERS))
            .scalar_subquery()
        )
        rows = (
            await self.session.execute(
                select(members, Payment)
                .select_from(CourseClass)
                .outerjoin(Payment, Payment.enrolment_id == enrolment_id)
                .where(CourseClass.id == class_id)
            )
        ).all()
        payments = [payment for _, payment in rows if payment is not None]
        return JoiningRow(members=rows[0][0], payments={row.fee_key: row for row in payments})

    async def join(self, row: CourseClass, enrolment: Enrolment, withdrawing: Update) -> None:
        """Put an enrolment into the class, with what that makes untrue withdrawn, in one statement. Lock both first."""
        revision = enrolment.revision + 1
        await self.session.execute(
            update(_ENROLMENTS)
            .where(_ENROLMENTS.c.id == enrolment.id)
            .values(class_id=row.id, revision=revision)
            .add_cte(withdrawing.cte("withdrawn"))
        )
        set_committed_value(enrolment, "class_id", row.id)
        set_committed_value(enrolment, "revision", revision)

    async def find_by_code(self, code: str) -> CourseClass | None:
        """The class of this code."""
        return await self.session.scalar(select(CourseClass).where(CourseClass.code == code))

    async def add(self, row: CourseClass) -> None:
        """Written at once. Raises sqlalchemy.exc.IntegrityError when the code is taken."""
        self.session.add(row)
        await self.session.flush()

    async def list_with_counts(
        self, *, organisation_id: UUID | None, scheme_id: str | None, states: Collection[str]
    ) -> Sequence[tuple[CourseClass, int]]:
        """Classes with how many are in them, the earliest first; None and empty mean all."""
        query = (
            select(CourseClass, func.count(Enrolment.id))
            .outerjoin(Enrolment, and_(Enrolment.class_id == CourseClass.id, Enrolment.state.in_(_MEMBERS)))
            .group_by(CourseClass.id)
            .order_by(CourseClass.starts_on, CourseClass.code)
        )
        if organisation_id is not None:
            query = query.where(CourseClass.organisation_id == organisation_id)
        if scheme_id is not None:
            query = query.where(CourseClass.scheme_id == scheme_id)
        if states:
            query = query.where(CourseClass.state.in_(states))
        return (await self.session.execute(query)).all()

    async def list_without_class(
        self, organisation_id: UUID, scheme_id: str
    ) -> Sequence[tuple[Enrolment, Decimal, Decimal]]:
        """Admitted enrolments of a scheme that are in no class, by their numbers.

        With the sum of their hours, and those of practice among them (C8).
        """
        rows = await self.session.execute(
            select(Enrolment, func.coalesce(func.sum(StudyRecord.hours), 0), practice_hours())
            .outerjoin(StudyRecord, StudyRecord.enrolment_id == Enrolment.id)
            .where(
                Enrolment.trained_by == organisation_id,
                Enrolment.scheme_id == scheme_id,
                Enrolment.state == EnrolmentState.ADMITTED,
                Enrolment.class_id.is_(None),
            )
            .group_by(Enrolment.id)
            .order_by(Enrolment.number)
        )
        return [(enrolment, Decimal(hours), Decimal(practice)) for enrolment, hours, practice in rows]

    async def count_members(self, class_id: UUID) -> int:
        """How many admitted or concluded enrolments are in the class."""
        count = await self.session.scalar(
            select(func.count())
            .select_from(Enrolment)
            .where(Enrolment.class_id == class_id, Enrolment.state.in_(_MEMBERS))
        )
        return count or 0

    async def list_roll(
        self, *, organisation_id: UUID | None, class_id: UUID | None, states: Collection[str]
    ) -> Sequence[tuple[Enrolment, Person]]:
        """Enrolments in these states with their persons by number: of a class, or of the organisation."""
        query = (
            select(Enrolment, Person)
            .join(Person, Person.id == Enrolment.person_id)
            .where(Enrolment.state.in_(states), Enrolment.restricted_at.is_(None))
            .order_by(Enrolment.number)
        )
        if class_id is not None:
            query = query.where(Enrolment.class_id == class_id)
        if organisation_id is not None:
            query = query.where(Enrolment.trained_by == organisation_id)
        return (await self.session.execute(query)).all()
