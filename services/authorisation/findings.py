"""查处: what a society finds at a sub-centre; the third finding outside the scope proposes the ending (C3)."""

from datetime import date
from typing import Final
from uuid import UUID, uuid4

from services import audit
from services.access import ensure_officer
from services.authorisation import proposals
from services.authorisation.changes import said
from services.authorisation.measures import measures
from services.authorisation.views import FindingView
from services.errors import ConflictError, NotFoundError, ServiceError
from services.models import Actor
from services.rules.authorisation import proposed_by_findings
from services.rules.localtime import local_day
from services.unit_of_work import Work
from storage.authorisation_states import AuthorisationState, EndingCause, FindingKind
from storage.repositories.authorisation import AuthorisationRepository
from storage.repositories.authorisation_life import LifeRepository
from storage.tables import Authorisation, AuthorisationFinding, RefusedAttempt

_EARLIEST: Final = date(2000, 1, 1)


class FindingService:
    """Findings of the society's staff."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.life = LifeRepository(work.session)

    async def record(
        self,
        actor: Actor,
        authorisation_id: UUID,
        *,
        kind: FindingKind,
        found_on: date,
        text: str,
        attempt_id: UUID | None = None,
    ) -> FindingView:
        """Keep what was found; `attempt_id` is the refused attempt that it takes up, if there is one.

        Raises:
            ServiceError: `authorisation.no_reason`, `authorisation.too_long`, `finding.day` (to come, or long ago).
            ConflictError: `authorisation.wrong_state` (ended), `finding.attempt_taken` (or from before the authorisation).
            NotFoundError: not this society's, or no such attempt of this organisation; ForbiddenError: a viewer.
        """
        row = await AuthorisationRepository(self.work.session).find(authorisation_id, for_update=True)
        if row is None:
            raise NotFoundError("access.not_found")
        ensure_officer(actor, row.society_id)
        if row.state == AuthorisationState.ENDED:
            raise ConflictError("authorisation.wrong_state", state=row.state)
        if not _EARLIEST <= found_on <= local_day(self.work.now):
            raise ServiceError("finding.day")
        if attempt_id is not None:
            await self._ensure_theirs(row, attempt_id)
        made = AuthorisationFinding(
            id=uuid4(),
            authorisation_id=row.id,
            kind=kind,
            found_on=found_on,
            text=said(text),
            attempt_id=attempt_id,
            recorded_by=actor.name,
            created_at=self.work.now,
        )
        self.work.session.add(made)
        await self.work.session.flush()
        audit.record(
            self.work,
            actor,
            "authorisation.finding",
            "authorisation",
            row.id,
            after={"kind": str(kind), "found_on": found_on.isoformat()},
            reason=made.text,
            organisation_id=row.organisation_id,
        )
        if kind is FindingKind.OUT_OF_SCOPE:
            await self._count(row)
        return view(made)

    async def _count(self, row: Authorisation) -> None:
        count = await self.life.count_findings(row.id, FindingKind.OUT_OF_SCOPE)
        if proposed_by_findings(count, measures().limits):
            await proposals.propose(
                self.work, row, EndingCause.OUT_OF_SCOPE, f"findings:{count}", {"findings": count}
            )

    async def _ensure_theirs(self, row: Authorisation, attempt_id: UUID) -> RefusedAttempt:
        attempt = await self.life.find_attempt(attempt_id)
        if attempt is None or attempt.organisation_id != row.organisation_id:
            raise NotFoundError("access.not_found")
        open_ones = await self.life.attempts(row, limit=10_000)
        if attempt.id not in {one.id for one in open_ones}:
            raise ConflictError("finding.attempt_taken")
        return attempt


def view(row: AuthorisationFinding) -> FindingView:
    """As it is shown."""
    return FindingView(
        id=row.id,
        kind=FindingKind(row.kind),
        found_on=row.found_on,
        text=row.text,
        recorded_by=row.recorded_by,
    )
