"""Results."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from storage.repositories.exams import among
from storage.states import EnrolmentState, ResultState
from storage.tables import Enrolment, Result, Sitting


@dataclass(frozen=True, kw_only=True)
class ResultCountRow:
    """How many results of a sitting are in each state."""

    sitting: Sitting
    scored: int
    approved: int
    published: int


class ResultRepository:
    """The table `results`. The current version of a result is the one that is not superseded."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def list_current(
        self, sitting_id: UUID, *, state: ResultState | None = None
    ) -> Sequence[tuple[Result, Enrolment]]:
        """The current results of a sitting with their enrolments, by their numbers."""
        query = (
            select(Result, Enrolment)
            .join(Enrolment, Enrolment.id == Result.enrolment_id)
            .where(Result.sitting_id == sitting_id, Result.state != ResultState.SUPERSEDED)
            .order_by(Enrolment.number)
        )
        if state is not None:
            query = query.where(Result.state == state)
        return list(await self.session.execute(query))

    async def list_published(self, enrolment_ids: Collection[UUID]) -> Sequence[Result]:
        """The results of these enrolments that are published: at most one each."""
        rows = await self.session.scalars(
            select(Result).where(
                among(Result.enrolment_id, enrolment_ids), Result.state == ResultState.PUBLISHED
            )
        )
        return rows.all()

    async def has_any(self, sitting_id: UUID) -> bool:
        """Whether the sitting has a current result."""
        found = await self.session.scalar(
            select(exists().where(Result.sitting_id == sitting_id, Result.state != ResultState.SUPERSEDED))
        )
        return bool(found)

    async def latest_versions(self, enrolment_ids: Collection[UUID]) -> Mapping[UUID, int]:
        """The highest version of each enrolment that has a result."""
        rows = await self.session.execute(
            select(Result.enrolment_id, func.max(Result.version))
            .where(among(Result.enrolment_id, enrolment_ids))
            .group_by(Result.enrolment_id)
        )
        return dict(rows.all())

    async def add_all(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """New results, by column name. Supersede the versions before them first."""
        if rows:
            await self.session.execute(insert(Result), [dict(row) for row in rows])

    async def move(self, result_ids: Collection[UUID], state: ResultState, **also: datetime | str) -> None:
        """Give these results another state, and `approved_at`, `approved_by` or `published_at` with it, in one statement."""
        await self.session.execute(
            update(Result).where(among(Result.id, result_ids)).values(state=state, **also)
        )

    async def set_areas(self, result_id: UUID, areas: Mapping[str, str]) -> None:
        """What a paper came to by knowledge area; its figures and its grade stay."""
        await self.session.execute(update(Result).where(Result.id == result_id).values(areas=dict(areas)))

    async def conclude(self, enrolment_ids: Collection[UUID]) -> None:
        """The one result of these enrolments is published (B2)."""
        await self.session.execute(
            update(Enrolment)
            .where(among(Enrolment.id, enrolment_ids))
            .values(state=EnrolmentState.CONCLUDED, revision=Enrolment.revision + 1)
        )

    async def count_by_sitting(self, organisation_id: UUID | None) -> Sequence[ResultCountRow]:
        """Sittings with results that are scored or approved and not yet published, the earliest first."""
        scored, approved, published = (
            func.count(Result.id).filter(Result.state == state)
            for state in (ResultState.SCORED, ResultState.APPROVED, ResultState.PUBLISHED)
        )
        query = (
            select(Sitting, scored, approved, published)
            .join(Result, Result.sitting_id == Sitting.id)
            .group_by(Sitting.id)
            .having(scored + approved > 0)
            .order_by(Sitting.starts_at, Sitting.code)
        )
        if organisation_id is not None:
            query = query.where(Sitting.organisation_id == organisation_id)
        return [
            ResultCountRow(sitting=row, scored=raw, approved=checked, published=out)
            for row, raw, checked, out in await self.session.execute(query)
        ]
