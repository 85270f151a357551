"""Which stages review an enrolment: those of the scheme's chain whose condition holds (D2, D7)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, time, timedelta

from services.rules.calendar import DayKind, day_kind
from services.rules.localtime import SHANGHAI, local_day
from services.schemes.models import ReviewStage, Scheme

_OFF = (DayKind.WEEKEND, DayKind.HOLIDAY)


def stages(scheme: Scheme, answers: Mapping[str, str]) -> tuple[ReviewStage, ...]:
    """The chain for these answers, in its order; never empty."""
    known = dict(answers)
    return tuple(stage for stage in scheme.review if stage.when is None or stage.when.holds(known))


def next_index(chain: Sequence[ReviewStage], approved: Collection[str]) -> int | None:
    """Where it goes: the first stage of the chain that has not let it pass yet; None when all have.

    After a return that is the stage that sent it back, because those before it had let it pass; when the correction
    leads it another way (市 instead of 省), the first that is new on it.
    """
    return next((index for index, stage in enumerate(chain) if stage.key not in approved), None)


def due_at(entered_at: datetime, days: int | None) -> datetime | None:
    """The end of the time node: 23:59 in Shanghai, `days` calendar days after the day of entry; aware.

    A last day that is off moves to the next working day (民法典 第二百零三条); in a year whose calendar is not known here
    it stays.
    """
    if days is None:
        return None
    last: date = local_day(entered_at) + timedelta(days=days)
    while day_kind(last) in _OFF:
        last += timedelta(days=1)
    return datetime.combine(last, time(23, 59), SHANGHAI).astimezone(entered_at.tzinfo)
