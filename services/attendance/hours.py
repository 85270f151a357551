"""The hours of a day of class become a study record, and what follows from more hours."""

from uuid import UUID

from services.jobs import Task, defer
from services.models import Actor
from services.rules.localtime import local_day
from services.study.milestones import HoursChange, MilestoneService
from services.study.records import counted_records, new_record
from services.unit_of_work import Work
from storage.repositories.enrolments import EnrolmentRepository
from storage.repositories.study import StudyRepository
from storage.tables import ClassDay, Enrolment


async def count_day(work: Work, enrolment: Enrolment, day: ClassDay, source: str) -> None:
    """Write the hours of the day for this enrolment, once: the caller knows that they are not counted yet.

    `source` is `attendance` or `practice`; with the day's id it makes the record the same one when it comes again, and
    the database takes it once.
    """
    new = new_record(work, enrolment.id, source, str(day.id), day.title, day.hours)
    await StudyRepository(work.session).add_all([new | {"studied_on": local_day(day.starts_at)}])


async def follow_later(work: Work, enrolment: Enrolment, day: ClassDay, source: str) -> None:
    """Have notice and 学时证明 follow in a job: an answer in the chat has no statements left for them."""
    await defer(work, Task.FOLLOW_HOURS, enrolment_id=str(enrolment.id), source=source, reference=str(day.id))


async def follow(work: Work, enrolment_id: UUID, source: str, reference: str, actor: Actor) -> None:
    """Tell of the hours of one record, and issue the 学时证明 where they are met with it. Idempotent."""
    enrolment = await EnrolmentRepository(work.session).find(enrolment_id, for_update=True)
    records = await StudyRepository(work.session).list_of([enrolment_id])
    new = next((row for row in records if (row.source, row.reference) == (source, reference)), None)
    if enrolment is None or new is None:
        return
    earlier = [row for row in records if row is not new and row.created_at <= new.created_at]
    change = HoursChange(
        enrolment=enrolment,
        before=counted_records(work, enrolment, earlier),
        after=counted_records(work, enrolment, [*earlier, new]),
        cause=f"{source}:{reference}:{enrolment_id}",
    )
    await MilestoneService(work).follow([change], actor=actor)
