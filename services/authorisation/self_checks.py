"""年度自查: data, summary and next year's plan, handed in by its day, then assessed by the society (C12, C13)."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Final, Literal
from uuid import UUID

from services import audit
from services.access import ensure_admin, ensure_officer, ensure_reader, visible_organisation
from services.authorisation import proposals, scopes, training
from services.authorisation.changes import said
from services.authorisation.views import PlanLine, SelfCheckLine, SelfCheckView, TrainingLine
from services.errors import ConflictError, NotFoundError, ServiceError
from services.models import Actor
from services.rules.localtime import local_day
from services.unit_of_work import Work
from storage.authorisation_states import EndingCause, SelfCheckState
from storage.repositories.authorisation import AuthorisationRepository
from storage.repositories.authorisation_life import LifeRepository
from storage.tables import Authorisation, SelfCheck

LONGEST: Final = 4000
_MOST_PEOPLE: Final = 100_000
_WAITING_FOR_THE_SOCIETY: Final = (SelfCheckState.HANDED_IN, SelfCheckState.MISSED)


class SelfCheckService:
    """Self-checks, for the sub-centre and for the society."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.life = LifeRepository(work.session)

    # ---- the sub-centre ---------------------------------------------------------------------------------------

    async def hand_in(
        self,
        actor: Actor,
        self_check_id: UUID,
        *,
        declared: Sequence[TrainingLine],
        note: str,
        situation: str,
        problems: str,
        plan: Sequence[PlanLine],
        assessors_wanted: str,
    ) -> SelfCheckView:
        """Hand it in, for good, on its last day at the latest (Shanghai).

        `declared` are our own numbers, confirmed or corrected; a correction needs a `note`. A plan line with no people
        is left out.

        Raises:
            ServiceError: `self_check.empty` (`part`), `self_check.long` (`part`, `limit`), `self_check.number`,
                `self_check.order` (more passed than examined), `self_check.note_missing`, `self_check.plan_empty`,
                `self_check.plan_times`, `self_check.plan_scope`.
            ConflictError: `self_check.closed` (its day has passed, or it is handed in).
            NotFoundError, ForbiddenError.
        """
        row, authorisation, name = await self._found(self_check_id)
        ensure_officer(actor, authorisation.organisation_id)
        if row.state != SelfCheckState.OPEN or local_day(self.work.now) > row.due_on:
            raise ConflictError("self_check.closed", due_on=row.due_on, state=row.state)
        counted = await training.counted(self.work, authorisation, row.year)
        planned = [line for line in plan if line.people]
        self._check_numbers(counted, declared, note)
        await self._check_plan(authorisation, planned)
        texts = {
            "situation": situation,
            "problems": problems,
            "assessors_wanted": assessors_wanted,
            "note": note,
        }
        for part, text in texts.items():
            if part != "note" and not text.strip():
                raise ServiceError("self_check.empty", part=part)
            if len(text) > LONGEST:
                raise ServiceError("self_check.long", part=part, limit=LONGEST)
        row.counted = [asdict(line) for line in counted]
        row.declared = [asdict(line) for line in declared]
        row.note, row.situation, row.problems = note.strip(), situation.strip(), problems.strip()
        row.plan = [asdict(line) for line in planned]
        row.assessors_wanted = assessors_wanted.strip()
        row.state, row.handed_in_at = SelfCheckState.HANDED_IN, self.work.now
        self._record(actor, "self_check.handed_in", row, authorisation, before=SelfCheckState.OPEN)
        await self.work.session.flush()
        return await self._view(row, authorisation, name)

    # ---- the society ------------------------------------------------------------------------------------------

    async def assess(
        self, actor: Actor, self_check_id: UUID, outcome: Literal["accepted", "failed"], reason: str
    ) -> SelfCheckView:
        """The society's assessment of what was handed in; a failed one proposes the ending (C13).

        Raises ServiceError `authorisation.no_reason`, `authorisation.too_long`; ConflictError `self_check.wrong_state`;
        NotFoundError, ForbiddenError.
        """
        row, authorisation, name = await self._found(self_check_id)
        ensure_officer(actor, authorisation.society_id)
        state = SelfCheckState(outcome)
        await self._decide(actor, row, authorisation, state, reason, only_from=SelfCheckState.HANDED_IN)
        if state is SelfCheckState.FAILED:
            facts = {"year": row.year}
            await proposals.propose(
                self.work, authorisation, EndingCause.FAILED_ASSESSMENT, f"year:{row.year}", facts
            )
        return await self._view(row, authorisation, name)

    async def excuse(self, actor: Actor, self_check_id: UUID, reason: str) -> SelfCheckView:
        """It was not handed in, and the sub-centre may go on all the same: only the society's administrator decides so.

        Raises as `assess`; ForbiddenError for an officer.
        """
        row, authorisation, name = await self._found(self_check_id)
        ensure_officer(actor, authorisation.society_id)
        ensure_admin(actor)
        await self._decide(
            actor, row, authorisation, SelfCheckState.EXCUSED, reason, only_from=SelfCheckState.MISSED
        )
        return await self._view(row, authorisation, name)

    # ---- reading ----------------------------------------------------------------------------------------------

    async def show(self, actor: Actor, self_check_id: UUID) -> SelfCheckView:
        """For the sub-centre and its society. Raises NotFoundError."""
        row, authorisation, name = await self._found(self_check_id)
        if actor.organisation_id != authorisation.organisation_id:
            ensure_reader(actor, authorisation.society_id)
        return await self._view(row, authorisation, name)

    async def waiting(self, actor: Actor) -> tuple[SelfCheckLine, ...]:
        """What the actor's society has to decide about: handed in, or missed. Raises ForbiddenError."""
        rows = await self.life.self_checks(
            society_id=visible_organisation(actor), states=_WAITING_FOR_THE_SOCIETY
        )
        return tuple(line(row, name) for row, name in rows)

    async def _found(self, self_check_id: UUID) -> tuple[SelfCheck, Authorisation, str]:
        found = await self.life.find_self_check(self_check_id)
        if found is None:
            raise NotFoundError("access.not_found")
        return found

    def _check_numbers(
        self, counted: Sequence[TrainingLine], declared: Sequence[TrainingLine], note: str
    ) -> None:
        for one in declared:
            if not all(0 <= number <= _MOST_PEOPLE for number in (one.trained, one.examined, one.passed)):
                raise ServiceError("self_check.number", label=one.label)
            if one.passed > one.examined:
                raise ServiceError("self_check.order", label=one.label)
        if {(one.occupation, one.level) for one in declared} != {
            (one.occupation, one.level) for one in counted
        }:
            raise ConflictError("self_check.changed")
        if tuple(declared) != tuple(counted) and not note.strip():
            raise ServiceError("self_check.note_missing")

    async def _check_plan(self, authorisation: Authorisation, plan: Sequence[PlanLine]) -> None:
        if not plan:
            raise ServiceError("self_check.plan_empty")
        held = {
            (item.occupation, item.level)
            for item in await AuthorisationRepository(self.work.session).scope(authorisation.id)
        }
        for one in plan:
            if not 0 <= one.people <= _MOST_PEOPLE:
                raise ServiceError("self_check.number", label=one.label)
            if not 0 < len(one.times.strip()) <= 100:
                raise ServiceError("self_check.plan_times", label=one.label)
            if (one.occupation, one.level) not in held:
                raise ServiceError("self_check.plan_scope", label=one.label)

    async def _decide(
        self,
        actor: Actor,
        row: SelfCheck,
        authorisation: Authorisation,
        state: SelfCheckState,
        reason: str,
        *,
        only_from: SelfCheckState,
    ) -> None:
        if row.state != only_from:
            raise ConflictError("self_check.wrong_state", state=row.state)
        before = SelfCheckState(row.state)
        row.state, row.decision = state, said(reason)
        row.decided_by, row.decided_at = actor.name, self.work.now
        self._record(actor, f"self_check.{state}", row, authorisation, before=before, reason=row.decision)
        await self.work.session.flush()

    def _record(
        self,
        actor: Actor,
        action: str,
        row: SelfCheck,
        authorisation: Authorisation,
        *,
        before: SelfCheckState,
        reason: str = "",
    ) -> None:
        audit.record(
            self.work,
            actor,
            action,
            "self_check",
            row.id,
            before={"state": str(before)},
            after={"state": str(row.state), "year": row.year},
            reason=reason,
            organisation_id=authorisation.organisation_id,
        )

    async def _view(self, row: SelfCheck, authorisation: Authorisation, name: str) -> SelfCheckView:
        is_open = row.state == SelfCheckState.OPEN
        counted = (
            await training.counted(self.work, authorisation, row.year)
            if is_open
            else tuple(TrainingLine(**one) for one in row.counted)
        )
        held = await AuthorisationRepository(self.work.session).scope(authorisation.id)
        empty_plan = tuple(
            PlanLine(
                occupation=one.occupation, level=one.level, label=training.label(one), people=0, times=""
            )
            for one in scopes.named(self.work, [f"{item.occupation}/{item.level}" for item in held])
        )
        return SelfCheckView(
            id=row.id,
            authorisation_id=row.authorisation_id,
            organisation_id=authorisation.organisation_id,
            organisation=name,
            year=row.year,
            due_on=row.due_on,
            state=SelfCheckState(row.state),
            counted=counted,
            declared=tuple(TrainingLine(**one) for one in row.declared) or counted,
            note=row.note,
            situation=row.situation,
            problems=row.problems,
            plan=empty_plan if is_open else tuple(PlanLine(**one) for one in row.plan),
            assessors_wanted=row.assessors_wanted,
            handed_in_at=row.handed_in_at,
            decision=row.decision,
            decided_by=row.decided_by,
            decided_at=row.decided_at,
        )


def line(row: SelfCheck, organisation: str) -> SelfCheckLine:
    """As it is listed."""
    return SelfCheckLine(
        id=row.id,
        organisation=organisation,
        year=row.year,
        due_on=row.due_on,
        state=SelfCheckState(row.state),
        reminders=row.reminders,
        handed_in_at=row.handed_in_at,
        trained=sum(one["trained"] for one in row.declared),
    )
