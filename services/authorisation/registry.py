"""Authorisations as they are listed and shown, to the society that gave them and to who has them (C2)."""

from collections.abc import Collection
from uuid import UUID

from services.access import ensure_reader, visible_organisation
from services.authorisation import findings, proposals, scopes
from services.authorisation.measures import measures
from services.authorisation.self_checks import line
from services.authorisation.views import (
    AttemptView,
    AuthorisationLine,
    AuthorisationView,
    SelfCheckLine,
)
from services.errors import ForbiddenError, NotFoundError
from services.models import Actor
from services.unit_of_work import Work
from storage.authorisation_states import Act, AuthorisationState, SelfCheckState
from storage.repositories.authorisation import AuthorisationRepository
from storage.repositories.authorisation_life import LifeRepository
from storage.repositories.organisations import OrganisationRepository
from storage.tables import Authorisation

_ATTEMPTS_SHOWN = 50


class RegistryService:
    """Reading authorisations."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.authorisations = AuthorisationRepository(work.session)
        self.life = LifeRepository(work.session)

    async def place(self, actor: Actor) -> str:
        """`applicant`, `society`, or nothing: what the actor's organisation is to authorisations."""
        if actor.organisation_id is None:
            raise ForbiddenError("access.staff_only")
        organisation = await OrganisationRepository(self.work.session).find(actor.organisation_id)
        kind = organisation.kind if organisation is not None else ""
        return {measures().kind: "applicant", measures().by: "society"}.get(kind, "")

    async def list_(
        self, actor: Actor, states: Collection[AuthorisationState] = ()
    ) -> tuple[AuthorisationLine, ...]:
        """What the actor's society has authorised, by name; empty states: all. Raises ForbiddenError."""
        rows = await self.authorisations.list_of_society(visible_organisation(actor), states=states)
        scope = await self.authorisations.scope(*(row.id for row, _ in rows))
        return tuple(
            AuthorisationLine(
                id=row.id,
                organisation_id=row.organisation_id,
                organisation=name,
                state=AuthorisationState(row.state),
                plaque_number=row.plaque_number,
                authorised_on=row.authorised_on,
                scope=scopes.named(
                    self.work,
                    [f"{item.occupation}/{item.level}" for item in scope if item.authorisation_id == row.id],
                ),
            )
            for row, name in rows
        )

    async def show(self, actor: Actor, authorisation_id: UUID) -> AuthorisationView:
        """For the society and for who has it; attempts and open proposals for the society only. Raises NotFoundError."""
        row = await self.authorisations.find(authorisation_id)
        if row is None:
            raise NotFoundError("access.not_found")
        if actor.organisation_id != row.organisation_id:
            ensure_reader(actor, row.society_id)
        return await self._view(row, for_society=actor.organisation_id != row.organisation_id)

    async def own(self, actor: Actor) -> AuthorisationView | None:
        """The newest authorisation of the actor's organisation, ended or not."""
        if actor.organisation_id is None:
            raise ForbiddenError("access.staff_only")
        row = await self.authorisations.find_newest(actor.organisation_id)
        return await self._view(row, for_society=False) if row is not None else None

    async def find_by_plaque(self, actor: Actor, plaque_number: str) -> UUID:
        """The authorisation with this number on its plaque. Raises NotFoundError."""
        row = await self.authorisations.find_by_plaque(visible_organisation(actor), plaque_number.strip())
        if row is None:
            raise NotFoundError("access.not_found")
        return row.id

    async def reminder(self, actor: Actor) -> SelfCheckLine | None:
        """The self-check that the actor's organisation has to hand in, once a reminder is due, or that it missed (C12)."""
        if actor.organisation_id is None:
            return None
        row = await self.authorisations.find_standing(actor.organisation_id)
        if row is None:
            return None
        for check, name in await self.life.self_checks(authorisation_id=row.id):
            if check.state == SelfCheckState.MISSED:
                return line(check, name)
            if check.state == SelfCheckState.OPEN and check.reminders:
                return line(check, name)
        return None

    async def _view(self, row: Authorisation, *, for_society: bool) -> AuthorisationView:
        name = await self.life.organisation_name(row.organisation_id)
        scope = await self.authorisations.scope(row.id)
        attempts = await self.life.attempts(row, limit=_ATTEMPTS_SHOWN) if for_society else ()
        proposed = await self.life.proposals(authorisation_id=row.id) if for_society else ()
        return AuthorisationView(
            id=row.id,
            organisation_id=row.organisation_id,
            organisation=name,
            society_id=row.society_id,
            society=await self.life.organisation_name(row.society_id),
            state=AuthorisationState(row.state),
            plaque_number=row.plaque_number,
            document_number=row.document_number,
            agreement_number=row.agreement_number,
            agreed_on=row.agreed_on,
            agreed_until=row.agreed_until,
            authorised_on=row.authorised_on,
            ended_on=row.ended_on,
            cause=row.cause,
            state_reason=row.state_reason,
            scope=scopes.named(self.work, [f"{item.occupation}/{item.level}" for item in scope]),
            findings=tuple(findings.view(item) for item in await self.life.findings(row.id)),
            attempts=tuple(
                AttemptView(
                    id=item.id,
                    scheme=self.work.tools.schemes.current(item.scheme_id).short_title,
                    act=Act(item.act),
                    code=item.code,
                    staff=item.staff_name,
                    at=item.created_at,
                )
                for item in attempts
            ),
            proposals=tuple(proposals.view(item, name) for item, _ in proposed),
            self_checks=tuple(
                line(check, name) for check, _ in await self.life.self_checks(authorisation_id=row.id)
            ),
            revision=row.revision,
        )
