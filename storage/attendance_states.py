"""Words that class days and sign-ins are kept as."""

from enum import StrEnum


class DayKind(StrEnum):
    """培训日 (C8)"""

    THEORY = "theory"
    PRACTICE = "practice"


class SignInWay(StrEnum):
    """签到方式"""

    SCAN = "scan"
    HAND = "hand"
