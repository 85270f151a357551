"""Enrolling by a class notice 培训通知: the candidate picks a sub-centre's class, and is enrolled there (C3, C6)."""

from dataclasses import dataclass
from uuid import UUID

from services.authorisation.standing import ensure_authorised
from services.errors import ConflictError, NotFoundError
from services.models import ClassState
from services.rules.localtime import local_day
from services.schemes.models import Scheme
from services.study.class_notices import ClassNotice, notice_of
from services.unit_of_work import Work
from storage.authorisation_states import Act
from storage.repositories.class_fees import ClassFeeRepository
from storage.repositories.study import ClassRepository
from storage.tables import CourseClass, Enrolment, EnrolmentFees, FeePublication


@dataclass(frozen=True, kw_only=True)
class Choice:
    """The class that was chosen, as its notice says at this moment, and the follower's draft in its scheme."""

    notice: ClassNotice
    course_class: CourseClass
    publication: FeePublication | None
    draft: Enrolment | None


async def chosen(work: Work, scheme: Scheme, class_id: UUID | None, follower_id: UUID) -> Choice | None:
    """What an enrolment begins with; None for a scheme that is not enrolled in by class notices.

    Raises:
        ConflictError: `enrolment.class_needed` (none was chosen), `class.not_open`, `class.over`, `class.full`.
        NotFoundError: `class.not_found`, of another scheme too. NotAuthorisedError: see `ensure_authorised`.
    """
    if scheme.authorised_for is None:
        return None
    if class_id is None:
        raise ConflictError("enrolment.class_needed")
    found = await ClassFeeRepository(work.session).find_offer(class_id, follower_id)
    if found is None or found[0].course_class.scheme_id != scheme.id:
        raise NotFoundError("class.not_found")
    public, draft = found
    row = public.course_class
    _ensure_goes_on(work, row)
    if row.capacity is not None and public.taken >= row.capacity:
        raise ConflictError("class.full", capacity=row.capacity)
    await ensure_authorised(work, row.organisation_id, scheme, Act.ENROL)
    return Choice(
        notice=notice_of(work, public), course_class=row, publication=public.publication, draft=draft
    )


async def go_over(work: Work, draft: Enrolment, choice: Choice) -> None:
    """A draft becomes the chosen class's, and what that publishes now holds for it (C5)."""
    row = choice.course_class
    draft.class_id, draft.organisation_id = row.id, row.organisation_id
    await ClassFeeRepository(work.session).bind(draft.id, row.id)


def fees_held(enrolment: Enrolment, choice: Choice) -> list[EnrolmentFees]:
    """The row that keeps, for a new enrolment, what the class publishes now (C5); none where nothing is published."""
    if choice.publication is None:
        return []
    return [EnrolmentFees(enrolment_id=enrolment.id, publication_id=choice.publication.id)]


async def ensure_still_open(work: Work, enrolment: Enrolment, scheme: Scheme) -> None:
    """What began may be submitted: the organisation is authorised, and the class is not over.

    Raises ConflictError `class.over`, `class.not_open`; NotAuthorisedError.
    """
    if scheme.authorised_for is None:
        return
    authorised = await ensure_authorised(
        work, enrolment.organisation_id, scheme, Act.ENROL, class_id=enrolment.class_id
    )
    # The society itself needs no authorisation, and has classes all the same.
    row = authorised.course_class if authorised is not None else await _class_of(work, enrolment)
    if row is None:
        raise ConflictError("enrolment.class_needed")
    if row.state == ClassState.CANCELLED:
        raise ConflictError("class.not_open", state=row.state)
    if row.ends_on < local_day(work.now):
        raise ConflictError("class.over", ends_on=row.ends_on)


async def _class_of(work: Work, enrolment: Enrolment) -> CourseClass | None:
    return await ClassRepository(work.session).find(enrolment.class_id) if enrolment.class_id else None


def _ensure_goes_on(work: Work, row: CourseClass) -> None:
    if row.state != ClassState.OPEN:
        raise ConflictError("class.not_open", state=row.state)
    if row.ends_on < local_day(work.now):
        raise ConflictError("class.over", ends_on=row.ends_on)
