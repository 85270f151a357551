"""The words that regrades are kept as (B5)."""

from enum import StrEnum


class RegradeState(StrEnum):
    """重新评定"""

    PROPOSED = "proposed"
    CARRIED_OUT = "carried_out"
    DROPPED = "dropped"
