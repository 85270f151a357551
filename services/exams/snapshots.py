"""The figures of a frozen snapshot, and the hash over all of them (B5, B7)."""

import hashlib
from decimal import Decimal
from typing import Any

from services.rules.benchmark import Basis, Benchmark, Parameters, snapshot_text
from storage.tables import BenchmarkSnapshot


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


def frozen_text(row: BenchmarkSnapshot) -> str:
    """Every figure of a snapshot, one a line."""
    return snapshot_text(
        as_benchmark(row),
        method=row.method,
        scheme=f"{row.scheme_id}@{row.scheme_version}",
        version=row.version,
        full=row.full,
    )


def frozen_sha256(row: BenchmarkSnapshot) -> str:
    """SHA-256, in hexadecimal, of `frozen_text`: no figure can change unseen, and anybody can compute it again."""
    return hashlib.sha256(frozen_text(row).encode()).hexdigest()
