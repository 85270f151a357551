"""Proposed endings: the program proposes, a person of the society decides (C3, C13)."""

from collections.abc import Mapping
from uuid import UUID, uuid4

from services import audit
from services.access import ensure_admin, ensure_officer, visible_organisation
from services.authorisation import changes
from services.authorisation.views import ProposalView
from services.errors import ConflictError, NotFoundError
from services.models import Actor
from services.unit_of_work import Work
from storage.authorisation_states import EndingCause, ProposalState
from storage.repositories.authorisation_life import LifeRepository
from storage.tables import Authorisation, EndingProposal


async def propose(
    work: Work, authorisation: Authorisation, cause: EndingCause, about: str, facts: Mapping[str, object]
) -> bool:
    """Propose the ending, unless the same was proposed before; says whether it is new."""
    life = LifeRepository(work.session)
    if await life.find_same_proposal(authorisation.id, cause, about) is not None:
        return False
    row = EndingProposal(
        id=uuid4(),
        authorisation_id=authorisation.id,
        cause=cause,
        about=about,
        facts=dict(facts),
        state=ProposalState.OPEN,
        created_at=work.now,
    )
    work.session.add(row)
    await work.session.flush()
    audit.record(
        work,
        Actor.system("authorisations"),
        "authorisation.ending_proposed",
        "authorisation",
        authorisation.id,
        after={"cause": str(cause), "about": about, **facts},
        organisation_id=authorisation.society_id,
    )
    return True


class ProposalService:
    """What the society's staff do with proposals."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.life = LifeRepository(work.session)

    async def open_ones(self, actor: Actor) -> tuple[ProposalView, ...]:
        """Proposals to the actor's society that wait for a decision, the oldest first. Raises ForbiddenError."""
        rows = await self.life.proposals(society_id=visible_organisation(actor), states=(ProposalState.OPEN,))
        return tuple(view(row, name) for row, name in rows)

    async def show(self, actor: Actor, proposal_id: UUID) -> ProposalView:
        """One proposal. Raises NotFoundError."""
        row, authorisation = await self._found(actor, proposal_id)
        return view(row, await self.life.organisation_name(authorisation.organisation_id))

    async def keep(self, actor: Actor, proposal_id: UUID, reason: str) -> None:
        """特殊情况: the authorisation goes on, with the reason.

        Raises ServiceError `authorisation.no_reason`, `authorisation.too_long`; ConflictError
        `authorisation.proposal_decided`; NotFoundError; ForbiddenError: not an administrator.
        """
        row, authorisation = await self._found(actor, proposal_id)
        ensure_admin(actor)
        self._decide(actor, row, ProposalState.KEPT, changes.said(reason))
        audit.record(
            self.work,
            actor,
            "authorisation.kept",
            "authorisation",
            authorisation.id,
            after={"cause": row.cause, "about": row.about},
            reason=row.reason,
            organisation_id=authorisation.society_id,
        )

    async def end(self, actor: Actor, proposal_id: UUID, reason: str) -> None:
        """The authorisation ends for what was proposed. Raises as `keep`, and as `changes.end`."""
        row, authorisation = await self._found(actor, proposal_id)
        ensure_admin(actor)
        self._decide(actor, row, ProposalState.ENDED, changes.said(reason))
        await changes.end(self.work, actor, authorisation.id, EndingCause(row.cause), reason)

    def _decide(self, actor: Actor, row: EndingProposal, state: ProposalState, reason: str) -> None:
        if row.state != ProposalState.OPEN:
            raise ConflictError("authorisation.proposal_decided", state=row.state)
        row.state, row.reason = state, reason
        row.decided_by, row.decided_at = actor.name, self.work.now

    async def _found(self, actor: Actor, proposal_id: UUID) -> tuple[EndingProposal, Authorisation]:
        found = await self.life.find_proposal(proposal_id)
        if found is None:
            raise NotFoundError("access.not_found")
        ensure_officer(actor, found[1].society_id)
        return found


def view(row: EndingProposal, organisation: str) -> ProposalView:
    """As it is shown."""
    return ProposalView(
        id=row.id,
        authorisation_id=row.authorisation_id,
        organisation=organisation,
        cause=EndingCause(row.cause),
        about=row.about,
        facts=row.facts,
        state=ProposalState(row.state),
        reason=row.reason,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        proposed_at=row.created_at,
    )
