"""Enrolling by a class notice 培训通知: the candidate picks a sub-centre's class, and is enrolled there (C3, C6)."""

from uuid import UUID

from services.authorisation.standing import ensure_authorised
from services.errors import ConflictError, NotFoundError
from services.models import ClassState
from services.rules.localtime import local_day
from services.schemes.models import Scheme
from services.study.published_fees import PublishedFeeService
from services.unit_of_work import Work
from storage.authorisation_states import Act
from storage.repositories.class_fees import ClassFeeRepository
from storage.repositories.study import ClassRepository
from storage.tables import CourseClass, Enrolment


async def chosen_class(work: Work, scheme: Scheme, class_id: UUID | None) -> CourseClass | None:
    """The class that an enrolment begins with; None for a scheme that is not enrolled in by class notices.

    Raises:
        ConflictError: `enrolment.class_needed` (none was chosen), `class.not_open`, `class.over`, `class.full`.
        NotFoundError: `class.not_found`, of another scheme too. NotAuthorisedError: see `ensure_authorised`.
    """
    if scheme.authorised_for is None:
        return None
    if class_id is None:
        raise ConflictError("enrolment.class_needed")
    row = await ClassRepository(work.session).find(class_id)
    if row is None or row.scheme_id != scheme.id:
        raise NotFoundError("class.not_found")
    _ensure_goes_on(work, row)
    taken = await ClassFeeRepository(work.session).count_taken(row.id)
    if row.capacity is not None and taken >= row.capacity:
        raise ConflictError("class.full", capacity=row.capacity)
    await ensure_authorised(work, row.organisation_id, scheme, Act.ENROL)
    return row


async def put_into(work: Work, enrolment: Enrolment, row: CourseClass) -> None:
    """The enrolment is the class's, and what the class publishes now holds for it (C5)."""
    enrolment.class_id, enrolment.organisation_id = row.id, row.organisation_id
    await PublishedFeeService(work).hold_for(enrolment.id, row)


async def ensure_still_open(work: Work, enrolment: Enrolment, scheme: Scheme) -> None:
    """What began may be submitted: the organisation is authorised, and the class is not over.

    Raises ConflictError `class.over`, `class.not_open`; NotAuthorisedError.
    """
    if scheme.authorised_for is None:
        return
    await ensure_authorised(work, enrolment.organisation_id, scheme, Act.ENROL)
    row = await ClassRepository(work.session).find(enrolment.class_id) if enrolment.class_id else None
    if row is None:
        raise ConflictError("enrolment.class_needed")
    if row.state == ClassState.CANCELLED:
        raise ConflictError("class.not_open", state=row.state)
    if row.ends_on < local_day(work.now):
        raise ConflictError("class.over", ends_on=row.ends_on)


def _ensure_goes_on(work: Work, row: CourseClass) -> None:
    if row.state != ClassState.OPEN:
        raise ConflictError("class.not_open", state=row.state)
    if row.ends_on < local_day(work.now):
        raise ConflictError("class.over", ends_on=row.ends_on)
