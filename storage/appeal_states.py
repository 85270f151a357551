"""The words that appeals are kept as (B7)."""

from enum import StrEnum


class AppealState(StrEnum):
    """申诉"""

    DRAFT = "draft"  #: written in the chat, not yet handed in
    LODGED = "lodged"
    DISCLOSED = "disclosed"  #: the person has been given the figures
    DECIDED = "decided"
    WITHDRAWN = "withdrawn"


class AppealOutcome(StrEnum):
    """申诉结论"""

    UPHELD = "upheld"  #: the result stands
    CHANGED = "changed"  #: there is a new version of the result
    REJECTED = "rejected"  #: it is nothing that an appeal is for


class NamedCertificate(StrEnum):
    """What becomes of a certificate whose result no longer passes; a person decides."""

    OPEN = "open"
    REVOKED = "revoked"
    KEPT = "kept"
