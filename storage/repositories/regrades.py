"""Sittings marked anew for everybody."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.regrade_states import RegradeState
from storage.repositories.appeals import OPEN
from storage.tables import Appeal, Regrade


class RegradeRepository:
    """The table `regrades`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def find_proposed(self, sitting_id: UUID, *, for_update: bool = False) -> Regrade | None:
        """What waits for another person's decision."""
        query = select(Regrade).where(
            Regrade.sitting_id == sitting_id, Regrade.state == RegradeState.PROPOSED
        )
        if for_update:
            query = query.with_for_update().execution_options(populate_existing=True)
        return await self.session.scalar(query)

    async def of_sitting(self, sitting_id: UUID) -> Sequence[Regrade]:
        """All of a sitting, the newest first."""
        rows = await self.session.scalars(
            select(Regrade).where(Regrade.sitting_id == sitting_id).order_by(Regrade.created_at.desc())
        )
        return rows.all()

    async def add(self, row: Regrade) -> None:
        """Written at once. Raises sqlalchemy.exc.IntegrityError when another waits."""
        self.session.add(row)
        await self.session.flush()

    async def move_appeals(self, versions: Mapping[UUID, UUID]) -> None:
        """Open appeals go on about the new versions (old result → new), and their marking begins anew."""
        rows = await self.session.scalars(
            select(Appeal).where(Appeal.state.in_(OPEN), Appeal.result_id.in_(list(versions)))
        )
        for appeal in rows:
            appeal.result_id = versions[appeal.result_id]
            appeal.remark_raw = appeal.remark_passed = None
            appeal.remark_grade = appeal.remark_note = appeal.remarked_by_name = ""
            appeal.remarked_by = appeal.remarked_at = None
