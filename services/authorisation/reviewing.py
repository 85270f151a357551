"""What a society does with an application: papers, visit, agreement, authorisation (C2). Every step is audited."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Final, Literal
from uuid import UUID, uuid4

from sqlalchemy.exc import IntegrityError

from services import audit
from services.access import ensure_officer, visible_organisation
from services.authorisation import requests, scopes
from services.authorisation.views import RequestLine, RequestView
from services.errors import ConflictError, NotFoundError, ServiceError
from services.models import Actor
from services.rules.localtime import local_day
from services.rules.text import normalise
from services.unit_of_work import Work
from storage.authorisation_states import AuthorisationState, RequestState
from storage.repositories.authorisation import AuthorisationRepository, RequestRepository
from storage.repositories.organisations import OrganisationRepository
from storage.tables import Authorisation, AuthorisationRequest, AuthorisedScope

LONGEST: Final = 1000
_MOST_EXPERTS: Final = 20
#: What waits for the society.
WAITING: Final = (
    RequestState.SUBMITTED,
    RequestState.ON_SITE,
    RequestState.QUALIFIED,
    RequestState.AGREED,
)


class RequestReviewService:
    """Decisions of the society's staff."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.requests = RequestRepository(work.session)
        self.authorisations = AuthorisationRepository(work.session)

    async def queue(
        self, actor: Actor, states: Collection[RequestState] = WAITING
    ) -> tuple[RequestLine, ...]:
        """Applications to the actor's society in these states, the longest waiting first. Raises ForbiddenError."""
        rows = await self.requests.list_of_society(visible_organisation(actor), states)
        return tuple(
            RequestLine(
                id=row.id,
                organisation=name,
                state=RequestState(row.state),
                submitted_at=row.submitted_at,
                wanted=scopes.named(self.work, row.wanted),
            )
            for row, name in rows
        )

    async def pass_papers(self, actor: Actor, request_id: UUID) -> RequestView:
        """The papers are in order; experts are to visit. Raises ConflictError `authorisation.wrong_step`."""
        row = await self._at(actor, request_id, RequestState.SUBMITTED)
        row.paper_at = self.work.now
        return await self._move(actor, row, RequestState.ON_SITE)

    async def return_papers(self, actor: Actor, request_id: UUID, reason: str) -> RequestView:
        """Refused on paper: everything goes back with the reason, and the society reads none of it any more.

        Raises ServiceError `authorisation.no_reason`, `authorisation.too_long` (`limit`); ConflictError.
        """
        row = await self._at(actor, request_id, RequestState.SUBMITTED)
        row.reason, row.paper_at = _said(reason), self.work.now
        return await self._move(actor, row, RequestState.RETURNED, reason=row.reason)

    async def record_visit(
        self,
        actor: Actor,
        request_id: UUID,
        *,
        experts: Sequence[str],
        visited_on: date,
        findings: str,
        outcome: Literal["qualified", "failed"],
    ) -> RequestView:
        """实地审核: who came, when, what they found, and what came of it.

        Raises ServiceError `authorisation.no_experts`, `authorisation.experts` (too many, or a name too long),
        `authorisation.visit_day` (before the application, or to come), `authorisation.no_reason`; ConflictError.
        """
        row = await self._at(actor, request_id, RequestState.ON_SITE)
        names = [name for name in (normalise(item) for item in experts) if name]
        if not names:
            raise ServiceError("authorisation.no_experts")
        if len(names) > _MOST_EXPERTS or any(len(name) > 60 for name in names):
            raise ServiceError("authorisation.experts", limit=_MOST_EXPERTS)
        submitted = local_day(row.submitted_at or self.work.now)
        if not submitted <= visited_on <= local_day(self.work.now):
            raise ServiceError("authorisation.visit_day")
        row.experts, row.visited_on, row.visit_findings = names, visited_on, _said(findings)
        if outcome == "failed":
            row.reason = row.visit_findings
            return await self._move(actor, row, RequestState.FAILED, reason=row.reason)
        return await self._move(actor, row, RequestState.QUALIFIED)

    async def sign(
        self,
        actor: Actor,
        request_id: UUID,
        *,
        number: str,
        agreed_on: date,
        agreed_until: date | None = None,
    ) -> RequestView:
        """合作协议 was signed. Raises ServiceError `authorisation.number`, `authorisation.agreement_days`; ConflictError."""
        row = await self._at(actor, request_id, RequestState.QUALIFIED)
        row.agreement_number = _number(number)
        if agreed_on > local_day(self.work.now) or (agreed_until is not None and agreed_until <= agreed_on):
            raise ServiceError("authorisation.agreement_days")
        row.agreed_on, row.agreed_until = agreed_on, agreed_until
        return await self._move(actor, row, RequestState.AGREED)

    async def grant(
        self,
        actor: Actor,
        request_id: UUID,
        *,
        plaque_number: str,
        document_number: str,
        scope: Collection[str] | None = None,
    ) -> UUID:
        """授权: plaque, the paper that announces it, and its scope (of what was applied for; None: all of it).

        An organisation that is authorised already gets the scope added, under its plaque. Gives the authorisation's id.

        Raises:
            ServiceError: `authorisation.number`, `authorisation.scope_empty`, `authorisation.scope_beyond`.
            ConflictError: `authorisation.plaque_taken`; `authorisation.suspended`; `authorisation.wrong_step`.
        """
        row, granted = await self._grantable(actor, request_id, scope)
        standing = await self.authorisations.find_standing(row.organisation_id)
        if standing is None:
            standing = await self._authorise(row, _number(plaque_number), _number(document_number))
        elif standing.state != AuthorisationState.ACTIVE:
            raise ConflictError("authorisation.suspended", reason=standing.state_reason)
        else:
            standing.document_number = _number(document_number)
            if row.agreed_on is not None:
                standing.agreement_number, standing.agreed_on = row.agreement_number, row.agreed_on
                standing.agreed_until = row.agreed_until
        held = {(item.occupation, item.level) for item in await self.authorisations.scope(standing.id)}
        for key in granted:
            occupation, _, level = key.partition("/")
            if (occupation, level) not in held:
                self.work.session.add(
                    AuthorisedScope(
                        authorisation_id=standing.id,
                        request_id=row.id,
                        occupation=occupation,
                        level=level,
                        granted_on=local_day(self.work.now),
                        created_at=self.work.now,
                    )
                )
        await self._move(actor, row, RequestState.GRANTED)
        audit.record(
            self.work,
            actor,
            "authorisation.granted",
            "authorisation",
            standing.id,
            before={"scope": sorted(f"{occupation}/{level}" for occupation, level in held)},
            after={"scope": granted, "plaque": standing.plaque_number},
            organisation_id=row.organisation_id,
        )
        return standing.id

    async def ensure_grantable(self, actor: Actor, request_id: UUID, scope: Collection[str]) -> None:
        """What `grant` would refuse of this scope, before the second look at it. Raises as `grant`."""
        await self._grantable(actor, request_id, scope)

    async def _grantable(
        self, actor: Actor, request_id: UUID, scope: Collection[str] | None
    ) -> tuple[AuthorisationRequest, list[str]]:
        row = await self._at(actor, request_id, RequestState.AGREED)
        granted = sorted(row.wanted if scope is None else set(scope))
        if not granted:
            raise ServiceError("authorisation.scope_empty")
        if not set(granted) <= set(row.wanted):
            raise ServiceError("authorisation.scope_beyond")
        return row, granted

    async def _authorise(
        self, row: AuthorisationRequest, plaque_number: str, document_number: str
    ) -> Authorisation:
        if row.agreed_on is None:
            raise ConflictError("authorisation.wrong_step", state=row.state)
        made = Authorisation(
            id=uuid4(),
            organisation_id=row.organisation_id,
            society_id=row.society_id,
            state=AuthorisationState.ACTIVE,
            plaque_number=plaque_number,
            document_number=document_number,
            agreement_number=row.agreement_number,
            agreed_on=row.agreed_on,
            agreed_until=row.agreed_until,
            authorised_on=local_day(self.work.now),
            created_at=self.work.now,
        )
        try:
            async with self.work.session.begin_nested():
                self.work.session.add(made)
                await self.work.session.flush()
        except IntegrityError:
            raise ConflictError("authorisation.plaque_taken", plaque=plaque_number) from None
        organisation = await OrganisationRepository(self.work.session).find(row.organisation_id)
        if organisation is not None and organisation.parent_id is None:
            organisation.parent_id = row.society_id
        return made

    async def _at(self, actor: Actor, request_id: UUID, state: RequestState) -> AuthorisationRequest:
        row = await self.requests.find(request_id, for_update=True)
        if row is None or row.state == RequestState.DRAFT:
            raise NotFoundError("access.not_found")
        ensure_officer(actor, row.society_id)
        if row.state != state:
            raise ConflictError("authorisation.wrong_step", state=row.state)
        return row

    async def _move(
        self, actor: Actor, row: AuthorisationRequest, state: RequestState, *, reason: str = ""
    ) -> RequestView:
        before, row.state = row.state, state
        audit.record(
            self.work,
            actor,
            f"authorisation.request_{state}",
            "authorisation_request",
            row.id,
            before={"state": before},
            after={"state": str(state)},
            reason=reason,
            organisation_id=row.organisation_id,
        )
        await self.work.session.flush()
        return await requests.view(self.work, row)


def _said(text: str) -> str:
    text = text.strip()
    if not text:
        raise ServiceError("authorisation.no_reason")
    if len(text) > LONGEST:
        raise ServiceError("authorisation.too_long", limit=LONGEST)
    return text


def _number(text: str) -> str:
    number = normalise(text)
    if not 0 < len(number) <= 60:
        raise ServiceError("authorisation.number")
    return number
