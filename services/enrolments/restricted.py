"""Restricted enrolments 停止使用: in no list and no export, and opened for a reason that is logged (C11).

Who asked for the deletion of what a duty keeps has this instead of it (个人信息保护法 第四十七条).
"""

from datetime import timedelta
from typing import Final
from uuid import UUID

from services import audit
from services.access import ensure_officer
from services.enrolments.stages import Stages
from services.errors import ConflictError, ForbiddenError, NotFoundError
from services.models import Actor
from services.rules import plain_words
from services.unit_of_work import Work
from storage.repositories.enrolments import EnrolmentRepository
from storage.repositories.restricted import RestrictedRepository
from storage.tables import Enrolment, RestrictedOpening

#: For so long whoever opened it may look at it.
OPEN_FOR: Final = timedelta(minutes=30)
_LONGEST_REASON: Final = 200


async def ensure_opened(work: Work, actor: Actor, enrolment: Enrolment) -> None:
    """Raises ForbiddenError `enrolment.restricted` (`number`) for staff who have not opened a restricted one."""
    if enrolment.restricted_at is None or actor.kind == "system":
        return
    if not await RestrictedRepository(work.session).is_open(enrolment.id, actor.id, work.now):
        raise ForbiddenError("enrolment.restricted", number=enrolment.number)


async def open_restricted(work: Work, actor: Actor, enrolment_id: UUID, reason: str) -> None:
    """Open a restricted enrolment for this member of staff and for half an hour.

    Raises:
        NotFoundError: no such enrolment, or another organisation's (B9). ForbiddenError: `access.read_only`.
        ConflictError: `enrolment.not_restricted`. InvalidValueError: `words.…` of the reason.
    """
    enrolment = await EnrolmentRepository(work.session).find(enrolment_id)
    if enrolment is None or enrolment.person_id is None:
        raise NotFoundError("enrolment.not_found")
    await Stages(work).ensure_reader(actor, enrolment)
    if actor.organisation_id is not None:
        ensure_officer(actor, actor.organisation_id)
    if enrolment.restricted_at is None:
        raise ConflictError("enrolment.not_restricted")
    written = plain_words.reason(reason, most=_LONGEST_REASON, label="理由")
    await RestrictedRepository(work.session).add(
        RestrictedOpening(
            enrolment_id=enrolment.id,
            staff_id=actor.id,
            staff_name=actor.name,
            reason=written,
            opened_at=work.now,
            until=work.now + OPEN_FOR,
        )
    )
    audit.record_enrolment(work, actor, "enrolment.opened", enrolment, reason=written)
