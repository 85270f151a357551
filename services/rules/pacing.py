"""How fast is sent: shared limits of an installation, as pure rules.

**Never faster than receipts are taken in.** Of what was accepted and will have a receipt, at most `outstanding` may wait
for it; so over any time the sends are at most the receipts taken in, and those given up after `RECEIPT_LOST`, and
`outstanding` (each process may overshoot by what it sends at once). When the callbacks slow down, so do the sends.

**A token bucket** for each account holds one second's sends. 45011 halves its rate, which comes back within
`RECOVERY`.

**A circuit** for each account opens when WeChat says that its configuration is wrong. One message tries again after a
minute, then after two, at most after `PROBE_MOST`; a success closes it, or somebody of the staff.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

RECEIPT_LOST: Final = timedelta(minutes=5)
RECOVERY: Final = timedelta(minutes=10)
PROBE_FIRST: Final = timedelta(minutes=1)
PROBE_MOST: Final = timedelta(minutes=30)


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What an installation sends at most, all its processes together."""

    #: Of each account.
    sends_per_second: float = 500.0
    #: Accepted messages that wait for their receipts.
    outstanding: int = 5000


def probe_after(probes: int) -> timedelta:
    """How long after an opening, or after the `probes`-th probe that failed, the next message may try."""
    return min(PROBE_FIRST * float(2 ** min(probes, 10)), PROBE_MOST)


def share_of(room: int, waiting: int, limits: Limits) -> int:
    """Of `room` sends those that may be begun while `waiting` accepted ones have no receipt yet."""
    return max(0, min(room, limits.outstanding - waiting))
