"""Results by knowledge area."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Numeric, cast, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.states import ClassState, ResultState
from storage.tables import CourseClass, Enrolment, Organisation, Result, Sitting


@dataclass(frozen=True, kw_only=True)
class AnalysedRow:
    """One published result with areas, and by what it may be grouped."""

    result: Result
    enrolment: Enrolment
    sitting: Sitting
    #: Name of the organisation that the person enrolled with.
    organisation: str


class DiagnosisRepository:
    """Reads of the table `results` for diagnosis and analysis."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def newest_of(self, follower_id: UUID) -> tuple[Result, Enrolment] | None:
        """A follower's newest published result with areas."""
        row = (
            await self.session.execute(
                select(Result, Enrolment)
                .join(Enrolment, Enrolment.id == Result.enrolment_id)
                .where(
                    Enrolment.follower_id == follower_id,
                    Result.state == ResultState.PUBLISHED,
                    Result.areas.is_not(None),
                )
                .order_by(Result.published_at.desc())
                .limit(1)
            )
        ).one_or_none()
        return (row[0], row[1]) if row is not None else None

    async def sums_of_sitting(self, sitting_id: UUID) -> Mapping[str, tuple[Decimal, int]]:
        """Sum and count of the scores in each area, over the published results of a sitting."""
        each = func.jsonb_each_text(Result.areas).table_valued("key", "value").lateral("each")
        rows = await self.session.execute(
            select(each.c.key, func.sum(cast(each.c.value, Numeric)), func.count())
            .select_from(Result)
            .join(each, onclause=Result.id.is_not(None))
            .where(
                Result.sitting_id == sitting_id,
                Result.state == ResultState.PUBLISHED,
                Result.areas.is_not(None),
            )
            .group_by(each.c.key)
        )
        return {key: (Decimal(total), count) for key, total, count in rows}

    async def open_classes(self, scheme_id: str, today: date, *, limit: int) -> Sequence[CourseClass]:
        """Classes of a scheme that are open and have not begun, the earliest first."""
        rows = await self.session.scalars(
            select(CourseClass)
            .where(
                CourseClass.scheme_id == scheme_id,
                CourseClass.state == ClassState.OPEN,
                CourseClass.starts_on >= today,
            )
            .order_by(CourseClass.starts_on, CourseClass.code)
            .limit(limit)
        )
        return rows.all()

    async def analysed(
        self,
        organisation_id: UUID | None,
        scheme_id: str,
        *,
        since: datetime | None,
        before: datetime | None,
        limit: int,
    ) -> Sequence[AnalysedRow]:
        """Published results with areas, of the sittings that an organisation held (None: of all)."""
        query = (
            select(Result, Enrolment, Sitting, Organisation.name)
            .join(Enrolment, Enrolment.id == Result.enrolment_id)
            .join(Sitting, Sitting.id == Result.sitting_id)
            .join(Organisation, Organisation.id == Enrolment.organisation_id)
            .where(
                Enrolment.scheme_id == scheme_id,
                Result.state == ResultState.PUBLISHED,
                Result.areas.is_not(None),
            )
            .limit(limit)
        )
        if organisation_id is not None:
            query = query.where(Sitting.organisation_id == organisation_id)
        if since is not None:
            query = query.where(Sitting.starts_at >= since)
        if before is not None:
            query = query.where(Sitting.starts_at < before)
        return [
            AnalysedRow(result=result, enrolment=enrolment, sitting=sitting, organisation=name)
            for result, enrolment, sitting, name in await self.session.execute(query)
        ]
