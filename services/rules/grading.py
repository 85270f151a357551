"""From a score to a grade (B6)."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Protocol, TypeVar

from services.rules.errors import InvalidValueError
from services.rules.text import normalise


class Band(Protocol):
    """One grade, such as `services.schemes.models.Band`."""

    @property
    def grade(self) -> str:
        """Its name (优秀 良好 合格 不合格)."""
        ...

    @property
    def minimum_percent(self) -> Decimal:
        """Reached from this percentage of the full score on."""
        ...

    @property
    def passed(self) -> bool:
        """Whether it passes."""
        ...


AnyBand = TypeVar("AnyBand", bound=Band)


def parse_score(value: str | int | float | Decimal, full: Decimal) -> Decimal:
    """A score as typed or as a spreadsheet holds it, with at most two decimals, 0 to `full`.

    Raises:
        InvalidValueError: `score.empty`; `score.format`; `score.decimals` (`maximum`); `score.range` (`maximum`).
    """
    text = normalise(str(value)).removesuffix("分").strip()
    if not text:
        raise InvalidValueError("score.empty")
    try:
        score = Decimal(text)
    except InvalidOperation:
        raise InvalidValueError("score.format") from None
    if isinstance(value, bool) or not score.is_finite() or "_" in text:
        raise InvalidValueError("score.format")
    if not 0 <= score <= full:
        raise InvalidValueError("score.range", maximum=format(full.normalize(), "f"))
    if score != (rounded := score.quantize(Decimal("0.01"))):
        raise InvalidValueError("score.decimals", maximum=2)
    return abs(rounded)


def grade(score: Decimal, full: Decimal, bands: Sequence[AnyBand]) -> AnyBand:
    """The band that `score` reaches; `bands` run from best to worst.

    Decided on the unrounded share, so that rounding never lifts anybody over a limit.
    Raises ValueError when no band is reached, a list that the scheme loader refuses.
    """
    for band in bands:
        if score * 100 >= band.minimum_percent * full:
            return band
    raise ValueError("no band for this score: the last one must start at 0")


def percent(score: Decimal, full: Decimal) -> Decimal:
    """The share of the full score in per cent, half-up to two decimals: for showing only."""
    return (score * 100 / full).quantize(Decimal("0.01"), ROUND_HALF_UP)
