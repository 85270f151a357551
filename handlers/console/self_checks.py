"""年度自查 (C12) and 成绩上报 (C10): handed in by the sub-centre, decided by the society."""

from uuid import UUID

from aiohttp import web

from handlers.console import forms, refusals
from handlers.console.context import actor, form, go, path_id, query_id, text, unit_of_work
from handlers.console.pages import render
from services.authorisation.reports import ReportService
from services.authorisation.self_checks import SelfCheckService
from services.authorisation.views import PlanLine, SelfCheckView, TrainingLine
from services.errors import ForbiddenError, NotFoundError, ServiceError

routes = web.RouteTableDef()


@routes.get("/self-checks/{id}")
async def show(request: web.Request) -> web.Response:
    """One self-check: the form while it is open, then what was handed in."""
    return await _page(request)


@routes.post("/self-checks/{id}/hand-in")
async def hand_in(request: web.Request) -> web.Response:
    """Hand it in, for good."""
    self_check_id, who = path_id(request), actor(request)
    try:
        async with unit_of_work(request) as work:
            service = SelfCheckService(work)
            view = await service.show(who, self_check_id)
            await service.hand_in(
                who,
                self_check_id,
                declared=_declared(request, view),
                note=text(request, "note"),
                situation=text(request, "situation"),
                problems=text(request, "problems"),
                plan=_plan(request, view),
                assessors_wanted=text(request, "assessors_wanted"),
            )
    except ServiceError as error:
        return await _refused(request, error)
    raise go(f"/self-checks/{self_check_id}", done="self_check_handed_in")


@routes.post("/self-checks/{id}/assess")
async def assess(request: web.Request) -> web.Response:
    """The society's assessment."""
    self_check_id = path_id(request)
    try:
        async with unit_of_work(request) as work:
            await SelfCheckService(work).assess(
                actor(request),
                self_check_id,
                "failed" if text(request, "outcome") == "failed" else "accepted",
                text(request, "reason"),
            )
    except ServiceError as error:
        return await _refused(request, error)
    raise go(f"/self-checks/{self_check_id}", done="self_check_assessed")


@routes.post("/self-checks/{id}/excuse")
async def excuse(request: web.Request) -> web.Response:
    """It was missed, and the sub-centre may go on."""
    self_check_id = path_id(request)
    try:
        async with unit_of_work(request) as work:
            await SelfCheckService(work).excuse(actor(request), self_check_id, text(request, "reason"))
    except ServiceError as error:
        return await _refused(request, error)
    raise go(f"/self-checks/{self_check_id}", done="self_check_excused")


@routes.get("/sittings/{id}/report")
async def ask_report(request: web.Request) -> web.Response:
    """Which assessors report the results of a sitting."""
    return await _report_form(request)


@routes.post("/sittings/{id}/report")
async def report(request: web.Request) -> web.Response:
    """Report them to the society."""
    try:
        async with unit_of_work(request) as work:
            report_id = await ReportService(work).report(
                actor(request),
                path_id(request),
                assessor_ids=_chosen(request, "assessor"),
                note=text(request, "note"),
            )
    except ServiceError as error:
        if isinstance(error, NotFoundError | ForbiddenError):
            raise
        return await _report_form(request, error=refusals.error(error), status=422)
    raise go(f"/result-reports/{report_id}", done="report_made")


@routes.get("/result-reports/{id}")
async def reported(request: web.Request) -> web.Response:
    """One report; the look is logged."""
    return await _report(request)


@routes.post("/result-reports/{id}/approve")
async def approve(request: web.Request) -> web.Response:
    """In order: the society issues."""
    report_id = path_id(request)
    try:
        async with unit_of_work(request) as work:
            await ReportService(work).approve(actor(request), report_id)
    except ServiceError as error:
        if isinstance(error, NotFoundError | ForbiddenError):
            raise
        return await _report(request, error=refusals.error(error), status=422)
    raise go(f"/result-reports/{report_id}", done="report_approved")


@routes.post("/result-reports/{id}/return")
async def send_back(request: web.Request) -> web.Response:
    """Not in order."""
    report_id = path_id(request)
    try:
        async with unit_of_work(request) as work:
            await ReportService(work).send_back(actor(request), report_id, text(request, "reason"))
    except ServiceError as error:
        if isinstance(error, NotFoundError | ForbiddenError):
            raise
        return await _report(request, error=refusals.error(error), status=422)
    raise go(f"/result-reports/{report_id}", done="report_returned")


async def _report_form(request: web.Request, *, error: str = "", status: int = 200) -> web.Response:
    async with unit_of_work(request) as work:
        assessors = await ReportService(work).assessors(actor(request), path_id(request))
    return render(
        request,
        "result_report_new.html",
        assessors=assessors,
        sitting_id=path_id(request),
        typed=forms.typed(request),
        error=error,
        status=status,
    )


async def _report(request: web.Request, *, error: str = "", status: int = 200) -> web.Response:
    async with unit_of_work(request) as work:
        one = await ReportService(work).show(actor(request), path_id(request))
    return render(
        request,
        "result_report.html",
        one=one,
        is_society=actor(request).organisation_id == one.society_id,
        typed=forms.typed(request),
        error=error,
        status=status,
    )


async def _refused(request: web.Request, error: ServiceError) -> web.Response:
    if isinstance(error, NotFoundError | ForbiddenError):
        raise error
    return await _page(request, error=refusals.error(error), status=422)


async def _page(request: web.Request, *, error: str = "", status: int = 200) -> web.Response:
    async with unit_of_work(request) as work:
        one = await SelfCheckService(work).show(actor(request), path_id(request))
    return render(
        request,
        "self_check.html",
        one=one,
        is_own=actor(request).organisation_id == one.organisation_id,
        typed=forms.typed(request),
        error=error,
        status=status,
    )


def _declared(request: web.Request, view: SelfCheckView) -> list[TrainingLine]:
    return [
        TrainingLine(
            occupation=line.occupation,
            level=line.level,
            label=line.label,
            trained=_whole(request, f"trained.{line.occupation}.{line.level}", line.label),
            examined=_whole(request, f"examined.{line.occupation}.{line.level}", line.label),
            passed=_whole(request, f"passed.{line.occupation}.{line.level}", line.label),
        )
        for line in view.counted
    ]


def _plan(request: web.Request, view: SelfCheckView) -> list[PlanLine]:
    return [
        PlanLine(
            occupation=line.occupation,
            level=line.level,
            label=line.label,
            people=forms.optional_whole(request, f"people.{line.occupation}.{line.level}", line.label) or 0,
            times=text(request, f"times.{line.occupation}.{line.level}"),
        )
        for line in view.plan
    ]


def _whole(request: web.Request, name: str, label: str) -> int:
    return forms.whole(request, name, f"{label}的人数")


def _chosen(request: web.Request, name: str) -> list[UUID]:
    values = (query_id(value) for value in form(request).getall(name, []) if isinstance(value, str))
    return [value for value in values if value is not None]
