"""Benchmarks of sittings, and the pools that they are made of."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from storage.states import ResultState
from storage.tables import BenchmarkSnapshot, Enrolment, Result, Sitting

_EARLIER_SITTINGS = 4
_COUNTED = (ResultState.SCORED, ResultState.APPROVED, ResultState.PUBLISHED)


class BenchmarkRepository:
    """The table `benchmark_snapshots`."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def find_newest(self, sitting_id: UUID) -> BenchmarkSnapshot | None:
        """The snapshot of a sitting that counts."""
        return await self.session.scalar(
            select(BenchmarkSnapshot)
            .where(BenchmarkSnapshot.sitting_id == sitting_id)
            .order_by(BenchmarkSnapshot.version.desc())
            .limit(1)
        )

    async def find_last_of_scheme(
        self, scheme_id: str, full: Decimal, *, other_than: UUID, bases: Sequence[str], since: datetime
    ) -> BenchmarkSnapshot | None:
        """The newest published snapshot of another sitting of this scheme and scale, made since then."""
        return await self.session.scalar(
            select(BenchmarkSnapshot)
            .where(
                BenchmarkSnapshot.scheme_id == scheme_id,
                BenchmarkSnapshot.full == full,
                BenchmarkSnapshot.sitting_id != other_than,
                BenchmarkSnapshot.basis.in_(bases),
                BenchmarkSnapshot.published_at.is_not(None),
                BenchmarkSnapshot.created_at >= since,
            )
            .order_by(BenchmarkSnapshot.published_at.desc())
            .limit(1)
        )

    async def pool(self, sitting_id: UUID, scheme_id: str, full: Decimal) -> Sequence[tuple[UUID, Decimal]]:
        """Raw scores, by enrolment, of first attempts in this sitting and the last four published ones of scheme and scale.

        Absent and void papers left no result, so they are out.
        """
        earlier = (
            select(Result.sitting_id)
            .join(Enrolment, Enrolment.id == Result.enrolment_id)
            .where(
                Enrolment.scheme_id == scheme_id,
                Result.full == full,
                Result.state == ResultState.PUBLISHED,
                Result.sitting_id != sitting_id,
            )
            .group_by(Result.sitting_id)
            .order_by(func.max(Result.published_at).desc())
            .limit(_EARLIER_SITTINGS)
        )
        rows = await self.session.execute(
            select(Result.enrolment_id, Result.raw)
            .join(Enrolment, Enrolment.id == Result.enrolment_id)
            .where(
                Enrolment.scheme_id == scheme_id,
                Enrolment.attempt == 1,
                Result.full == full,
                or_(
                    (Result.sitting_id == sitting_id) & Result.state.in_(_COUNTED),
                    Result.sitting_id.in_(earlier) & (Result.state == ResultState.PUBLISHED),
                ),
            )
        )
        return [(enrolment_id, raw) for enrolment_id, raw in rows]

    async def of_sitting(self, sitting_id: UUID) -> Sequence[BenchmarkSnapshot]:
        """Every snapshot of a sitting, the newest first."""
        rows = await self.session.scalars(
            select(BenchmarkSnapshot)
            .where(BenchmarkSnapshot.sitting_id == sitting_id)
            .order_by(BenchmarkSnapshot.version.desc())
        )
        return rows.all()

    async def add(self, row: BenchmarkSnapshot) -> None:
        """Written at once."""
        self.session.add(row)
        await self.session.flush()

    async def list_published(self, limit: int) -> Sequence[tuple[BenchmarkSnapshot, Sitting]]:
        """What is published, the newest first (B5)."""
        rows = await self.session.execute(
            select(BenchmarkSnapshot, Sitting)
            .join(Sitting, Sitting.id == BenchmarkSnapshot.sitting_id)
            .where(BenchmarkSnapshot.published_at.is_not(None))
            .order_by(BenchmarkSnapshot.published_at.desc(), BenchmarkSnapshot.version.desc())
            .limit(limit)
        )
        return list(rows)
