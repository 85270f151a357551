"""Enrolments in their applicants' hands: only one's own, only while it is open, and only what is open in it."""

from uuid import UUID

from services.enrolments.draft import outdated_keys
from services.errors import ConflictError, NotFoundError
from services.rules import completeness
from services.unit_of_work import Work
from storage.repositories.enrolments import OPEN, EnrolmentRepository
from storage.states import EnrolmentState
from storage.tables import Enrolment


class OwnEnrolments:
    """What every verb of an applicant begins and ends with."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.enrolments = EnrolmentRepository(work.session)

    async def _own(self, enrolment_id: UUID, follower_id: UUID, *, for_update: bool = False) -> Enrolment:
        """The follower's own enrolment, with its documents. Raises NotFoundError."""
        enrolment = await self.enrolments.find_with_documents(enrolment_id, for_update=for_update)
        if enrolment is None or enrolment.follower_id != follower_id:
            raise NotFoundError("enrolment.not_found")
        return enrolment

    async def _open(self, enrolment_id: UUID, follower_id: UUID) -> Enrolment:
        """The same, locked, while it may be changed. Raises ConflictError `enrolment.closed`."""
        enrolment = await self._own(enrolment_id, follower_id, for_update=True)
        if enrolment.state not in OPEN:
            raise ConflictError("enrolment.closed", state=enrolment.state)
        return enrolment

    def _ensure_reopened(self, enrolment: Enrolment, key: str) -> None:
        """After a return only the returned items are open; one that was just corrected stays open until 提交."""
        if enrolment.state != EnrolmentState.RETURNED or key in enrolment.reopened:
            return
        if key in completeness.reopened(self.work.scheme(enrolment.scheme_ref), enrolment.reopened):
            return
        # A correction makes the paper wrong that it stands on (E5).
        if key not in outdated_keys(self.work, enrolment):
            raise ConflictError("enrolment.field_closed", key=key)

    def _done(self, enrolment: Enrolment, key: str) -> None:
        """This item was corrected, or given for the first time."""
        enrolment.returned = {other: reason for other, reason in enrolment.returned.items() if other != key}
        enrolment.last_activity_at = self.work.now
