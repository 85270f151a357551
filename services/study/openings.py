"""Who needs a class, and telling them of a new one 开班通知 (A5)."""

from sqlalchemy import Update

from services.answers import plain_answers
from services.notices import NoticeService
from services.notices.outbox import Addressed
from services.rules.localtime import local_datetime, local_days
from services.study.records import counted_hours, required_hours
from services.unit_of_work import Work
from storage.repositories.study import ClassRepository
from storage.tables import CourseClass, Enrolment

_NOTICE = "class_opened"


def needs_class(work: Work, enrolment: Enrolment) -> bool:
    """Whether the chosen way of learning leads through a class: its fee, if the scheme has one, applies (A4)."""
    fees = [fee for fee in work.scheme(enrolment.scheme_ref).fees if fee.due_before == "class"]
    answers = plain_answers(work, enrolment)
    return not fees or any(fee.when is None or fee.when.holds(answers) for fee in fees)


async def announce(work: Work, row: CourseClass) -> int:
    """Tell everybody whom this new class is for: admitted, in no class, hours not met; says how many they are.

    Each is told of a class once, however often this is called.
    """
    waiting = await ClassRepository(work.session).list_without_class(row.organisation_id, row.scheme_id)
    told = []
    for enrolment, done, practice in waiting:
        scheme = work.scheme(enrolment.scheme_ref)
        if not needs_class(work, enrolment):
            continue
        # Where no hours are counted, everybody without a class needs one (D).
        if scheme.hours is not None and counted_hours(scheme.hours, done, practice) >= required_hours(
            work, enrolment
        ):
            continue
        place = f"\n地点：{row.place}" if row.place else ""
        told.append(
            Addressed(
                follower_id=enrolment.follower_id,
                notice=_NOTICE,
                cause=f"{row.id}:{enrolment.id}",
                facts={
                    "scheme": scheme.short_title,
                    "class": row.title,
                    "when": local_days(row.starts_on, row.ends_on),
                    "place": place,
                    "hint": "回复 学时 选择培训班",
                    "time": local_datetime(work.now),
                },
                enrolment_id=enrolment.id,
                group=_group(row),
            )
        )
    await NoticeService(work).send_many(told)
    return len(told)


def withdrawing_from(work: Work, enrolment: Enrolment) -> Update:
    """The statement that takes back what one who joins a class was not told yet of any."""
    return NoticeService(work).withdrawing(enrolment.follower_id, _NOTICE, enrolment.id)


async def withdraw(work: Work, row: CourseClass) -> int:
    """Take back what was not told yet of a class that nobody can join any more; says how many messages."""
    return await NoticeService(work).withdraw(_group(row))


def _group(row: CourseClass) -> str:
    return f"class-opened:{row.id}"
