"""授权管理: what a society authorised, findings, suspension and ending; for a sub-centre its own (C2–C4, C13, C14)."""

from typing import Final

from aiohttp import web

from handlers.console import forms, refusals
from handlers.console.context import actor, go, path_id, query_id, text, unit_of_work
from handlers.console.pages import render
from services.authorisation import changes
from services.authorisation.findings import FindingService
from services.authorisation.proposals import ProposalService
from services.authorisation.registry import RegistryService
from services.authorisation.reports import ReportService
from services.authorisation.requests import RequestService
from services.authorisation.reviewing import RequestReviewService
from services.authorisation.self_checks import SelfCheckService
from services.errors import NotFoundError, ServiceError
from services.models import Actor
from services.unit_of_work import Work
from storage.authorisation_states import EndingCause, FindingKind, ReportState

routes = web.RouteTableDef()

#: Causes that a person may end an authorisation for without a proposal (C4, C14); an assessment goes by its proposal.
CAUSES: Final = (
    EndingCause.AGENTS,
    EndingCause.LEAKED_PAPERS,
    EndingCause.LAX_INVIGILATION,
    EndingCause.UNTRAINED,
    EndingCause.INVESTIGATION,
)
_DONE: Final = {
    "suspend": "authorisation_suspended",
    "lift": "authorisation_lifted",
    "end": "authorisation_ended",
}


@routes.get("/authorisations")
async def first(request: web.Request) -> web.Response:
    """The society's desk, or a sub-centre's own authorisation."""
    who = actor(request)
    async with unit_of_work(request) as work:
        registry = RegistryService(work)
        place = await registry.place(who)
        if place == "society":
            return render(
                request,
                "authorisations.html",
                requests=await RequestReviewService(work).queue(who),
                proposals=await ProposalService(work).open_ones(who),
                self_checks=await SelfCheckService(work).waiting(who),
                reports=await ReportService(work).list_(who),
                lines=await registry.list_(who),
            )
        if place == "applicant":
            return render(
                request,
                "authorisation_own.html",
                own=await registry.own(who),
                request_=await RequestService(work).newest(who),
                reminder=await registry.reminder(who),
                reports=await ReportService(work).list_(who),
            )
    return render(request, "authorisation_none.html")


async def count_waiting(work: Work, who: Actor) -> int:
    """How many of a society's applications, proposals, self-checks and reports wait for it; none for anybody else."""
    if await RegistryService(work).place(who) != "society":
        return 0
    reports = await ReportService(work).list_(who)
    return (
        len(await RequestReviewService(work).queue(who))
        + len(await ProposalService(work).open_ones(who))
        + len(await SelfCheckService(work).waiting(who))
        + sum(one.state is ReportState.REPORTED for one in reports)
    )


@routes.get("/authorisations/{id}")
async def show(request: web.Request) -> web.Response:
    """One authorisation."""
    return await _page(request)


@routes.post("/authorisations/{id}/findings")
async def found(request: web.Request) -> web.Response:
    """Record what was found."""
    authorisation_id = path_id(request)
    try:
        async with unit_of_work(request) as work:
            await FindingService(work).record(
                actor(request),
                authorisation_id,
                kind=FindingKind(forms.one_of(request, "kind", "查处情况", FindingKind)),
                found_on=forms.day(request, "found_on", "查处日期"),
                text=text(request, "text"),
                attempt_id=query_id(text(request, "attempt")),
            )
    except ServiceError as error:
        if isinstance(error, NotFoundError):
            raise
        return await _page(request, error=refusals.error(error), status=422)
    raise go(f"/authorisations/{authorisation_id}", done="finding_recorded")


@routes.get("/authorisations/{id}/suspend")
@routes.get("/authorisations/{id}/lift")
@routes.get("/authorisations/{id}/end")
async def ask(request: web.Request) -> web.Response:
    """A second look before it is suspended, lifted or ended."""
    return await _second_look(request)


@routes.post("/authorisations/{id}/suspend")
@routes.post("/authorisations/{id}/lift")
@routes.post("/authorisations/{id}/end")
async def change(request: web.Request) -> web.Response:
    """Do it."""
    authorisation_id, what, who = path_id(request), _change(request), actor(request)
    try:
        async with unit_of_work(request) as work:
            if what == "suspend":
                await changes.suspend(work, who, authorisation_id, text(request, "reason"))
            elif what == "lift":
                await changes.lift(work, who, authorisation_id, text(request, "reason"))
            else:
                cause = EndingCause(forms.one_of(request, "cause", "取消原因", CAUSES))
                await changes.end(work, who, authorisation_id, cause, text(request, "reason"))
    except ServiceError as error:
        if isinstance(error, NotFoundError):
            raise
        return await _second_look(request, error=refusals.error(error), status=422)
    raise go(f"/authorisations/{authorisation_id}", done=_DONE[what])


@routes.get("/authorisation-proposals/{id}")
async def proposal(request: web.Request) -> web.Response:
    """A proposed ending: what speaks for it, and the decision."""
    return await _proposal(request)


@routes.post("/authorisation-proposals/{id}/keep")
@routes.post("/authorisation-proposals/{id}/end")
async def decide(request: web.Request) -> web.Response:
    """A person decides."""
    proposal_id, keeps = path_id(request), request.path.endswith("/keep")
    try:
        async with unit_of_work(request) as work:
            service = ProposalService(work)
            await (service.keep if keeps else service.end)(
                actor(request), proposal_id, text(request, "reason")
            )
    except ServiceError as error:
        if isinstance(error, NotFoundError):
            raise
        return await _proposal(request, error=refusals.error(error), status=422)
    raise go("/authorisations", done="proposal_kept" if keeps else "authorisation_ended")


def _change(request: web.Request) -> str:
    return request.path.rpartition("/")[2]


async def _page(request: web.Request, *, error: str = "", status: int = 200) -> web.Response:
    async with unit_of_work(request) as work:
        one = await RegistryService(work).show(actor(request), path_id(request))
    return render(
        request,
        "authorisation.html",
        one=one,
        is_society=actor(request).organisation_id == one.society_id,
        kinds=tuple(FindingKind),
        typed=forms.typed(request),
        error=error,
        status=status,
    )


async def _second_look(request: web.Request, *, error: str = "", status: int = 200) -> web.Response:
    async with unit_of_work(request) as work:
        one = await RegistryService(work).show(actor(request), path_id(request))
    if actor(request).organisation_id != one.society_id:
        raise NotFoundError("access.not_found")
    return render(
        request,
        "authorisation_change.html",
        one=one,
        change=_change(request),
        causes=CAUSES,
        typed=forms.typed(request),
        error=error,
        status=status,
    )


async def _proposal(request: web.Request, *, error: str = "", status: int = 200) -> web.Response:
    async with unit_of_work(request) as work:
        one = await ProposalService(work).show(actor(request), path_id(request))
    return render(
        request,
        "authorisation_proposal.html",
        one=one,
        typed=forms.typed(request),
        error=error,
        status=status,
    )
