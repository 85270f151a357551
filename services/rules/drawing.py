"""Drawing lots 抽派 so that anybody can draw again and get the same (D9).

Every candidate gets the SHA-256 of seed and card number, and the lowest are drawn. The seed is drawn when the list of
candidates is fixed, so nobody can choose either to suit the other.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

#: Bits of a seed.
SEED_BITS: Final = 128


def seed_of(bits: int) -> str:
    """So many random bits as they are kept: 32 hexadecimal digits."""
    return f"{bits:0{SEED_BITS // 4}x}"


def draw(seed: str, candidates: Sequence[str], wanted: int) -> tuple[str, ...]:
    """The drawn candidates, the first first; all of them when there are not enough.

    >>> draw("00000000000000000000000000000000", ["A1", "A2", "A3"], 2)
    ('A1', 'A2')
    """
    return tuple(sorted(set(candidates), key=lambda one: _lot(seed, one))[:wanted])


def _lot(seed: str, candidate: str) -> str:
    return hashlib.sha256(f"{seed}:{candidate}".encode()).hexdigest()
