"""Dates and times as people in China read them."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
_DAYS = "一二三四五六日"


def local_date(moment: date | datetime) -> str:
    """`2026年12月26日`; a datetime must be aware and is taken to Shanghai first."""
    day = moment.astimezone(SHANGHAI).date() if isinstance(moment, datetime) else moment
    return f"{day.year}年{day.month}月{day.day}日"


def local_days(first: date, last: date) -> str:
    """`2026年12月1日至2026年12月12日`; one day alone is said once."""
    return local_date(first) if first == last else f"{local_date(first)}至{local_date(last)}"


def local_datetime(moment: datetime) -> str:
    """`2026年12月26日（周六）09:00`, of an aware datetime."""
    here = moment.astimezone(SHANGHAI)
    return f"{local_date(moment)}（周{_DAYS[here.weekday()]}）{here:%H:%M}"


def local_day(moment: datetime) -> date:
    """The date in Shanghai of an aware datetime."""
    return moment.astimezone(SHANGHAI).date()
