"""Drafts that were left alone."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.states import EnrolmentState
from storage.tables import Enrolment, Follower

_MOST = 2


class NudgeRepository:
    """The drafts in the table `enrolments`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def list_idle(self, before: datetime, limit: int) -> Sequence[Enrolment]:
        """Drafts without activity since `before` that a nudge may still be due for, the longest idle first; locked."""
        found = await self.session.scalars(
            select(Enrolment)
            .join(Follower, Follower.id == Enrolment.follower_id)
            .where(
                Enrolment.state == EnrolmentState.DRAFT,
                Enrolment.last_activity_at <= before,
                Enrolment.nudges < _MOST,
                Follower.unfollowed_at.is_(None),
            )
            .order_by(Enrolment.nudges, Enrolment.last_activity_at)
            .limit(limit)
            .with_for_update(of=Enrolment, skip_locked=True)
        )
        return found.all()

    async def keep(self, enrolment_id: UUID, nudges: int) -> None:
        """How often a draft was nudged. Not a change by people: its revision stays, so that no chat collides."""
        await self.session.execute(
            update(Enrolment)
            .where(Enrolment.id == enrolment_id)
            .values(nudges=nudges)
            .execution_options(synchronize_session=False)
        )
