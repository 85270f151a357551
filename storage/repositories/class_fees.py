"""What classes publish about their fees, and which publication holds for whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Select, and_, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from storage.authorisation_states import AuthorisationState
from storage.states import ClassState, EnrolmentState, PaymentState
from storage.tables import (
    Authorisation,
    CourseClass,
    Enrolment,
    EnrolmentFees,
    FeePublication,
    Organisation,
    Payment,
)

#: Who has a place in a class, or waits for the review with one.
_TAKING_A_PLACE = (
    EnrolmentState.IN_REVIEW,
    EnrolmentState.RETURNED,
    EnrolmentState.ADMITTED,
    EnrolmentState.CONCLUDED,
)


@dataclass(frozen=True)
class PublicClass:
    """A class with its organisation's name, its newest publication, the places taken, and whether it is suspended."""

    course_class: CourseClass
    organisation: str
    publication: FeePublication | None
    taken: int
    suspended: bool


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

    async def list_open(self, *, scheme_ids: Sequence[str] = (), limit: int) -> Sequence["PublicClass"]:
        """Open classes, the earliest first, but none of who is suspended (C14); empty: of all schemes."""
        query = self._public().where(CourseClass.state == ClassState.OPEN).limit(limit)
        if scheme_ids:
            query = query.where(CourseClass.scheme_id.in_(scheme_ids))
        rows = [PublicClass(*row) for row in await self.session.execute(query)]
        return [row for row in rows if not row.suspended]

    async def find_offer(
        self, class_id: UUID, follower_id: UUID
    ) -> tuple["PublicClass", Enrolment | None] | None:
        """The class with all that its notice says, and the follower's draft in its scheme: one statement."""
        draft = aliased(Enrolment)
        query = (
            self._public()
            .add_columns(draft)
            .outerjoin(
                draft,
                and_(
                    draft.follower_id == follower_id,
                    draft.scheme_id == CourseClass.scheme_id,
                    draft.state == EnrolmentState.DRAFT,
                ),
            )
            .where(CourseClass.id == class_id)
        )
        row = (await self.session.execute(query)).one_or_none()
        return None if row is None else (PublicClass(*row[:-1]), row[-1])

    async def find_public(self, code: str) -> "PublicClass | None":
        """The class of this code, whatever its state."""
        row = (await self.session.execute(self._public().where(CourseClass.code == code))).one_or_none()
        return None if row is None else PublicClass(*row)

    @staticmethod
    def _public() -> Select[CourseClass, str, FeePublication | None, int, bool]:
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
        suspended = (
            select(Authorisation.id)
            .where(
                Authorisation.organisation_id == CourseClass.organisation_id,
                Authorisation.state == AuthorisationState.SUSPENDED,
            )
            .correlate(CourseClass)
            .exists()
        )
        return (
            select(CourseClass, Organisation.name, FeePublication, taken, suspended)
            .join(Organisation, Organisation.id == CourseClass.organisation_id)
            .outerjoin(FeePublication, FeePublication.id == newest)
            .order_by(CourseClass.starts_on, CourseClass.code)
        )
