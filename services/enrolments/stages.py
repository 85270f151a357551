"""Where an enrolment stands in its review: who decides now, who did before, and who may therefore see it (B9, D7, E5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

from services.access import ensure_officer, visible_organisation
from services.answers import plain_answers
from services.enrolments.views import StageView
from services.errors import ConflictError, ForbiddenError, NotFoundError
from services.models import Actor
from services.organisations.routing import (
    NobodyResponsibleError,
    path_of,
    responsible_on,
    stands_directly_under,
)
from services.rules.review_chain import due_at, next_index, stages
from services.schemes.models import ReviewStage
from services.unit_of_work import Work
from storage.repositories.review_stages import StageRepository
from storage.review_states import StageDecision
from storage.states import EnrolmentState
from storage.tables import AuditEntry, Enrolment, Organisation, StageRecord


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Where an enrolment enters its chain: which stage, before whom, in which round."""

    index: int
    organisation_id: UUID
    round: int


class Stages:
    """The stages of enrolments in their chains."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.records = StageRepository(work.session)

    async def plan(self, enrolment: Enrolment, path: Sequence[Organisation] | None = None) -> Entry:
        """Before whom an enrolment comes when it is handed in now; nothing is changed yet.

        `path` is that of its organisation, where it was read before.

        Raises:
            ConflictError: `review.not_direct`, the chosen way is not for people of this organisation (D2: `stage`, `field`);
                `review.nobody`, nobody is there to decide (`stage`).
        """
        chain = self.chain(enrolment)
        draft = enrolment.state == EnrolmentState.DRAFT
        history = [] if draft else await self.records.history(enrolment.id)
        reached = {record.key: record for record in history}
        for stage in (stage for stage in chain if stage.direct and stage.key not in reached):
            path = path or await path_of(self.work, enrolment.organisation_id)
            if not stands_directly_under(path, stage.organisation_kind):
                field = stage.when.field if stage.when else ""
                raise ConflictError("review.not_direct", stage=stage.label, field=field)
        index = next_index(chain, _approved(history))
        if index is None:
            raise RuntimeError(f"{enrolment.id} is handed in again after its review")
        # Whoever sent it back decides again, also when it had been forwarded to them.
        before = reached.get(chain[index].key)
        organisation_id = (
            before.organisation_id
            if before is not None
            else await self._responsible(enrolment, chain[index], path)
        )
        rounds = max((row.round for row in history), default=0)
        return Entry(index=index, organisation_id=organisation_id, round=rounds + 1)

    async def hand_in(self, enrolment: Enrolment, entry: Entry, logged: AuditEntry) -> None:
        """Put an enrolment that is handed in before whoever it was planned for; one statement keeps both."""
        enrolment.stage = entry.index
        await self.records.add_logged(self._entered(enrolment, entry), logged)

    async def advance(self, enrolment: Enrolment, left: StageRecord) -> StageRecord | None:
        """Put an enrolment whose stage was just approved before the next; None when all have approved.

        Raises: ConflictError `review.nobody`.
        """
        chain = self.chain(enrolment)
        index = next_index(chain, _approved(await self.records.history(enrolment.id)))
        if index is None:
            return None
        organisation_id = await self._responsible(enrolment, chain[index])
        record = self._entered(
            enrolment, Entry(index=index, organisation_id=organisation_id, round=left.round)
        )
        await self.records.add(record)
        enrolment.stage = index
        return record

    async def hand_over(self, enrolment: Enrolment, left: StageRecord, organisation_id: UUID) -> StageRecord:
        """Put an enrolment whose stage was just forwarded before another organisation, at the same stage."""
        record = self._entered(
            enrolment, Entry(index=left.index, organisation_id=organisation_id, round=left.round)
        )
        await self.records.add(record)
        return record

    def decide(
        self,
        record: StageRecord,
        actor: Actor,
        decision: StageDecision,
        *,
        reason: str = "",
        items: dict[str, str] | None = None,
        reference: str = "",
    ) -> None:
        """Keep who decided what about a stage."""
        record.decided_at, record.decision = self.work.now, decision
        record.actor_id, record.actor_name = actor.id, actor.name
        record.reason, record.items, record.reference = reason, dict(items or {}), reference

    async def end(self, enrolment: Enrolment, actor: Actor, reason: str = "") -> None:
        """Nobody decides any more: the enrolment leaves its review by another way (withdrawn, blocked)."""
        if (record := await self.records.present(enrolment.id)) is not None:
            self.decide(record, actor, StageDecision.ENDED, reason=reason)

    async def admitting(self, enrolment: Enrolment, key: str) -> UUID:
        """Who let it pass this stage of its chain last, also when it had been forwarded to them; else who would decide it.

        The stage of the organisation that it goes through is that one's, whichever it is by now. Raises: ConflictError
        `review.nobody`.
        """
        stage = next(one for one in self.chain(enrolment) if one.key == key)
        if self._is_home_stage(enrolment, stage):
            return enrolment.organisation_id
        for record in reversed(await self.records.history(enrolment.id)):
            if record.key == key and record.decision == StageDecision.APPROVED:
                return record.organisation_id
        return await self._responsible(enrolment, stage)

    async def ensure_reader(self, actor: Actor, enrolment: Enrolment) -> None:
        """Staff of the enrolment's organisation, of a reached stage's or of who trains, or the system (B9).

        Raises NotFoundError, which tells a stranger nothing.
        """
        if actor.kind == "system":
            return
        if actor.kind == "staff" and actor.organisation_id is not None:
            if actor.organisation_id in (enrolment.organisation_id, enrolment.trainer_id):
                return
            if await self.records.has_reached(enrolment.id, actor.organisation_id):
                return
        raise NotFoundError("access.not_found")

    async def ensure_decider(self, actor: Actor, enrolment: Enrolment) -> StageRecord:
        """The stage that waits, if this actor is an officer of the organisation that decides it, or the system.

        Raises:
            NotFoundError: not for their eyes.
            ForbiddenError: `access.read_only`; `review.elsewhere`, another organisation decides now.
            ConflictError: `enrolment.not_in_review`.
        """
        await self.ensure_reader(actor, enrolment)
        record = await self.records.present(enrolment.id)
        if record is None:
            raise ConflictError("enrolment.not_in_review", state=enrolment.state)
        if actor.kind == "staff" and actor.organisation_id is not None:
            ensure_officer(actor, actor.organisation_id)
        if visible_organisation(actor) not in (None, record.organisation_id):
            raise ForbiddenError("review.elsewhere", stage=self.label(enrolment, record.key))
        return record

    async def views(self, enrolment: Enrolment) -> tuple[StageView, ...]:
        """The stages it reached, as they were entered, and those still before it."""
        scheme, chain = self.work.scheme(enrolment.scheme_ref), self.chain(enrolment)
        names = {field.key: field.label for field in scheme.fields}
        names |= {material.key: material.label for material in scheme.materials}
        rows = await self.records.named_history(enrolment.id)
        reached = tuple(self._view(enrolment, record, organisation, names) for record, organisation in rows)
        if not any(record.decided_at is None for record, _ in rows):
            return reached
        passed = _approved([record for record, _ in rows]) | {rows[-1][0].key}
        return reached + tuple(_ahead(stage) for stage in chain if stage.key not in passed)

    def chain(self, enrolment: Enrolment) -> tuple[ReviewStage, ...]:
        """The stages for its present answers."""
        return stages(self.work.scheme(enrolment.scheme_ref), plain_answers(self.work, enrolment))

    def label(self, enrolment: Enrolment, key: str) -> str:
        """How the scheme calls the stage of this key."""
        scheme = self.work.scheme(enrolment.scheme_ref)
        return next((stage.label for stage in scheme.review if stage.key == key), key)

    async def _responsible(
        self, enrolment: Enrolment, stage: ReviewStage, path: Sequence[Organisation] | None = None
    ) -> UUID:
        if self._is_home_stage(enrolment, stage):
            return enrolment.organisation_id
        path = path or await path_of(self.work, enrolment.organisation_id)
        try:
            return await responsible_on(self.work, path, stage.organisation_kind)
        except NobodyResponsibleError as error:
            raise ConflictError("review.nobody", stage=stage.label, **error.facts) from error

    def _is_home_stage(self, enrolment: Enrolment, stage: ReviewStage) -> bool:
        """Whether it goes through an organisation of this kind, whichever it is."""
        scheme = self.work.scheme(enrolment.scheme_ref)
        organiser_kind = scheme.roles.organiser_kind or scheme.review[0].organisation_kind
        return (stage.organisation_kind,) == (scheme.through_kinds or (organiser_kind,))

    def _entered(self, enrolment: Enrolment, entry: Entry) -> StageRecord:
        stage = self.chain(enrolment)[entry.index]
        return StageRecord(
            id=uuid4(),
            enrolment_id=enrolment.id,
            round=entry.round,
            index=entry.index,
            key=stage.key,
            organisation_id=entry.organisation_id,
            entered_at=self.work.now,
            due_at=due_at(self.work.now, stage.days),
            items={},
        )

    def _view(
        self, enrolment: Enrolment, record: StageRecord, organisation: Organisation, names: dict[str, str]
    ) -> StageView:
        waits = record.decided_at is None
        return StageView(
            key=record.key,
            label=self.label(enrolment, record.key),
            organisation=organisation.name,
            organisation_id=organisation.id,
            round=record.round,
            entered_at=record.entered_at,
            due_at=record.due_at,
            overdue=waits and record.due_at is not None and record.due_at < self.work.now,
            reminders=record.reminders,
            decided_at=record.decided_at,
            decision=StageDecision(record.decision) if record.decision else None,
            actor=record.actor_name,
            reason=record.reason,
            items={names.get(key, key): reason for key, reason in record.items.items()},
            reference=record.reference,
        )


def _approved(records: Sequence[StageRecord]) -> frozenset[str]:
    """What has approved, as they were entered; an end in between begins the chain anew."""
    ended = [index for index, record in enumerate(records) if record.decision == StageDecision.ENDED]
    since = ended[-1] + 1 if ended else 0
    return frozenset(record.key for record in records[since:] if record.decision == StageDecision.APPROVED)


def _ahead(stage: ReviewStage) -> StageView:
    return StageView(
        key=stage.key,
        label=stage.label,
        organisation="",
        organisation_id=None,
        round=0,
        entered_at=None,
        due_at=None,
        overdue=False,
        reminders=0,
        decided_at=None,
        decision=None,
        actor="",
        reason="",
        items={},
        reference="",
    )
