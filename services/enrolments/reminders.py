"""Reminding of stages that wait longer than their time node (D7): told to the organisation, and once to the applicant.

Staff have no openid: for them the reminder is the entry in their overview and on the enrolment, with its count.
"""

from datetime import timedelta

from services import audit
from services.enrolments.stages import Stages
from services.models import Actor
from services.notices import NoticeService
from services.rules.localtime import local_datetime
from services.unit_of_work import Work
from storage.repositories.review_stages import StageRepository

#: After the first reminder, when it is due, every so often again.
AGAIN_AFTER = timedelta(days=3)
_BATCH = 200


async def remind_overdue(work: Work) -> int:
    """Remind of up to 200 overdue stages, the longest overdue first; says of how many."""
    stages, actor = Stages(work), Actor.system("review")
    rows = await StageRepository(work.session).list_to_remind(work.now, work.now - AGAIN_AFTER, _BATCH)
    for record, enrolment, organisation in rows:
        record.reminded_at, record.reminders = work.now, record.reminders + 1
        audit.record_enrolment(
            work,
            actor,
            "enrolment.overdue",
            enrolment,
            after={"stage": record.key, "organisation": organisation.name, "reminders": record.reminders},
        )
        if record.reminders > 1 or enrolment.scheme_ref not in work.tools.schemes:
            continue
        await NoticeService(work).send(
            enrolment.follower_id,
            "overdue",
            cause=str(record.id),
            facts={
                "scheme": work.scheme(enrolment.scheme_ref).short_title,
                "number": enrolment.number,
                "stage": stages.label(enrolment, record.key),
                "organisation": organisation.name,
                "time": local_datetime(work.now),
                "hint": "已提醒尽快办理",
            },
            enrolment_id=enrolment.id,
        )
    return len(rows)
