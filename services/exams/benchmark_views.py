"""Benchmarks as others see them: the public list, and every version of a sitting's for its staff (B5)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final
from uuid import UUID

from services.access import ensure_reader
from services.errors import NotFoundError
from services.exams.snapshots import as_benchmark, frozen_sha256, frozen_text
from services.exams.views import scheme_title
from services.models import Actor
from services.rules.benchmark import Benchmark
from services.unit_of_work import Work
from storage.repositories.benchmarks import BenchmarkRepository
from storage.repositories.exams import SittingRepository

_MOST_SHOWN: Final = 200


@dataclass(frozen=True, kw_only=True)
class PublishedBenchmark:
    """One row of the public list (B5): nothing in it belongs to one person."""

    scheme_id: str
    scheme_version: str
    #: Short title of the scheme.
    scheme: str
    sitting: str
    starts_at: datetime
    published_at: datetime
    benchmark: Benchmark
    method: str
    #: Full score of the papers.
    full: Decimal
    #: Of the sitting's snapshots, from 1; `superseded`: there is a newer one that was published.
    version: int
    superseded: bool
    #: Every figure, one a line, and the SHA-256 of that.
    text: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class SnapshotView:
    """One version of a sitting's benchmark before its staff (B5)."""

    version: int
    method: str
    #: `id@version` of the scheme whose parameters it has.
    scheme: str
    full: Decimal
    frozen_at: datetime
    published_at: datetime | None
    sha256: str
    benchmark: Benchmark


async def list_published(work: Work) -> tuple[PublishedBenchmark, ...]:
    """What is published, the newest first; at most 200."""
    rows = await BenchmarkRepository(work.session).list_published(_MOST_SHOWN)
    newest: dict[UUID, int] = {}
    for row, _ in rows:
        newest[row.sitting_id] = max(row.version, newest.get(row.sitting_id, 0))
    return tuple(
        PublishedBenchmark(
            scheme_id=row.scheme_id,
            scheme_version=row.scheme_version,
            scheme=scheme_title(work, sitting),
            sitting=sitting.code,
            starts_at=sitting.starts_at,
            published_at=row.published_at,
            benchmark=as_benchmark(row),
            method=row.method,
            full=row.full,
            version=row.version,
            superseded=row.version < newest[row.sitting_id],
            text=frozen_text(row),
            sha256=frozen_sha256(row),
        )
        for row, sitting in rows
        if row.published_at is not None
    )


async def snapshots(work: Work, actor: Actor, sitting_id: UUID) -> tuple[SnapshotView, ...]:
    """Every version of a sitting's benchmark, the newest first. Raises NotFoundError: also for another organisation's."""
    sitting = await SittingRepository(work.session).find(sitting_id)
    if sitting is None:
        raise NotFoundError("sitting.not_found")
    ensure_reader(actor, sitting.organisation_id)
    return tuple(
        SnapshotView(
            version=row.version,
            method=row.method,
            scheme=f"{row.scheme_id}@{row.scheme_version}",
            full=row.full,
            frozen_at=row.created_at,
            published_at=row.published_at,
            sha256=frozen_sha256(row),
            benchmark=as_benchmark(row),
        )
        for row in await BenchmarkRepository(work.session).of_sitting(sitting_id)
    )
