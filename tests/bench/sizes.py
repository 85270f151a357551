"""How much is measured."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """A run's size; the times are seconds."""

    #: Every round measures each server once, one right after the other, so that a noisy minute hits them all.
    rounds: int
    seconds: float
    warm_up: float
    connections: int
    #: Followers that write, each with a draft of theirs.
    followers: int
    receipts: int
    receipt_connections: int
    #: Receipts in a second of the open loop, and how long.
    receipt_rate: int
    receipt_seconds: float
    #: Messages that leave.
    sends: int
    #: All followers, and the few beside whom a message's cost is measured.
    audience: int
    few: int


FULL: Final = Sizes(
    rounds=5,
    seconds=2.0,
    warm_up=0.5,
    connections=32,
    followers=5_000,
    receipts=120_000,
    receipt_connections=256,
    receipt_rate=2_000,
    receipt_seconds=8.0,
    sends=10_000,
    audience=1_000_000,
    few=1_000,
)
QUICK: Final = Sizes(
    rounds=2,
    seconds=0.7,
    warm_up=0.3,
    connections=32,
    followers=2_000,
    receipts=40_000,
    receipt_connections=256,
    receipt_rate=2_000,
    receipt_seconds=3.0,
    sends=2_000,
    audience=50_000,
    few=1_000,
)
#: For the test: enough that each thing happens.
TINY: Final = Sizes(
    rounds=1,
    seconds=0.1,
    warm_up=0.05,
    connections=4,
    followers=64,
    receipts=4_000,
    receipt_connections=16,
    receipt_rate=100,
    receipt_seconds=0.2,
    sends=60,
    audience=300,
    few=50,
)
