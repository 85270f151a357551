"""Benchmarks 基准指数: frozen when the results of a sitting are approved, published before any grade is (B5–B7)."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid4

from services import audit
from services.errors import ConflictError
from services.exams.views import scheme_title
from services.models import Actor, ResultState
from services.rules.benchmark import (
    METHOD,
    Basis,
    Benchmark,
    Estimate,
    Parameters,
    benchmark,
    share,
    snapshot_sha256,
)
from services.schemes.models import Scheme
from services.unit_of_work import Work
from storage.repositories.benchmarks import BenchmarkRepository
from storage.repositories.results import ResultRepository
from storage.tables import BenchmarkSnapshot, Enrolment, Result, Sitting

#: An older snapshot does not stand in for a pool that is too small.
_OLDEST: Final = timedelta(days=731)
_MOST_SHOWN: Final = 200
#: What a result is called between import and approval.
NOT_GRADED: Final = "待评定"


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
    #: Over every figure (`services.rules.benchmark.snapshot_sha256`).
    sha256: str


def graded_by_benchmark(scheme: Scheme) -> bool:
    """Whether results of this scheme version wait for a benchmark (B5)."""
    return scheme.grading is not None and scheme.grading.robust is not None


class BenchmarkService:
    """From the pool of a sitting to the grades of its results."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.benchmarks = BenchmarkRepository(work.session)
        self.results = ResultRepository(work.session)

    async def grade(self, actor: Actor, sitting: Sitting) -> None:
        """Freeze the benchmark of a locked sitting and grade by it whatever is not published; nothing for other methods.

        Until one grade of the sitting is published each approval makes a new version, which regrades all; from then on
        the frozen one holds, and nobody's correction moves another's grade.
        """
        waiting = [
            (row, enrolment)
            for row, enrolment in await self.results.list_current(sitting.id)
            if row.state in (ResultState.SCORED, ResultState.APPROVED)
            and graded_by_benchmark(self.work.scheme(enrolment.scheme_ref))
        ]
        if not waiting:
            return
        snapshot = await self.benchmarks.find_newest(sitting.id)
        if snapshot is None or snapshot.published_at is None:
            snapshot = await self._freeze(actor, sitting, waiting, snapshot)
        frozen = as_benchmark(snapshot)
        for row, _ in waiting:
            x = share(row.raw, row.full)
            row.grade, row.passed = frozen.grade(x), frozen.passed(x)
            row.method = row.method | {
                "benchmark": str(snapshot.id),
                "standard_score": str(frozen.standard_score(x)),
                "index": str(frozen.index),
            }
        await self.work.session.flush()

    async def publish(self, actor: Actor, sitting: Sitting) -> None:
        """Publish the benchmark before the grades.

        Raises:
            ConflictError: `result.two_people`: a pool of 18 to 29 needs another person than the one who approved.
        """
        snapshot = await self.benchmarks.find_newest(sitting.id)
        if snapshot is None or snapshot.published_at is not None:
            return
        if snapshot.basis == Basis.PROVISIONAL and snapshot.frozen_by == actor.id:
            raise ConflictError("result.two_people", count=snapshot.pool_count)
        snapshot.published_at = self.work.now
        audit.record(
            self.work,
            actor,
            "benchmark.published",
            "sitting",
            sitting.id,
            after=_facts(snapshot),
            organisation_id=sitting.organisation_id,
        )

    async def of_sitting(self, sitting_id: UUID) -> Benchmark | None:
        """The benchmark that counts for a sitting, frozen or published."""
        snapshot = await self.benchmarks.find_newest(sitting_id)
        return as_benchmark(snapshot) if snapshot is not None else None

    async def list_published(self) -> tuple[PublishedBenchmark, ...]:
        """The public list, the newest first; at most 200."""
        rows = await self.benchmarks.list_published(_MOST_SHOWN)
        newest: dict[UUID, int] = {}
        for row, _ in rows:
            newest[row.sitting_id] = max(row.version, newest.get(row.sitting_id, 0))
        return tuple(
            PublishedBenchmark(
                scheme_id=row.scheme_id,
                scheme_version=row.scheme_version,
                scheme=scheme_title(self.work, sitting),
                sitting=sitting.code,
                starts_at=sitting.starts_at,
                published_at=row.published_at,
                benchmark=as_benchmark(row),
                method=row.method,
                full=row.full,
                version=row.version,
                superseded=row.version < newest[row.sitting_id],
                sha256=frozen_sha256(row),
            )
            for row, sitting in rows
            if row.published_at is not None
        )

    async def _freeze(
        self,
        actor: Actor,
        sitting: Sitting,
        waiting: Sequence[tuple[Result, Enrolment]],
        before: BenchmarkSnapshot | None,
    ) -> BenchmarkSnapshot:
        scheme = max(
            (self.work.scheme(enrolment.scheme_ref) for _, enrolment in waiting), key=lambda item: item.ref
        )
        full = scheme.exam_terms.full_score
        pool = [share(raw, full) for raw in await self.benchmarks.pool(sitting.id, scheme.id, full)]
        last = await self.benchmarks.find_last_of_scheme(
            scheme.id,
            full,
            other_than=sitting.id,
            bases=(Basis.POOL, Basis.PROVISIONAL),
            since=self.work.now - _OLDEST,
        )
        found = benchmark(
            pool,
            last=Estimate(mean=last.mean, deviation=last.deviation) if last is not None else None,
            parameters=parameters_of(scheme),
        )
        snapshot = BenchmarkSnapshot(
            id=uuid4(),
            sitting_id=sitting.id,
            version=before.version + 1 if before is not None else 1,
            scheme_id=scheme.id,
            scheme_version=scheme.version,
            full=full,
            method=METHOD,
            basis=found.basis,
            pool_count=found.count,
            mean=found.mean,
            deviation=found.deviation,
            cut=found.cut,
            index_score=found.index,
            degenerate=found.degenerate,
            pool_sha256=found.pool_sha256,
            parameters={key: str(value) for key, value in asdict(found.parameters).items()},
            frozen_by=actor.id,
            created_at=self.work.now,
        )
        await self.benchmarks.add(snapshot)
        audit.record(
            self.work,
            actor,
            "benchmark.frozen",
            "sitting",
            sitting.id,
            before=_facts(before) if before is not None else None,
            after=_facts(snapshot),
            organisation_id=sitting.organisation_id,
        )
        return snapshot


def parameters_of(scheme: Scheme) -> Parameters:
    """What the scheme file sets."""
    robust = scheme.grading_terms.robust
    return Parameters(**robust.model_dump()) if robust is not None else Parameters()


def as_benchmark(row: BenchmarkSnapshot) -> Benchmark:
    """The frozen figures again."""
    kept: dict[str, Any] = {
        key: int(value) if key in ("enough", "provisional") else Decimal(value)
        for key, value in row.parameters.items()
    }
    return Benchmark(
        basis=Basis(row.basis),
        count=row.pool_count,
        mean=row.mean,
        deviation=row.deviation,
        cut=row.cut,
        index=row.index_score,
        pool_sha256=row.pool_sha256,
        degenerate=row.degenerate,
        parameters=Parameters(**kept),
    )


def frozen_sha256(row: BenchmarkSnapshot) -> str:
    """SHA-256 over every figure of a snapshot: nothing of it can change unseen, and anybody can compute it again."""
    return snapshot_sha256(
        as_benchmark(row),
        method=row.method,
        scheme=f"{row.scheme_id}@{row.scheme_version}",
        version=row.version,
        full=row.full,
    )


def _facts(row: BenchmarkSnapshot) -> dict[str, str | int]:
    return {
        "version": row.version,
        "basis": row.basis,
        "pool": row.pool_count,
        "mean": str(row.mean),
        "deviation": str(row.deviation),
        "index": str(row.index_score),
        "sha256": row.pool_sha256,
    }
