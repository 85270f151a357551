"""What classes publish about their fees, and which publication holds for whom."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from storage.states import ClassState, EnrolmentState, PaymentState
from storage.tables import CourseClass, Enrolment, EnrolmentFees, FeePublication, Organisation, Payment

#: Who has a place in a class, or waits for the review with one.
_TAKING_A_PLACE = (
    EnrolmentState.IN_REVIEW,
    EnrolmentState.RETURNED,
    EnrolmentState.ADMITTED,
    EnrolmentState.CONCLUDED,
)


class ClassFeeRepository:
    """The tables `fee_publications` and `enrolment_fees`, and classes as strangers see them."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def find_current(self, class_id: UUID) -> FeePublication | None:
        """The newest publication of a class."""
        return await self.session.scalar(
            select(FeePublication)
            .where(FeePublication.class_id == class_id)
            .order_by(FeePublication.version.desc())
            .limit(1)
        )

    async def list_of(self, class_id: UUID) -> Sequence[FeePublication]:
        """All publications of a class, the newest first."""
        rows = await self.session.scalars(
            select(FeePublication)
            .where(FeePublication.class_id == class_id)
            .order_by(FeePublication.version.desc())
        )
        return rows.all()

    async def bind(self, enrolment_id: UUID, class_id: UUID) -> bool:
        """The newest publication of the class holds for this enrolment from now on; False when there is none."""
        newest = (
            select(FeePublication.id)
            .where(FeePublication.class_id == class_id)
            .order_by(FeePublication.version.desc())
            .limit(1)
        )
        publication_id = await self.session.scalar(newest)
        if publication_id is None:
            return False
        await self.session.execute(
            insert(EnrolmentFees)
            .values(enrolment_id=enrolment_id, publication_id=publication_id)
            .on_conflict_do_update(index_elements=["enrolment_id"], set_={"publication_id": publication_id})
        )
        return True

    async def count_begun(self, enrolment_id: UUID) -> int:
        """How many of an enrolment's payments are no longer merely due."""
        found = await self.session.scalar(
            select(func.count())
            .select_from(Payment)
            .where(Payment.enrolment_id == enrolment_id, Payment.state != PaymentState.DUE)
        )
        return found or 0

    async def list_open(
        self, *, scheme_ids: Sequence[str] = (), limit: int
    ) -> Sequence[tuple[CourseClass, str, FeePublication | None, int]]:
        """Open classes with organisation, newest publication and places taken, the earliest first; empty: all schemes."""
        query = self._public().where(CourseClass.state == ClassState.OPEN).limit(limit)
        if scheme_ids:
            query = query.where(CourseClass.scheme_id.in_(scheme_ids))
        rows = await self.session.execute(query)
        return [(row, name, publication, taken) for row, name, publication, taken in rows]

    async def find_public(self, code: str) -> tuple[CourseClass, str, FeePublication | None, int] | None:
        """The class of this code, whatever its state, with organisation, newest publication and places taken."""
        row = (await self.session.execute(self._public().where(CourseClass.code == code))).one_or_none()
        return None if row is None else (row[0], row[1], row[2], row[3])

    @staticmethod
    def _public() -> Select[CourseClass, str, FeePublication | None, int]:
        newest = (
            select(FeePublication.id)
            .where(FeePublication.class_id == CourseClass.id)
            .order_by(FeePublication.version.desc())
            .limit(1)
            .correlate(CourseClass)
            .scalar_subquery()
        )
        taken = (
            select(func.count())
            .select_from(Enrolment)
            .where(Enrolment.class_id == CourseClass.id, Enrolment.state.in_(_TAKING_A_PLACE))
            .correlate(CourseClass)
            .scalar_subquery()
        )
        return (
            select(CourseClass, Organisation.name, FeePublication, taken)
            .join(Organisation, Organisation.id == CourseClass.organisation_id)
            .outerjoin(FeePublication, FeePublication.id == newest)
            .order_by(CourseClass.starts_on, CourseClass.code)
        )

    async def count_taken(self, class_id: UUID) -> int:
        """How many places of a class are taken or waited for."""
        found = await self.session.scalar(
            select(func.count())
            .select_from(Enrolment)
            .where(Enrolment.class_id == class_id, Enrolment.state.in_(_TAKING_A_PLACE))
        )
        return found or 0
