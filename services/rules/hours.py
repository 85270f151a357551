"""Study hours (学时): how far a person is, and when to tell (A2, A4)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

#: Shares of the required hours, in per cent, that the person is told of.
MILESTONES = (50, 100)


@dataclass(frozen=True, kw_only=True)
class Progress:
    """Accepted hours against the required ones; both in 学时."""

    accepted: Decimal
    required: Decimal

    @property
    def counted(self) -> Decimal:
        """What counts towards the requirement: never more than it."""
        return min(self.accepted, self.required)

    @property
    def remaining(self) -> Decimal:
        """What is still to do, 0 when met."""
        return self.required - self.counted

    @property
    def surplus(self) -> Decimal:
        """What was learnt beyond the requirement."""
        return self.accepted - self.counted

    @property
    def percent(self) -> int:
        """0 to 100, rounded down: 100 only when met."""
        return int(self.counted * 100 / self.required)

    @property
    def met(self) -> bool:
        """Whether the requirement is fulfilled."""
        return self.accepted >= self.required


def progress(accepted: Iterable[Decimal], required: Decimal) -> Progress:
    """Add up the accepted records; a correction is a negative one, and the sum never falls below 0.

    Raises ValueError when `required` is not positive.
    """
    if required <= 0:
        raise ValueError("required hours must be positive")
    return Progress(accepted=max(sum(accepted, Decimal(0)), Decimal(0)), required=required)


def counted(theory: Decimal, practice: Decimal, required: Decimal, practice_required: Decimal) -> Decimal:
    """The hours that count towards `required + practice_required`, never below 0.

    Where practice is asked for apart (C8), neither part stands for the other: each counts up to its own requirement, so
    that the sum is reached only when both are met. Elsewhere all hours are one sum (B1).
    """
    if practice_required <= 0:
        return max(theory + practice, Decimal(0))
    return max(min(theory, required), Decimal(0)) + max(min(practice, practice_required), Decimal(0))


def crossings(before: Decimal, after: Decimal, required: Decimal) -> tuple[int, ...]:
    """The milestones (50, 100) that were not reached with `before` and are with `after`; none when hours go down."""
    return tuple(mark for mark in MILESTONES if before * 100 < required * mark <= after * 100)
