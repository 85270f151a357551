"""Applications 申请 of organisations to be authorised: figures, papers, and handing them in (C1)."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, replace
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid4

from services import audit
from services.access import ensure_officer, ensure_reader
from services.authorisation import members, papers, scopes
from services.authorisation.measures import measures
from services.authorisation.views import RequestView
from services.errors import ConflictError, ForbiddenError, NotFoundError, ServiceError
from services.models import Actor
from services.organisations.routing import responsible
from services.rules.authorisation import Figures, Unmet, assess
from services.unit_of_work import Work
from storage.authorisation_states import FileKind, RequestState
from storage.repositories.authorisation import RequestRepository
from storage.repositories.organisations import OrganisationRepository
from storage.tables import AuthorisationFile, AuthorisationRequest

_LARGEST: Final = 1_000_000
#: What an applicant begins anew from, when it came back.
_CAME_BACK: Final = (RequestState.RETURNED, RequestState.FAILED)


class UnmetConditionsError(ServiceError):
    """The application does not meet the conditions; `.unmet` says which, and what would meet them (C1)."""

    def __init__(self, unmet: tuple[Unmet, ...]) -> None:
        super().__init__("authorisation.unmet", count=len(unmet))
        self.unmet = unmet


class RequestService:
    """What an applicant does with its application."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.requests = RequestRepository(work.session)

    async def begin(self, actor: Actor) -> RequestView:
        """A new application of the actor's organisation, with what it said in one that came back; or the one under way.

        Raises:
            ForbiddenError: a viewer, or nobody's staff.
            ConflictError: `authorisation.not_applicant`, another kind of organisation.
            NotFoundError: `organisation.…`, there is no society to apply to.
        """
        owner = actor.organisation_id
        if owner is None:
            raise ForbiddenError("access.staff_only")
        ensure_officer(actor, owner)
        organisation = await OrganisationRepository(self.work.session).find(owner)
        if organisation is None or organisation.kind != measures().kind:
            raise ConflictError("authorisation.not_applicant")
        if (running := await self.requests.find_running(owner)) is not None:
            return await self._view(running)
        society_id = await responsible(self.work, owner, measures().by)
        earlier = next(iter(await self.requests.list_of_organisation(owner)), None)
        again = earlier if earlier is not None and earlier.state in _CAME_BACK else None
        row = AuthorisationRequest(
            id=uuid4(),
            organisation_id=owner,
            society_id=society_id,
            state=RequestState.DRAFT,
            figures=dict(again.figures) if again else {},
            wanted=list(again.wanted) if again else [],
            created_at=self.work.now,
        )
        self.work.session.add(row)
        await self.work.session.flush()
        if again is not None:
            await self.requests.move_files(again.id, row.id)
        self._record(actor, "authorisation.request_begun", row, before=None)
        return await self._view(row)

    async def change(
        self, actor: Actor, request_id: UUID, figures: Figures, wanted: Collection[str]
    ) -> RequestView:
        """Other figures, and other pairs `occupation/level`, while it is a draft.

        Raises ServiceError `authorisation.figure` (`figure`: its name), `authorisation.scope_unknown`;
        ConflictError `authorisation.request_closed`; NotFoundError, ForbiddenError.
        """
        row = await self._draft(actor, request_id)
        _ensure_reasonable(figures)
        row.wanted = scopes.ensure_offered(self.work, wanted)
        row.figures = _kept(figures)
        await self.work.session.flush()
        return await self._view(row)

    async def attach(
        self, actor: Actor, request_id: UUID, kind: FileKind, filename: str, content: bytes
    ) -> RequestView:
        """Add a paper. Raises as `change` and `papers.keep`."""
        row = await self._draft(actor, request_id)
        await papers.keep(self.work, actor, row.organisation_id, kind, filename, content, request_id=row.id)
        return await self._view(row)

    async def detach(self, actor: Actor, file_id: UUID) -> RequestView:
        """Take a paper of a draft away. Raises as `change`."""
        paper = await self._paper(actor, file_id)
        if paper.request_id is None:
            raise NotFoundError("access.not_found")
        row = await self._draft(actor, paper.request_id)
        paper.removed_at = self.work.now
        await self.work.session.flush()
        return await self._view(row)

    async def submit(self, actor: Actor, request_id: UUID) -> RequestView:
        """Hand it to the society.

        Raises:
            UnmetConditionsError: some condition is not met. ServiceError: `authorisation.no_figures`.
            ConflictError: `authorisation.request_closed`.
        """
        row = await self._draft(actor, request_id)
        view = await self._view(row)
        if view.figures is None:
            raise ServiceError("authorisation.no_figures")
        if view.unmet:
            raise UnmetConditionsError(view.unmet)
        before = row.state
        row.state, row.submitted_at = RequestState.SUBMITTED, self.work.now
        # What the society saw: members come and go, the request stays as it was handed in.
        row.assessed = {"members": [_member(one) for one in view.members]}
        self._record(actor, "authorisation.request_submitted", row, before=before)
        await self.work.session.flush()
        return await self._view(row)

    async def show(self, actor: Actor, request_id: UUID) -> RequestView:
        """For the applicant; for the society too, once it has been handed in, but nothing of what it sent back.

        Raises NotFoundError.
        """
        row = await self._found(request_id)
        if actor.organisation_id != row.organisation_id:
            if row.state == RequestState.DRAFT and actor.kind == "staff":
                raise NotFoundError("access.not_found")
            ensure_reader(actor, row.society_id)
            if row.state == RequestState.RETURNED and actor.kind == "staff":
                return replace(await self._view(row), files=(), figures=None, members=(), unmet=())
        return await self._view(row)

    async def newest(self, actor: Actor) -> RequestView | None:
        """The newest application of the actor's organisation."""
        if actor.organisation_id is None:
            raise ForbiddenError("access.staff_only")
        rows = await self.requests.list_of_organisation(actor.organisation_id)
        return await self._view(rows[0]) if rows else None

    async def _found(self, request_id: UUID, *, for_update: bool = False) -> AuthorisationRequest:
        row = await self.requests.find(request_id, for_update=for_update)
        if row is None:
            raise NotFoundError("access.not_found")
        return row

    async def _draft(self, actor: Actor, request_id: UUID) -> AuthorisationRequest:
        row = await self._found(request_id, for_update=True)
        ensure_officer(actor, row.organisation_id)
        if row.state != RequestState.DRAFT:
            raise ConflictError("authorisation.request_closed", state=row.state)
        return row

    async def _paper(self, actor: Actor, file_id: UUID) -> AuthorisationFile:
        paper = await self.requests.find_file(file_id)
        if paper is None:
            raise NotFoundError("access.not_found")
        ensure_officer(actor, paper.organisation_id)
        return paper

    async def _view(self, row: AuthorisationRequest) -> RequestView:
        return await view(self.work, row)

    def _record(self, actor: Actor, action: str, row: AuthorisationRequest, *, before: str | None) -> None:
        audit.record(
            self.work,
            actor,
            action,
            "authorisation_request",
            row.id,
            before={"state": before} if before else None,
            after={"state": str(row.state), "wanted": row.wanted},
            organisation_id=row.organisation_id,
        )


async def view(work: Work, row: AuthorisationRequest) -> RequestView:
    """The request with its papers, members and what is unmet now; the caller has checked who asks."""
    requests = RequestRepository(work.session)
    files = tuple(papers.view(item) for item in await requests.files(row.id))
    people = await members.listed(work, row.organisation_id)
    figures = _read(row.figures) if row.figures else None
    wanted = scopes.named(work, row.wanted)
    return RequestView(
        id=row.id,
        organisation_id=row.organisation_id,
        organisation=await requests.organisation_name(row.organisation_id),
        state=RequestState(row.state),
        figures=figures,
        wanted=wanted,
        files=files,
        members=people,
        unmet=()
        if figures is None
        else assess(
            figures,
            [(one.occupation, one.level) for one in wanted],
            members.counted(people),
            {str(item.kind) for item in files},
            measures().conditions,
        ),
        submitted_at=row.submitted_at,
        reason=row.reason,
        visited_on=row.visited_on,
        experts=tuple(row.experts),
        visit_findings=row.visit_findings,
        agreement_number=row.agreement_number,
        agreed_on=row.agreed_on,
        agreed_until=row.agreed_until,
        revision=row.revision,
    )


def _member(one: Any) -> dict[str, str]:
    return {"kind": str(one.kind), "name": one.name, "occupation": one.occupation, "title": one.title}


def _kept(figures: Figures) -> dict[str, Any]:
    return {
        key: str(value) if isinstance(value, Decimal) else value for key, value in asdict(figures).items()
    }


def _read(kept: Mapping[str, Any]) -> Figures:
    lease = kept["lease_years"]
    return Figures(
        **{
            **kept,
            "premises_m2": Decimal(kept["premises_m2"]),
            "lease_years": None if lease is None else Decimal(lease),
        }
    )


def _ensure_reasonable(figures: Figures) -> None:
    numbers: dict[str, Decimal | int] = {
        "premises_m2": figures.premises_m2,
        "seats": figures.seats,
        "stations": figures.stations,
        "lease_years": figures.lease_years or 0,
        "dedicated_staff": figures.dedicated_staff,
    }
    for name, number in numbers.items():
        if not 0 <= number <= _LARGEST:
            raise ServiceError("authorisation.figure", figure=name)
    if len(figures.department) > 60:
        raise ServiceError("authorisation.figure", figure="department")
