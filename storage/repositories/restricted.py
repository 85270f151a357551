"""What is restricted, and who opened it (C11)."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import InstrumentedAttribute

from storage.tables import Enrolment, RestrictedOpening


def not_restricted(enrolment_id: InstrumentedAttribute[UUID]) -> ColumnElement[bool]:
    """The enrolment of this column may be listed."""
    return ~exists().where(Enrolment.id == enrolment_id, Enrolment.restricted_at.is_not(None))


class RestrictedRepository:
    """The table `restricted_openings`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def is_open(self, enrolment_id: UUID, staff_id: str, at: datetime) -> bool:
        """Whether one of the staff opened it, and may still look."""
        found = await self.session.scalar(
            select(RestrictedOpening.id)
            .where(
                RestrictedOpening.enrolment_id == enrolment_id,
                RestrictedOpening.staff_id == staff_id,
                RestrictedOpening.until > at,
            )
            .limit(1)
        )
        return found is not None

    async def add(self, row: RestrictedOpening) -> None:
        """Written at once."""
        self.session.add(row)
        await self.session.flush()
