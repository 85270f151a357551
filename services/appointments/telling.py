"""Telling the person what became of their appointment."""

from services.appointments.visibility import terms_of
from services.notices import NoticeService
from services.rules.localtime import local_datetime
from services.unit_of_work import Work
from storage.repositories.enrolments import EnrolmentRepository
from storage.tables import Appointment


async def tell(work: Work, appointment: Appointment, notice: str, **facts: str) -> None:
    """Queue a notice to the follower whose enrolment led to it."""
    enrolment = await EnrolmentRepository(work.session).get(appointment.enrolment_id)
    await NoticeService(work).send(
        enrolment.follower_id,
        notice,
        cause=f"{appointment.id}:{work.now.isoformat()}:{facts.get('state', '')}",
        facts={
            "scheme": work.scheme(appointment.scheme_ref).short_title,
            "time": local_datetime(work.now),
            **facts,
        },
        enrolment_id=enrolment.id,
    )


async def tell_granted(work: Work, appointment: Appointment) -> None:
    """Queue the notice that the login was granted."""
    terms = terms_of(work.scheme(appointment.scheme_ref))
    await tell(
        work,
        appointment,
        "login_granted",
        title=terms.title,
        system=terms.login_system,
        hint="可以登录业务系统",
    )
