"""The words that a stage of a review is decided with."""

from enum import StrEnum


class StageDecision(StrEnum):
    """审核环节的决定"""

    APPROVED = "approved"
    RETURNED = "returned"  #: back to the applicant, with a reason for each item
    REJECTED = "rejected"
    FORWARDED = "forwarded"  #: to another organisation, which decides the same stage (D2)
    ENDED = "ended"  #: nobody decided: the enrolment was withdrawn or blocked meanwhile
