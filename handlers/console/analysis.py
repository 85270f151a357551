"""Analysis by knowledge area: everybody, by region, organisation or sitting; as a page and as xlsx (B11)."""

from datetime import date

from aiohttp import web

from handlers.console import refusals
from handlers.console.context import SIGNED_IN, actor, unit_of_work
from handlers.console.pages import download, render
from services.diagnosis.analysis import AnalysisService, AnalysisView, Grouping
from services.errors import ServiceError
from services.rules import partaking

routes = web.RouteTableDef()


@routes.get("/analysis")
async def show(request: web.Request) -> web.Response:
    """Means by area; groups of few people are not shown alone."""
    view: AnalysisView | None = None
    error = ""
    async with unit_of_work(request) as work:
        service = AnalysisService(work)
        schemes = partaking.sees(service.schemes(), request[SIGNED_IN].organisation_kind)
        scheme_id = request.query.get("scheme", "") or next((one.id for one in schemes), "")
        if scheme_id:
            try:
                view = await service.show(
                    actor(request),
                    scheme_id,
                    by=_grouping(request),
                    since=_day(request, "since"),
                    until=_day(request, "until"),
                )
            except ServiceError as refusal:
                if refusal.kind == "not_found":
                    raise
                error = refusals.error(refusal)
    return render(
        request,
        "analysis.html",
        view=view,
        schemes=schemes,
        scheme_id=scheme_id,
        by=_grouping(request),
        groupings=tuple(Grouping),
        since=request.query.get("since", ""),
        until=request.query.get("until", ""),
        error=error,
        status=422 if error else 200,
    )


@routes.get("/analysis.xlsx")
async def export(request: web.Request) -> web.Response:
    """The same figures to take away; logged."""
    async with unit_of_work(request) as work:
        content = await AnalysisService(work).export(
            actor(request),
            request.query.get("scheme", ""),
            by=_grouping(request),
            since=_day(request, "since"),
            until=_day(request, "until"),
        )
    return download(content, "分领域分析.xlsx")


def _grouping(request: web.Request) -> Grouping:
    given = request.query.get("by", "")
    return Grouping(given) if given in tuple(Grouping) else Grouping.REGION


def _day(request: web.Request, name: str) -> date | None:
    """A day of the query; what is none counts as not given."""
    try:
        found = date.fromisoformat(request.query.get(name, ""))
    except ValueError:
        return None
    return found if 2000 <= found.year < 2100 else None
