"""`robust-v1`: benchmark index 基准指数, standard score 标准分, grade (B5, B6), after ISO 13528 Algorithm A.

Scores are shares of the full score, 0 to 100. What is rounded here is what is kept, shown and compared: x*, s* to four
decimals, standard scores to two, always half-up. The rule documents (A3) are not public, so every parameter is a
proposal that a scheme file names.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from enum import StrEnum
from math import sqrt
from statistics import NormalDist, median
from typing import Final

METHOD: Final = "robust-v1"
_HUNDRED: Final = Decimal(100)
_TOLERANCE: Final = Decimal("1e-12")
_MOST_ROUNDS: Final = 500
#: Makes the median absolute deviation an estimate of a normal distribution's standard deviation.
_MAD_FACTOR: Final = Decimal("1.4826")
_EXACT: Final = Context(prec=40)


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """What a scheme may set; the defaults are proposals."""

    #: Standard score of the robust mean, and what one robust standard deviation is worth.
    mean: Decimal = Decimal(75)
    spread: Decimal = Decimal(10)
    #: The cut lies so many robust standard deviations below the robust mean, within these limits.
    cut: Decimal = Decimal(1)
    lowest_cut: Decimal = Decimal(55)
    highest_cut: Decimal = Decimal(65)
    #: A robust standard deviation is never taken for less.
    least_deviation: Decimal = Decimal(1)
    #: From this standard score on, and so much above the benchmark index.
    good: Decimal = Decimal(75)
    good_margin: Decimal = Decimal(5)
    excellent: Decimal = Decimal(85)
    excellent_margin: Decimal = Decimal(10)
    #: Winsorising constant of Algorithm A.
    k: Decimal = Decimal("1.5")
    #: From how many scores on a pool speaks for itself, and from how many with two people's approval.
    enough: int = 30
    provisional: int = 18
    #: Assumed where there is neither a pool nor a snapshot.
    prior_mean: Decimal = Decimal(70)
    prior_deviation: Decimal = Decimal(10)


class Basis(StrEnum):
    """Where x* and s* come from."""

    POOL = "pool"
    #: From a pool so small that two people approve it.
    PROVISIONAL = "provisional"
    #: The last frozen snapshot, because the pool is too small.
    SNAPSHOT = "snapshot"
    PRIOR = "prior"


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """Robust mean and standard deviation, to four decimals."""

    mean: Decimal
    deviation: Decimal
    #: The median absolute deviation was 0: nothing was iterated.
    degenerate: bool = False


@dataclass(frozen=True, kw_only=True)
class Benchmark:
    """What a sitting is graded by; frozen before any grade is published."""

    basis: Basis
    #: How many scores the pool has.
    count: int
    mean: Decimal
    deviation: Decimal
    #: The cut as a share of the full score, and as a standard score: 基准指数.
    cut: Decimal
    index: Decimal
    #: SHA-256 of the pool's sorted scores.
    pool_sha256: str
    degenerate: bool = False
    parameters: Parameters = field(default_factory=Parameters)

    @property
    def public_pool_sha256(self) -> str:
        """The pool's hash where x* and s* come from it; empty for a pool so small that its scores could be guessed."""
        return self.pool_sha256 if self.basis in (Basis.POOL, Basis.PROVISIONAL) else ""

    def standard_score(self, share: Decimal) -> Decimal:
        """T of a share of the full score (0 to 100), two decimals."""
        return _standard_score(share, self.mean, self.deviation, self.parameters)

    def grade(self, share: Decimal) -> str:
        """优秀 良好 合格 不合格, by the rounded standard score."""
        return _grade(self.standard_score(share), self.index, self.parameters)

    def passed(self, share: Decimal) -> bool:
        """At least 合格."""
        return self.standard_score(share) >= self.index


def share(raw: Decimal, full: Decimal) -> Decimal:
    """x: the raw score as a share of the full one, 0 to 100, unrounded."""
    return _EXACT.divide(raw * _HUNDRED, full)


def algorithm_a(scores: Sequence[Decimal], parameters: Parameters | None = None) -> Estimate:
    """Robust mean and standard deviation of at least one score. Raises ValueError for none."""
    chosen = parameters or Parameters()
    if not scores:
        raise ValueError("no scores")
    with localcontext(_EXACT):
        mean = _median(scores)
        deviation = _MAD_FACTOR * _median([abs(score - mean) for score in scores])
        if deviation == 0:
            mean = _mean(scores)
            return Estimate(
                mean=_rounded(mean, 4),
                deviation=max(_rounded(_deviation(scores), 4), chosen.least_deviation),
                degenerate=True,
            )
        factor = Decimal(repr(consistency(float(chosen.k))))
        for _ in range(_MOST_ROUNDS):
            before = mean, deviation
            width = chosen.k * deviation
            pulled = [min(max(score, mean - width), mean + width) for score in scores]
            mean, deviation = _mean(pulled), factor * _deviation(pulled)
            if _settled(before[0], mean) and _settled(before[1], deviation):
                break
        return Estimate(mean=_rounded(mean, 4), deviation=max(_rounded(deviation, 4), chosen.least_deviation))


def consistency(k: float) -> float:
    """γ = 1/√(θ + (1−θ)k² − 2kφ(k)) with θ = 2Φ(k) − 1: makes s* unbiased for normal scores."""
    normal = NormalDist()
    theta = 2 * normal.cdf(k) - 1
    return 1 / sqrt(theta + (1 - theta) * k * k - 2 * k * normal.pdf(k))


def benchmark(
    pool: Sequence[Decimal], *, last: Estimate | None = None, parameters: Parameters | None = None
) -> Benchmark:
    """The benchmark of a pool of shares; `last` is the newest frozen snapshot that is not too old, if there is one."""
    chosen = parameters or Parameters()
    if len(pool) >= chosen.provisional:
        basis = Basis.POOL if len(pool) >= chosen.enough else Basis.PROVISIONAL
        estimate = algorithm_a(pool, chosen)
    elif last is not None:
        basis, estimate = Basis.SNAPSHOT, last
    else:
        basis = Basis.PRIOR
        estimate = Estimate(mean=chosen.prior_mean, deviation=chosen.prior_deviation)
    wanted = estimate.mean - chosen.cut * estimate.deviation
    cut = min(max(wanted, chosen.lowest_cut), chosen.highest_cut)
    return Benchmark(
        basis=basis,
        count=len(pool),
        mean=estimate.mean,
        deviation=estimate.deviation,
        cut=_rounded(cut, 4),
        index=_standard_score(cut, estimate.mean, estimate.deviation, chosen),
        pool_sha256=fingerprint(pool),
        degenerate=estimate.degenerate,
        parameters=chosen,
    )


def fingerprint(pool: Sequence[Decimal]) -> str:
    """SHA-256, in hexadecimal, of the pool: its scores sorted, to four decimals, a line each."""
    lines = "\n".join(f"{_rounded(score, 4):f}" for score in sorted(pool))
    return hashlib.sha256(lines.encode()).hexdigest()


def snapshot_text(frozen: Benchmark, *, method: str, scheme: str, version: int, full: Decimal) -> str:
    """Every figure of a frozen benchmark, one `name=value` a line: what its published SHA-256 is computed over.

    The pool's own hash is left empty where the pool is so small that nothing was computed from it: of a few scores
    anybody could find the scores by trying.
    """
    figures: dict[str, object] = {
        "method": method,
        "scheme": scheme,
        "version": version,
        "full": f"{full:.2f}",
        "basis": frozen.basis.value,
        "count": frozen.count,
        "mean": f"{frozen.mean:.4f}",
        "deviation": f"{frozen.deviation:.4f}",
        "cut": f"{frozen.cut:.4f}",
        "index": f"{frozen.index:.2f}",
        "degenerate": int(frozen.degenerate),
        "pool_sha256": frozen.public_pool_sha256,
        **{
            f"parameter.{name}": f"{Decimal(value).normalize():f}"
            for name, value in sorted(asdict(frozen.parameters).items())
        },
    }
    return "\n".join(f"{name}={value}" for name, value in figures.items())


def _standard_score(value: Decimal, mean: Decimal, deviation: Decimal, chosen: Parameters) -> Decimal:
    with localcontext(_EXACT):
        score = chosen.mean + chosen.spread * (value - mean) / deviation
        return _rounded(min(max(score, Decimal(0)), _HUNDRED), 2)


def _grade(score: Decimal, index: Decimal, chosen: Parameters) -> str:
    if score < index:
        return "不合格"
    if score >= max(chosen.excellent, index + chosen.excellent_margin):
        return "优秀"
    return "良好" if score >= max(chosen.good, index + chosen.good_margin) else "合格"


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def _median(scores: Sequence[Decimal]) -> Decimal:
    return median(scores)


def _mean(scores: Sequence[Decimal]) -> Decimal:
    return sum(scores, Decimal(0)) / len(scores)


def _deviation(scores: Sequence[Decimal]) -> Decimal:
    """Standard deviation with n − 1; 0 for a single score."""
    if len(scores) < 2:
        return Decimal(0)
    mean = _mean(scores)
    return (sum(((score - mean) ** 2 for score in scores), Decimal(0)) / (len(scores) - 1)).sqrt()


def _settled(before: Decimal, after: Decimal) -> bool:
    return abs(after - before) <= _TOLERANCE * abs(after)
