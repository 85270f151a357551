"""The words that appointments, logins and decisions about them are kept as."""

from enum import StrEnum


class AppointmentState(StrEnum):
    """聘用"""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"


class LoginRight(StrEnum):
    """登录权限 in the business system; it follows the appointment (E1, E6)."""

    NONE = "none"
    GRANTED = "granted"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


class AccountOrigin(StrEnum):
    """Whether the account was made for this person now, or there before for another qualification (E5)."""

    CREATED = "created"
    EXISTING = "existing"


class Decision(StrEnum):
    """What is decided after an evaluation (E7)."""

    KEEP = "keep"
    SUSPEND = "suspend"
    END = "end"


class Settlement(StrEnum):
    """What was decided about a login that the roster check proposes to purge (E6); `` while open."""

    OPEN = ""
    PURGED = "purged"
    SPARED = "spared"
