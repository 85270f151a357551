"""The words that requests to delete one's own data are kept as (C11)."""

from enum import StrEnum


class ErasureState(StrEnum):
    """删除申请"""

    WAITING = "waiting"  #: asked for in the chat; what it is about is restricted already
    PROPOSED = "proposed"  #: one administrator wants what no duty keeps deleted; another decides
    CONFIRMED = "confirmed"  #: decided; a job deletes
    DONE = "done"
    REFUSED = "refused"  #: nothing is deleted, and nothing restricted any more
