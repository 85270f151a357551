"""Who is under way at an organisation that was suspended or has ended: named, handed over to another, or sent back.

What is under way there is named by number, scheme and state, with the name masked: who stands above it is no reader of its
people's papers (B9).
"""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from services import audit, reasons
from services.enrolments.stages import Stages
from services.errors import ConflictError, NotFoundError, ServiceError
from services.exams.seats import SeatService
from services.models import Actor, EnrolmentState, OrganisationStatus
from services.notices import NoticeService
from services.organisations.tree import OrganisationNode, OrganisationTree
from services.rules import masking
from services.rules.localtime import local_datetime
from services.unit_of_work import Work
from storage.repositories.enrolments import EnrolmentRepository
from storage.repositories.running import RunningRepository
from storage.repositories.study import ClassRepository
from storage.review_states import StageDecision
from storage.tables import Enrolment, Organisation

MOST_AT_ONCE: Final = 200
_SENT_BACK: Final = (EnrolmentState.IN_REVIEW, EnrolmentState.RETURNED)


@dataclass(frozen=True, kw_only=True)
class UnderWay:
    """One enrolment that is under way there."""

    enrolment_id: UUID
    number: int
    scheme: str
    state: EnrolmentState
    #: First and last character only; empty while nobody is known.
    name_masked: str
    #: It waits for this organisation's decision.
    waits: bool
    #: It was enrolled through this organisation and is not admitted: it can go back to its draft.
    may_go_back: bool


class HandingOverService:
    """For whoever may suspend the organisation."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.tree = OrganisationTree(work)
        self.running = RunningRepository(work.session)
        self.enrolments = EnrolmentRepository(work.session)
        self.stages = Stages(work)

    async def under_way(self, actor: Actor, organisation_id: UUID) -> tuple[UnderWay, ...]:
        """By number. Raises NotFoundError, ForbiddenError: as `StandingService.suspend`."""
        row = await self.tree.changeable(actor, organisation_id)
        return tuple(
            UnderWay(
                enrolment_id=enrolment.id,
                number=enrolment.number,
                scheme=self.work.scheme(enrolment.scheme_ref).short_title,
                state=EnrolmentState(enrolment.state),
                name_masked=masking.name(person.name) if person is not None else "",
                waits=waits,
                may_go_back=_may_go_back(enrolment, row),
            )
            for enrolment, person, waits in await self.running.at(row.id)
        )

    async def targets(self, actor: Actor, organisation_id: UUID) -> tuple[OrganisationNode, ...]:
        """The active ones of its kind that the actor sees, to which it can be handed over."""
        here = await self.tree.show(actor, organisation_id)
        return tuple(
            node
            for node in await self.tree.list_(actor, kind=here.kind)
            if node.id != here.id and node.status is OrganisationStatus.ACTIVE
        )

    async def hand_over(
        self,
        actor: Actor,
        organisation_id: UUID,
        enrolment_ids: Collection[UUID],
        to_id: UUID,
        reason: str,
    ) -> int:
        """Let another of the same kind take these on: as whom they enrol through, are trained by, wait before. Each is told.

        A seat in a sitting of the one before is given back, and its class is left; hours, fees and papers stay.

        Raises:
            ServiceError: `standing.none_chosen`, `standing.too_many` (`limit`); as `StandingService.suspend` of the reason.
            ConflictError: `standing.active`, it goes on itself; `standing.no_target`; `standing.not_here` (`count`);
                `standing.named_in_form` (`number`), the form names the organisation: such a one is sent back.
            NotFoundError, ForbiddenError: as `StandingService.suspend`.
        """
        why, here = _checked(reason), await self._stopped(actor, organisation_id)
        target = next((node for node in await self.targets(actor, here.id) if node.id == to_id), None)
        if target is None:
            raise ConflictError("standing.no_target")
        for enrolment_id in await self._chosen(here, enrolment_ids):
            await self._hand_over_one(actor, here, target, enrolment_id, why)
        return len(set(enrolment_ids))

    async def send_back(
        self, actor: Actor, organisation_id: UUID, enrolment_ids: Collection[UUID], reason: str
    ) -> int:
        """Back to their drafts, with everything that was filled in: the person picks another organisation and submits again.

        Raises: as `hand_over`; ConflictError `standing.admitted` (`number`), `standing.draft_there` (`number`), the person has
        begun another.
        """
        why, here = _checked(reason), await self._stopped(actor, organisation_id)
        for enrolment_id in await self._chosen(here, enrolment_ids):
            enrolment = await self.enrolments.get(enrolment_id, for_update=True)
            if not _may_go_back(enrolment, here):
                raise ConflictError("standing.admitted", number=enrolment.number)
            begun = await self.enrolments.find_draft(enrolment.follower_id, enrolment.scheme_id)
            if begun is not None:
                raise ConflictError("standing.draft_there", number=enrolment.number)
            await self.stages.end(enrolment, actor, why)
            before, enrolment.state = enrolment.state, EnrolmentState.DRAFT
            enrolment.returned, enrolment.reopened = {}, []
            enrolment.last_activity_at, enrolment.nudges = self.work.now, 0
            self._record(actor, "enrolment.sent_back", enrolment, {"state": before}, why)
            await self._tell(enrolment, "organisation_sent_back", why, organisation=here.name)
        return len(set(enrolment_ids))

    # ---- inside ---------------------------------------------------------------------------------------------

    async def _stopped(self, actor: Actor, organisation_id: UUID) -> Organisation:
        row = await self.tree.changeable(actor, organisation_id)
        if row.status == OrganisationStatus.ACTIVE:
            raise ConflictError("standing.active", name=row.name)
        return row

    async def _chosen(self, here: Organisation, enrolment_ids: Collection[UUID]) -> list[UUID]:
        """These, in the order of their numbers, all of them under way there."""
        wanted = set(enrolment_ids)
        if not wanted:
            raise ServiceError("standing.none_chosen")
        if len(wanted) > MOST_AT_ONCE:
            raise ServiceError("standing.too_many", limit=MOST_AT_ONCE)
        found = [row.id for row, _, _ in await self.running.at(here.id) if row.id in wanted]
        if len(found) != len(wanted):
            raise ConflictError("standing.not_here", count=len(wanted) - len(found))
        return found

    async def _hand_over_one(
        self, actor: Actor, here: Organisation, target: OrganisationNode, enrolment_id: UUID, why: str
    ) -> None:
        trained_here = (await self.enrolments.get(enrolment_id)).trained_by == here.id
        if trained_here:
            # Before the enrolment is locked: a sitting is locked first, always.
            with suppress(NotFoundError, ConflictError):
                await SeatService(self.work).release(
                    enrolment_id, actor=Actor.system("organisations"), reason=why
                )
        enrolment = await self.enrolments.get(enrolment_id, for_update=True)
        scheme = self.work.scheme(enrolment.scheme_ref)
        if enrolment.organisation_id == here.id:
            if any(field.prefill == "organisation.name" for field in scheme.fields):
                raise ConflictError("standing.named_in_form", number=enrolment.number)
            enrolment.organisation_id = target.id
        if enrolment.trainer_id == here.id:
            enrolment.trainer_id = target.id
        if trained_here and enrolment.class_id is not None:
            course = await ClassRepository(self.work.session).find(enrolment.class_id)
            if course is not None and course.organisation_id == here.id:
                enrolment.class_id = None
        record = await self.stages.records.present(enrolment.id)
        if record is not None and record.organisation_id == here.id:
            self.stages.decide(record, actor, StageDecision.FORWARDED, reason=why)
            await self.work.session.flush()
            await self.stages.hand_over(enrolment, record, target.id)
        self._record(
            actor, "enrolment.handed_over", enrolment, {"organisation": here.name}, why, to=target.name
        )
        await self._tell(
            enrolment, "organisation_handed_over", why, organisation=here.name, successor=target.name
        )

    def _record(
        self,
        actor: Actor,
        action: str,
        enrolment: Enrolment,
        before: dict[str, object],
        why: str,
        *,
        to: str = "",
    ) -> None:
        audit.record_enrolment(
            self.work,
            actor,
            action,
            enrolment,
            before=before,
            after={"organisation": to} if to else {"state": enrolment.state},
            reason=why,
        )

    async def _tell(self, enrolment: Enrolment, notice: str, why: str, **facts: str) -> None:
        await self.work.session.flush()
        await NoticeService(self.work).send(
            enrolment.follower_id,
            notice,
            cause=f"{enrolment.id}:{enrolment.revision}",
            facts={
                "scheme": self.work.scheme(enrolment.scheme_ref).short_title,
                "number": str(enrolment.number),
                "label": self.work.scheme(enrolment.scheme_ref).roles.through_label,
                "reason": why,
                "hint": "请看公众号里的说明",
                "time": local_datetime(self.work.now),
                **facts,
            },
            enrolment_id=enrolment.id,
        )


def _may_go_back(enrolment: Enrolment, here: Organisation) -> bool:
    return enrolment.organisation_id == here.id and enrolment.state in _SENT_BACK


def _checked(reason: str) -> str:
    return reasons.checked(reason, most=200, missing="standing.no_reason", too_long="standing.too_long")
