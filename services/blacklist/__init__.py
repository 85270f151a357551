"""The blacklist 黑名单 (C7): who gave false papers may not apply for years, at none of the organisations that share it.

`bars` answers whether somebody is barred; `service` proposes and decides, two people each time; `hearing` keeps what
the person says before; `models` is what they return.
"""

from services.blacklist.bars import BarredError, ensure_answers_clear, ensure_clear, listing_of
from services.blacklist.hearing import HearingService
from services.blacklist.models import Bar, BlacklistDetail, BlacklistLine, BlacklistPage
from services.blacklist.service import BlacklistService

__all__ = [
    "Bar",
    "BarredError",
    "BlacklistDetail",
    "BlacklistLine",
    "BlacklistPage",
    "BlacklistService",
    "HearingService",
    "ensure_answers_clear",
    "ensure_clear",
    "listing_of",
]
