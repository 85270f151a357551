"""Suspending, resuming and ending an institution, a laboratory or a centre: by who stands above it, ending by two people.

From then on nobody enrols through it, nothing is put before it, and it approves nothing; who is under way is named, and handed
over or sent back (`services.organisations.handing_over`). Once it has ended its staff cannot log in. A sub-centre's standing is
its authorisation's (`services.authorisation`, C13, C14).
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.exc import IntegrityError

from services import audit, reasons
from services.access import ensure_another
from services.authorisation.measures import measures
from services.errors import ConflictError
from services.models import Actor, OrganisationStatus
from services.notices import NoticeService
from services.notices.outbox import Addressed
from services.organisations.tree import OrganisationTree
from services.rules.localtime import local_datetime
from services.unit_of_work import Work
from storage.repositories.running import RunningRepository
from storage.repositories.staff import StaffRepository
from storage.tables import Organisation, OrganisationEnding

LONGEST_REASON: Final = 200
_NOTICES: Final = {
    OrganisationStatus.SUSPENDED: ("organisation_suspended", "暂停办理，报名保留"),
    OrganisationStatus.ACTIVE: ("organisation_resumed", "已恢复办理"),
    OrganisationStatus.ENDED: ("organisation_ended", "不再办理，请等通知"),
}


@dataclass(frozen=True, kw_only=True)
class EndingView:
    """A proposal to end it that is not decided."""

    id: UUID
    reason: str
    proposed_by: str
    proposed_by_name: str
    proposed_at: datetime


class StandingService:
    """What an administrator of an organisation above does to one below; the command line may do it to all."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.tree = OrganisationTree(work)
        self.running = RunningRepository(work.session)

    async def suspend(self, actor: Actor, organisation_id: UUID, reason: str) -> None:
        """Nobody enrols through it and it approves nothing until it is resumed.

        Raises:
            ServiceError: `standing.no_reason`, `standing.too_long` (`limit`).
            ConflictError: `standing.wrong_state`; `standing.by_authorisation`, a sub-centre; `organisation.own`.
            NotFoundError, ForbiddenError: not below the actor's organisation, or no administrator.
        """
        row = await self._changeable(actor, organisation_id)
        await self._move(actor, row, OrganisationStatus.SUSPENDED, OrganisationStatus.ACTIVE, reason)

    async def resume(self, actor: Actor, organisation_id: UUID, reason: str) -> None:
        """It goes on. Raises as `suspend`."""
        row = await self._changeable(actor, organisation_id)
        await self._move(actor, row, OrganisationStatus.ACTIVE, OrganisationStatus.SUSPENDED, reason)

    async def propose_end(self, actor: Actor, organisation_id: UUID, reason: str) -> EndingView:
        """Nothing changes before another administrator confirms it. Raises as `suspend`.

        Raises ConflictError also `standing.proposed`: it is proposed already.
        """
        row = await self._changeable(actor, organisation_id)
        why = _checked(reason)
        if row.status == OrganisationStatus.ENDED:
            raise ConflictError("standing.wrong_state", state=row.status, name=row.name)
        made = OrganisationEnding(
            id=uuid.uuid4(),
            organisation_id=row.id,
            state="proposed",
            reason=why,
            proposed_by=actor.id,
            proposed_by_name=actor.name,
            proposed_at=self.work.now,
        )
        try:
            async with self.work.session.begin_nested():
                self.work.session.add(made)
                await self.work.session.flush()
        except IntegrityError as error:
            raise ConflictError("standing.proposed", name=row.name) from error
        self._record(actor, "organisation.end_proposed", row, reason=why)
        return _ending(made)

    async def confirm_end(self, actor: Actor, organisation_id: UUID) -> None:
        """It ends, for good: its staff are signed out and cannot come back. Raises as `suspend`.

        Raises:
            ConflictError: also `standing.not_proposed`. ForbiddenError: also `standing.same_person`.
        """
        row = await self._changeable(actor, organisation_id)
        ending = await self._open(actor, row)
        ending.state = "confirmed"
        await self._move(actor, row, OrganisationStatus.ENDED, None, ending.reason)
        await StaffRepository(self.work.session).delete_logins_of_organisation(row.id)

    async def decline_end(self, actor: Actor, organisation_id: UUID, reason: str) -> None:
        """The other does not agree, and says why. Raises as `confirm_end`."""
        row = await self._changeable(actor, organisation_id)
        why = _checked(reason)
        ending = await self._open(actor, row)
        ending.state, ending.decision_reason = "declined", why
        self._record(actor, "organisation.end_declined", row, reason=why)

    async def ending(self, actor: Actor, organisation_id: UUID) -> EndingView | None:
        """What is proposed for it, for whoever sees it. Raises NotFoundError."""
        await self.tree.show(actor, organisation_id)
        found = await self.running.find_ending(organisation_id)
        return _ending(found) if found is not None else None

    # ---- inside ---------------------------------------------------------------------------------------------

    async def _changeable(self, actor: Actor, organisation_id: UUID) -> Organisation:
        await self.tree.organisations.lock_tree()
        row = await self.tree.changeable(actor, organisation_id)
        await self.work.session.refresh(row)
        if row.kind == measures().kind:
            raise ConflictError("standing.by_authorisation", name=row.name)
        return row

    async def _open(self, actor: Actor, row: Organisation) -> OrganisationEnding:
        ending = await self.running.find_ending(row.id, for_update=True)
        if ending is None:
            raise ConflictError("standing.not_proposed", name=row.name)
        ensure_another(actor, ending.proposed_by, "standing.same_person")
        ending.decided_by, ending.decided_by_name, ending.decided_at = actor.id, actor.name, self.work.now
        return ending

    async def _move(
        self,
        actor: Actor,
        row: Organisation,
        status: OrganisationStatus,
        only_from: OrganisationStatus | None,
        reason: str,
    ) -> None:
        why, before = _checked(reason), row.status
        if before == OrganisationStatus.ENDED or only_from not in (None, before):
            raise ConflictError("standing.wrong_state", state=before, name=row.name)
        row.status, row.status_changed_at = status, self.work.now
        row.status_reason = "" if status is OrganisationStatus.ACTIVE else why
        actions = {
            OrganisationStatus.SUSPENDED: "organisation.suspended",
            OrganisationStatus.ACTIVE: "organisation.resumed",
            OrganisationStatus.ENDED: "organisation.ended",
        }
        self._record(actor, actions[status], row, before={"status": before}, reason=why)
        await self.work.session.flush()
        await self._tell(row, status)

    async def _tell(self, row: Organisation, status: OrganisationStatus) -> None:
        """Whoever enrols through it or is trained by it; the state before is taken back where it was not said yet."""
        notices, group = NoticeService(self.work), f"organisation:{row.id}"
        await notices.withdraw(group)
        notice, hint = _NOTICES[status]
        await notices.send_many(
            [
                Addressed(
                    follower_id=enrolment.follower_id,
                    notice=notice,
                    cause=f"{row.id}:{self.work.now.isoformat()}:{enrolment.id}",
                    facts={
                        "scheme": self.work.scheme(enrolment.scheme_ref).short_title,
                        "number": str(enrolment.number),
                        "organisation": row.name,
                        "hint": hint,
                        "time": local_datetime(self.work.now),
                    },
                    enrolment_id=enrolment.id,
                    group=group,
                )
                for enrolment, _, _ in await self.running.at(row.id)
                if row.id in (enrolment.organisation_id, enrolment.trainer_id)
            ]
        )

    def _record(
        self,
        actor: Actor,
        action: str,
        row: Organisation,
        *,
        before: dict[str, str] | None = None,
        reason: str,
    ) -> None:
        audit.record(
            self.work, actor, action, "organisation", row.id, before=before,
            after={"name": row.name, "status": row.status}, reason=reason,
            organisation_id=actor.organisation_id or row.id,
        )  # fmt: skip


def _ending(row: OrganisationEnding) -> EndingView:
    return EndingView(
        id=row.id,
        reason=row.reason,
        proposed_by=row.proposed_by,
        proposed_by_name=row.proposed_by_name,
        proposed_at=row.proposed_at,
    )


def _checked(reason: str) -> str:
    return reasons.checked(
        reason, most=LONGEST_REASON, missing="standing.no_reason", too_long="standing.too_long"
    )
