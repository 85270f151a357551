"""Benchmarks 基准指数: frozen when the results of a sitting are approved, published before any grade is (B5–B7)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID, uuid4

from services import audit
from services.errors import ConflictError
from services.exams import benchmark_views
from services.exams.benchmark_views import PublishedBenchmark, SnapshotView
from services.exams.snapshots import as_benchmark
from services.models import Actor, ResultState
from services.rules.benchmark import (
    METHOD,
    Basis,
    Benchmark,
    Estimate,
    Parameters,
    benchmark,
    share,
)
from services.schemes.models import Scheme
from services.unit_of_work import Work
from storage.repositories.benchmarks import BenchmarkRepository
from storage.repositories.results import ResultRepository
from storage.tables import BenchmarkSnapshot, Enrolment, Result, Sitting

#: An older snapshot does not stand in for a pool that is too small.
_OLDEST: Final = timedelta(days=731)
#: What a result is called between import and approval.
NOT_GRADED: Final = "待评定"


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
        return await benchmark_views.list_published(self.work)

    async def compute(
        self, sitting_id: UUID, scheme: Scheme, scores: Mapping[UUID, Decimal] | None = None
    ) -> Benchmark:
        """The benchmark that the pool comes to now; `scores` (by enrolment) take the place of what is kept."""
        full, other = scheme.exam_terms.full_score, scores or {}
        pool = [
            share(other.get(enrolment_id, raw), full)
            for enrolment_id, raw in await self.benchmarks.pool(sitting_id, scheme.id, full)
        ]
        last = await self.benchmarks.find_last_of_scheme(
            scheme.id,
            full,
            other_than=sitting_id,
            bases=(Basis.POOL, Basis.PROVISIONAL),
            since=self.work.now - _OLDEST,
        )
        return benchmark(
            pool,
            last=Estimate(mean=last.mean, deviation=last.deviation) if last is not None else None,
            parameters=parameters_of(scheme),
        )

    async def freeze_again(
        self, actor: Actor, sitting: Sitting, scheme: Scheme, found: Benchmark
    ) -> BenchmarkSnapshot:
        """A new version for everybody, published at once; the earlier ones stay (B5)."""
        before = await self.benchmarks.find_newest(sitting.id)
        snapshot = self._row(actor, sitting, scheme, found, before)
        snapshot.published_at = self.work.now
        await self.benchmarks.add(snapshot)
        audit.record(
            self.work,
            actor,
            "benchmark.renewed",
            "sitting",
            sitting.id,
            before=_facts(before) if before is not None else None,
            after=_facts(snapshot),
            organisation_id=sitting.organisation_id,
        )
        return snapshot

    async def snapshots(self, actor: Actor, sitting_id: UUID) -> tuple[SnapshotView, ...]:
        """Every version of a sitting's benchmark, the newest first, for its staff. Raises NotFoundError."""
        return await benchmark_views.snapshots(self.work, actor, sitting_id)

    def _row(
        self,
        actor: Actor,
        sitting: Sitting,
        scheme: Scheme,
        found: Benchmark,
        before: BenchmarkSnapshot | None,
    ) -> BenchmarkSnapshot:
        return BenchmarkSnapshot(
            id=uuid4(),
            sitting_id=sitting.id,
            version=before.version + 1 if before is not None else 1,
            scheme_id=scheme.id,
            scheme_version=scheme.version,
            full=scheme.exam_terms.full_score,
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
        found = await self.compute(sitting.id, scheme)
        snapshot = self._row(actor, sitting, scheme, found, before)
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
