"""Who is on the way through an organisation: what a suspension or an ending of it concerns."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import and_, exists, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.states import EnrolmentState, ResultState, SeatState, SittingState
from storage.tables import (
    Certificate,
    Enrolment,
    OrganisationEnding,
    Person,
    Result,
    Seat,
    Sitting,
    StageRecord,
)

_ON_THE_WAY = (
    EnrolmentState.DRAFT,
    EnrolmentState.RETURNED,
    EnrolmentState.IN_REVIEW,
    EnrolmentState.ADMITTED,
)


class RunningRepository:
    """Enrolments that have not come to their end, and sittings that are still to be held."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def trained_by(
        self, organisation_id: UUID, scheme_ids: Collection[str]
    ) -> Sequence[tuple[Enrolment, Person | None]]:
        """The enrolments that this organisation enrols or trains in these schemes, by number; the person once known.

        Whoever passed and has no certificate yet is among them.
        """
        passed = exists().where(
            Result.enrolment_id == Enrolment.id, Result.state == ResultState.PUBLISHED, Result.passed
        )
        held = exists().where(Certificate.enrolment_id == Enrolment.id)
        rows = await self.session.execute(
            select(Enrolment, Person)
            .outerjoin(Person, Person.id == Enrolment.person_id)
            .where(
                or_(Enrolment.organisation_id == organisation_id, Enrolment.trained_by == organisation_id),
                Enrolment.scheme_id.in_(scheme_ids),
                or_(
                    Enrolment.state.in_(_ON_THE_WAY),
                    and_(Enrolment.state == EnrolmentState.CONCLUDED, passed, ~held),
                ),
            )
            .order_by(Enrolment.number)
        )
        return [(enrolment, person) for enrolment, person in rows]

    async def at(self, organisation_id: UUID) -> Sequence[tuple[Enrolment, Person | None, bool]]:
        """Who enrols through an organisation, is trained by it, or waits for its decision, and is not at the end; by number.

        The last says whether they wait for its decision now.
        """
        waits = exists().where(
            StageRecord.enrolment_id == Enrolment.id,
            StageRecord.organisation_id == organisation_id,
            StageRecord.decided_at.is_(None),
        )
        rows = await self.session.execute(
            select(Enrolment, Person, waits)
            .outerjoin(Person, Person.id == Enrolment.person_id)
            .where(
                Enrolment.state.in_(_ON_THE_WAY),
                or_(
                    Enrolment.organisation_id == organisation_id,
                    Enrolment.trainer_id == organisation_id,
                    waits,
                ),
            )
            .order_by(Enrolment.number)
        )
        return [(enrolment, person, waiting) for enrolment, person, waiting in rows]

    async def find_ending(
        self, organisation_id: UUID, *, for_update: bool = False
    ) -> OrganisationEnding | None:
        """The proposal to end an organisation that is not decided."""
        query = select(OrganisationEnding).where(
            OrganisationEnding.organisation_id == organisation_id, OrganisationEnding.state == "proposed"
        )
        if for_update:
            query = query.with_for_update().execution_options(populate_existing=True)
        return await self.session.scalar(query)

    async def waited_for(self, organisation_id: UUID) -> Sequence[Sitting]:
        """The open sittings of this organisation on whose waiting lists somebody stands, locked."""
        waits = exists().where(Seat.sitting_id == Sitting.id, Seat.state == SeatState.WAITLISTED)
        rows = await self.session.scalars(
            select(Sitting)
            .where(Sitting.organisation_id == organisation_id, Sitting.state == SittingState.OPEN, waits)
            .order_by(Sitting.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        return rows.all()
