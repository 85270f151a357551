"""Forwarding 转交: another organisation decides the present stage instead (D2)."""

from dataclasses import dataclass
from uuid import UUID

from services import audit
from services.enrolments.decisions import Deciding, ensure_length
from services.errors import NotFoundError, ServiceError
from services.models import Actor
from storage.repositories.organisations import OrganisationRepository
from storage.review_states import StageDecision
from storage.states import OrganisationStatus
from storage.tables import Enrolment, Organisation, StageRecord

_LONGEST_REFERENCE = 60


@dataclass(frozen=True, kw_only=True)
class ForwardTarget:
    """An organisation that could decide the present stage instead."""

    id: UUID
    name: str
    kind: str


class Forwarding(Deciding):
    """What the organisation does that cannot decide the stage itself."""

    async def forward(
        self,
        actor: Actor,
        enrolment_id: UUID,
        organisation_id: UUID | None,
        reason: str,
        *,
        reference: str = "",
        revision: int | None = None,
    ) -> None:
        """转交: another organisation decides this stage instead, as a city that cannot asks in writing (D2).

        `reference` is the number of the written request. What was forwarded stays readable here.

        Raises:
            ServiceError: `review.no_reason`, `review.reason_too_long`, `review.reference_too_long`,
                `review.forward_target`, no organisation that could take it.
            NotFoundError, ForbiddenError, ConflictError: as `approve`.
        """
        enrolment, record = await self._present(actor, enrolment_id, revision)
        written = reason.strip()
        if not written:
            raise ServiceError("review.no_reason")
        ensure_length(written)
        if len(reference.strip()) > _LONGEST_REFERENCE:
            raise ServiceError("review.reference_too_long", limit=_LONGEST_REFERENCE)
        target = next(
            (one for one in await self._targets(enrolment, record) if one.id == organisation_id), None
        )
        if target is None:
            raise ServiceError("review.forward_target")
        before = await OrganisationRepository(self.work.session).names([record.organisation_id])
        self.stages.decide(
            record, actor, StageDecision.FORWARDED, reason=written, reference=reference.strip()
        )
        await self.work.session.flush()
        await self.stages.hand_over(enrolment, record, target.id)
        # A page that was opened before is out of date now.
        self.enrolments.touch(enrolment)
        audit.record_enrolment(
            self.work,
            actor,
            "enrolment.forwarded",
            enrolment,
            before={"stage": record.key, "organisation": before.get(record.organisation_id)},
            after={"stage": record.key, "organisation": target.name, "reference": reference.strip()},
            reason=written,
        )

    async def forward_targets(self, actor: Actor, enrolment_id: UUID) -> tuple[ForwardTarget, ...]:
        """To whom the present stage may be forwarded: who is above first, then others of the same kind by name."""
        enrolment = await self.enrolments.find(enrolment_id)
        if enrolment is None:
            raise NotFoundError("enrolment.not_found")
        record = await self.stages.ensure_decider(actor, enrolment)
        return tuple(
            ForwardTarget(id=one.id, name=one.name, kind=one.kind)
            for one in await self._targets(enrolment, record)
        )

    async def _targets(self, enrolment: Enrolment, record: StageRecord) -> list[Organisation]:
        organisations = OrganisationRepository(self.work.session)
        here, *above = await organisations.path(record.organisation_id)
        deciding_kinds = {stage.organisation_kind for stage in self.work.scheme(enrolment.scheme_ref).review}
        higher = [
            one for one in above if one.kind in deciding_kinds and one.status == OrganisationStatus.ACTIVE
        ]
        same = [one for one in await organisations.list_active((here.kind,)) if one.id != here.id]
        return [*higher, *same]
